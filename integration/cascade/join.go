package cascade

import (
	"context"

	"suivi/domain"
	"suivi/domain/ticket"
)

// maxSteps bounds how much is done at a time for one link: a copy in so many
// parts, or so many numbers that were lost to posts.
const maxSteps = 200

// join does what is due for every link of the original.
func (r reactor) join(ctx context.Context, id domain.TicketID, because cause) error {
	original, err := r.Commands.Ticket(ctx, id)
	if err != nil {
		return err
	}
	for _, link := range original.Inner.Links {
		for range maxSteps {
			more, err := r.step(ctx, id, link.ID, because)
			if err != nil {
				return err
			}
			if !more {
				break
			}
		}
	}
	return nil
}

// step looks at both ends of a link as they are now and does the one thing that is
// due; more tells whether there may be another.
func (r reactor) step(ctx context.Context, id domain.TicketID, linkID string, because cause) (more bool, err error) {
	original, err := r.Commands.Ticket(ctx, id)
	if err != nil {
		return false, err
	}
	link := linkOf(original, linkID)
	if because.actor == "" {
		because.actor = link.By
	}
	var copied ticket.Ticket
	if link.Copy != "" {
		if copied, err = r.Commands.Ticket(ctx, link.Copy); err != nil {
			return false, err
		}
	}
	there := copied.Inner.CopyOf.Original == ticket.Original{Ticket: id, Link: linkID}
	if link.Ended != "" {
		if there && copied.Inner.CopyOf.Ended == "" {
			return false, r.end(ctx, copied.ID, linkID, link.Ended, link.Reason, because)
		}
		return false, nil
	}
	if why, reason := lost(original, copied, there); why != "" {
		if !because.ends {
			return false, nil
		}
		return true, r.end(ctx, original.ID, linkID, why, reason, because)
	}
	// What begins a link is done in the name of who wanted it, whoever's deed has reminded us.
	because.actor = link.By
	c := because.caller()
	switch {
	case link.Copy == "" || copied.Exists() && !there: // not chosen yet, or the number is somebody else's
		return true, r.Commands.AimCopy(ctx, c, because.step(), id, link)
	case !there:
		return true, r.Commands.PostCopy(ctx, c, because.step(), original)
	case copied.Inner.CopyOf.Comments < link.Comments:
		return r.Commands.CopyMore(ctx, c, because.step(), original)
	}
	return false, nil
}

func linkOf(original ticket.Ticket, id string) ticket.Link {
	for _, link := range original.Inner.Links {
		if link.ID == id {
			return link
		}
	}
	return ticket.Link{}
}

// lost tells why the link cannot go on, if it cannot.
func lost(original, copied ticket.Ticket, there bool) (why ticket.Ending, reason string) {
	switch {
	case original.Inner.Deleted || there && copied.Inner.Deleted:
		return ticket.EndDeleted, ""
	case there && copied.Inner.CopyOf.Refused:
		return ticket.EndRefused, copied.Inner.CopyOf.Reason
	}
	return "", ""
}

func (r reactor) end(ctx context.Context, id domain.TicketID, link string, why ticket.Ending, reason string, because cause) error {
	_, err := r.Commands.ChangeTicket(ctx, because.caller(), because.step(), id,
		ticket.End{Link: link, Why: why, Reason: reason})
	return err
}
