package ticket

import (
	"slices"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
)

// The commands below are the program's own (automatic.go): with them one end of a
// cascade does what has to be done at the other. They change nothing when
// they come too late: the link has ended, or another process was faster.

// Aim says which ticket the copy is to be, in place of an earlier choice, if there is one.
type Aim struct {
	Link            string
	Copy, InsteadOf domain.TicketID
}

// Report tells the original of an event of its copy.
type Report struct {
	Link       string
	Event      Event
	Author     domain.UserID // of the event
	At         time.Time     // when it occurred
	Resolution string        // that the copy has
}

// End ends the link, on either end.
type End struct {
	Link   string
	Why    Ending
	Reason string
}

func (Aim) ticketCommand()    {}
func (Report) ticketCommand() {}
func (End) ticketCommand()    {}

// decideOfCascade is not asked whether anybody sees the ticket: a deleted one has
// its end of the link as well.
func decideOfCascade(t Ticket, command Command, facts Facts) ([]Event, error) {
	if facts.Tracker.Archived {
		return nil, tracker.ErrArchived(facts.Tracker.Key)
	}
	switch c := command.(type) {
	case Aim:
		if link, ok := t.Inner.active(c.Link); ok && link.Copy == c.InsteadOf {
			return []Event{CascadeLinked{Link: c.Link, Copy: c.Copy}}, nil
		}
	case CopyMore:
		return copyMore(t, c), nil
	case Report:
		if _, ok := t.Inner.active(c.Link); ok {
			return report(t, c, facts), nil
		}
	case End:
		return end(t, c, facts), nil
	}
	return nil, nil
}

func end(t Ticket, c End, facts Facts) []Event {
	ended := CascadeEnded(c)
	if _, ok := t.Inner.active(c.Link); !ok {
		if t.Inner.CopyOf.Link == c.Link && t.Inner.CopyOf.Ended == "" {
			return []Event{ended}
		}
		return nil
	}
	if t.State != tracker.Transferred && (c.Why != EndRefused || !t.followed()) {
		return []Event{ended} // it was closed with its copy, and stays so
	}
	return append([]Event{ended, StateChanged{From: t.State, To: facts.Tracker.Reopened()}}, entered(t, facts)...)
}

func report(t Ticket, c Report, facts Facts) []Event {
	switch e := c.Event.(type) {
	case StateChanged:
		return append([]Event{CascadeReported{Link: c.Link, State: e.To}}, follow(t, c, e.To, facts)...)
	case ResolutionWritten:
		events := []Event{CascadeReported{Link: c.Link, Resolution: &e.Resolution}}
		if t.State == tracker.Resolved && facts.Tracker.Reports() == tracker.ReportResolve && e.Resolution != t.Resolution {
			events = append(events, e)
		}
		return events
	case Commented:
		own := e.Copied != nil && e.Copied.Link == c.Link
		if own || !facts.Tracker.ReportComments || facts.Tracker.CommentsOff {
			return nil
		}
		author, at := e.Said(domain.Meta{Actor: c.Author, OccurredAt: c.At})
		return []Event{Commented{Comment: t.Comments + 1, Body: e.Body, Copied: &Copied{Link: c.Link, Comment: e.Comment, Author: author, At: at}}}
	case CommentEdited:
		if n, said := t.reported(c.Link, e.Comment); n > 0 && !said.Deleted && !said.says(e.Body) {
			return []Event{CommentEdited{Comment: n, Body: e.Body}}
		}
	case CommentDeleted:
		if n, said := t.reported(c.Link, e.Comment); n > 0 && !said.Deleted {
			return append([]Event{CommentDeleted{Comment: n}}, t.removeAll(func(a Attached) bool { return a.Comment == n })...)
		}
	}
	return nil
}

// follow is what the ticket does when its copy has come to a state. What people
// did with it since, stays.
func follow(t Ticket, c Report, copied tracker.State, facts Facts) []Event {
	if !t.followed() {
		return nil
	}
	to := facts.Tracker.Follows(t.State, copied)
	if to == "" {
		return nil
	}
	change := StateChanged{From: t.State, To: to}
	if to == tracker.Resolved && c.Resolution != "" && c.Resolution != t.Resolution {
		return []Event{ResolutionWritten{Resolution: c.Resolution}, change}
	}
	return []Event{change}
}

// followed tells whether the ticket, which is linked, stands where its link has put it.
func (t Ticket) followed() bool {
	return slices.Contains([]tracker.State{tracker.Transferred, tracker.Resolved, tracker.Abandoned}, t.State)
}

// reported is the comment by which a comment of the copy was reported; number 0 when it was not.
func (t Ticket) reported(link string, comment int) (int, Remark) {
	for i, said := range t.Inner.Comments {
		if said.Copied == (CopiedFrom{link, comment}) {
			return i + 1, said
		}
	}
	return 0, Remark{}
}
