package commands

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// What a cascade does at its two ends. Each method is one append at most, may be
// cut off before or after it, and may be called again, with a command of its own
// each time: what it writes depends on the moment. Which one is due, integration/cascade says.

// Link is the id of the link that the command makes of the ticket, the same each time
// that it is sent. People may give one idempotency key to several tickets.
func (r Request) Link(id domain.TicketID) string {
	return uuid.NewSHA1(r.Command, []byte("link of "+id)).String()
}

// Ticket is a ticket as of now, whoever may see it, deleted or not; the zero one
// if there is none.
func (h *Handler) Ticket(ctx context.Context, id domain.TicketID) (ticket.Ticket, error) {
	f, err := h.tickets.refresh(ctx, id.Stream())
	return f.state, err
}

// Original is the ticket that the ticket is a copy of; zero when it is none. A
// ticket's first event tells, so that nothing need be read anew.
func (h *Handler) Original(ctx context.Context, id domain.TicketID) (ticket.Original, error) {
	f, _, err := h.tickets.load(ctx, id.Stream(), false)
	return f.state.Inner.CopyOf.Original, err
}

// AimCopy notes on the original which ticket its copy is to be: one with a number
// that is free in the parent tracker, in place of an earlier choice, if there is one.
func (h *Handler) AimCopy(ctx context.Context, c Caller, req Request, id domain.TicketID, link ticket.Link) error {
	number, err := h.freeNumber(ctx, link.To)
	if err != nil {
		return err
	}
	aimed := domain.NewTicketID(link.To, number)
	out, err := h.ChangeTicket(ctx, c, req, id, ticket.Aim{Link: link.ID, Copy: aimed, InsteadOf: link.Copy})
	if now, active := out.State.Inner.Active(); err != nil || !active || now.Copy != aimed {
		h.numbers.giveBack(link.To, number) // should it have been noted all the same, PostCopy meets who took it
	}
	return err
}

func (h *Handler) freeNumber(ctx context.Context, key domain.TrackerKey) (int64, error) {
	for try := range maxPostTries {
		if try%patience == patience-1 {
			if err := h.numbers.leap(ctx, key); err != nil {
				return 0, err
			}
		}
		number, err := h.numbers.take(ctx, key)
		if err != nil {
			return 0, err
		}
		taken, err := h.hasTicket(ctx, domain.NewTicketID(key, number))
		if !taken || err != nil {
			return number, err
		}
	}
	return 0, tooBusy("posting in " + string(key))
}

// PostCopy posts the copy of the original where that says. If somebody has the
// number by now, nothing is done: the event store has decided, and AimCopy is due again.
func (h *Handler) PostCopy(ctx context.Context, c Caller, req Request, original ticket.Ticket) error {
	link, active := original.Inner.Active()
	if !active || link.Copy == "" {
		return nil
	}
	command, facts, err := h.copyOf(ctx, c, original, link)
	if err != nil {
		return err
	}
	events, err := ticket.Decide(ticket.Ticket{}, command, facts)
	if err != nil || len(events) == 0 {
		return err
	}
	_, err = h.tickets.append(ctx, link.Copy.Stream(), folded[ticket.Ticket]{}, events, req.meta(c, facts.OccurredAt))
	if errors.Is(err, eventstore.ErrWrongRevision) {
		return nil
	}
	return err
}

func (h *Handler) copyOf(ctx context.Context, c Caller, original ticket.Ticket, link ticket.Link) (ticket.Copy, ticket.Facts, error) {
	command := ticket.Copy{Number: link.Copy.Number(), Original: original}
	facts, err := h.ticketFacts(ctx, c, link.To)
	if err != nil {
		return command, facts, err
	}
	if err := h.watchDefaults(ctx, &facts, ticket.Ticket{}, command); err != nil {
		return command, facts, err
	}
	if facts.Tracker.Assignment.By == tracker.ByLeastOpen {
		if facts.OpenByAssignee, err = h.cfg.OpenByAssignee(ctx, link.To); err != nil {
			return command, facts, err
		}
	}
	if command.From, err = h.desk(ctx, original.Tracker); err != nil {
		return command, facts, err
	}
	command.Transcript, err = h.transcript(ctx, original.ID)
	return command, facts, err
}

// CopyMore gives a copy the next of its original's comments; did tells whether there were any left.
func (h *Handler) CopyMore(ctx context.Context, c Caller, req Request, original ticket.Ticket) (did bool, err error) {
	link, active := original.Inner.Active()
	if !active {
		return false, nil
	}
	before, err := h.Ticket(ctx, link.Copy)
	if err != nil {
		return false, err
	}
	transcript, err := h.transcript(ctx, original.ID)
	if err != nil {
		return false, err
	}
	out, err := h.ChangeTicket(ctx, c, req, link.Copy, ticket.CopyMore{Upto: link.Comments, Transcript: transcript})
	return out.State.Inner.CopyOf.Comments > before.Inner.CopyOf.Comments, err
}

// transcript is what everybody who sees the ticket reads in it.
func (h *Handler) transcript(ctx context.Context, id domain.TicketID) (ticket.Transcript, error) {
	var transcript ticket.Transcript
	for e, err := range h.cfg.Store.Read(ctx, id.Stream(), 0) {
		if err != nil {
			return transcript, storeError("read "+id.Stream(), err)
		}
		event, meta, err := decodeTicketEvent(e)
		if err != nil {
			return transcript, err
		}
		transcript = transcript.With(event, meta)
	}
	return transcript, nil
}

// parentDesk is the tracker above, zero if there is none.
func (h *Handler) parentDesk(ctx context.Context, key domain.TrackerKey) (tracker.Tracker, error) {
	parent, err := h.parentOf(ctx, key)
	if err != nil || parent == "" {
		return tracker.Tracker{}, err
	}
	return h.desks.get(ctx, parent.Stream())
}
