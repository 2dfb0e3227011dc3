package ticket

import (
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Cascaded sends the ticket to the parent tracker: a copy of it is to be there.
// StateChanged to transferred follows.
type Cascaded struct {
	Link string            `json:"link"` // names this sending, for ever and in both tickets
	To   domain.TrackerKey `json:"to"`
}

// CascadeLinked says which ticket the copy is. It comes before the copy itself,
// and again with another number when that one was lost to a post.
type CascadeLinked struct {
	Link string          `json:"link"`
	Copy domain.TicketID `json:"copy"`
}

// CascadeReported tells on the ticket what has become of its copy.
type CascadeReported struct {
	Link       string        `json:"link"`
	State      tracker.State `json:"state,omitempty"`      // that the copy came to
	Resolution *string       `json:"resolution,omitempty"` // that was written there, or taken away
}

// CascadeRefused hands a copy back: the parent tracker will not do it.
type CascadeRefused struct {
	Link   string `json:"link"`
	Reason string `json:"reason"`
}

// CascadeEnded ends the link, on the ticket and then on its copy.
type CascadeEnded struct {
	Link   string `json:"link"`
	Why    Ending `json:"why"`
	Reason string `json:"reason,omitempty"`
}

// Ending is why a link has ended. The zero one has not.
type Ending string

// The endings.
const (
	EndRecalled Ending = "recalled" // called back from below
	EndRefused  Ending = "refused"  // handed back from above
	EndDeleted  Ending = "deleted"  // one of the two tickets was
	EndReopened Ending = "reopened" // closed with its copy, and taken up again below
)

func (Cascaded) ticketEvent() string        { return cascadedV1 }
func (CascadeLinked) ticketEvent() string   { return cascadeLinkedV1 }
func (CascadeReported) ticketEvent() string { return cascadeReportedV1 }
func (CascadeRefused) ticketEvent() string  { return cascadeRefusedV1 }
func (CascadeEnded) ticketEvent() string    { return cascadeEndedV1 }

// Cascade sends the ticket to the parent tracker. Facts.Parent is that one.
type Cascade struct {
	Link    string // a new one
	Comment string // may be empty
}

// Recall ends the link with the copy and opens the ticket again.
type Recall struct{}

// Refuse hands a copy back and abandons it.
type Refuse struct{ Reason string }

func (Cascade) ticketCommand() {}
func (Recall) ticketCommand()  {}
func (Refuse) ticketCommand()  {}

// Link is one time that a ticket was sent to the parent tracker.
type Link struct {
	ID       string
	To       domain.TrackerKey
	By       domain.UserID
	Comments int             // how many the ticket had: those go with it
	Copy     domain.TicketID // "": not known yet
	Ended    Ending
	Reason   string
}

// CopyOf is what a copy knows of its original. It is zero on other tickets.
type CopyOf struct {
	Original
	Comments int // up to which of the original's it has them
	Refused  bool
	Reason   string
	Ended    Ending
}

// Active is the link that has not ended, if there is one: the last.
func (in Inner) Active() (Link, bool) {
	if n := len(in.Links); n > 0 && in.Links[n-1].Ended == "" {
		return in.Links[n-1], true
	}
	return Link{}, false
}

// active is that link, provided that it has the id.
func (in Inner) active(id string) (Link, bool) {
	link, ok := in.Active()
	return link, ok && link.ID == id
}

// linked takes in an event of a cascade.
func (in Inner) linked(event Event, meta domain.Meta, comments int) Inner {
	switch e := event.(type) {
	case Cascaded:
		in.Links = append(slices.Clip(in.Links), Link{ID: e.Link, To: e.To, By: meta.Actor, Comments: comments})
	case CascadeLinked:
		in.Links = relinked(in.Links, e.Link, func(l *Link) { l.Copy = e.Copy })
	case CascadeRefused:
		in.CopyOf.Refused, in.CopyOf.Reason = true, e.Reason
	case CascadeEnded:
		in.Links = relinked(in.Links, e.Link, func(l *Link) { l.Ended, l.Reason = e.Why, e.Reason })
		if in.CopyOf.Link == e.Link {
			in.CopyOf.Ended = e.Why
		}
	}
	return in
}

func relinked(links []Link, id string, change func(*Link)) []Link {
	links = slices.Clone(links)
	for i := range links {
		if links[i].ID == id {
			change(&links[i])
		}
	}
	return links
}

func cascade(t Ticket, c Cascade, facts Facts) ([]Event, error) {
	if !facts.Tracker.May(facts.Actor, domain.Cascade) {
		return nil, rightMissing("send this ticket to the parent tracker")
	}
	if err := facts.Tracker.CheckCascade(t.State, facts.Parent); err != nil {
		return nil, err
	}
	if _, linked := t.Inner.Active(); linked {
		return nil, domain.Errorf(domain.Refused, "still-linked", "%s was closed with its copy; recall or reopen it first", t.ID)
	}
	var events []Event
	if c.Comment != "" {
		said, err := comment(t, Comment{c.Comment}, facts)
		if err != nil {
			return nil, err
		}
		events = said
	}
	return append(events, Cascaded{Link: c.Link, To: facts.Parent.Key}, StateChanged{From: t.State, To: tracker.Transferred}), nil
}

func recall(t Ticket, facts Facts) ([]Event, error) {
	if !facts.Tracker.May(facts.Actor, domain.Cascade) {
		return nil, rightMissing("call this ticket back")
	}
	link, ok := t.Inner.Active()
	if !ok {
		return nil, domain.Errorf(domain.Refused, "not-linked", "%s has no copy in a parent tracker that it could be called back from", t.ID)
	}
	events := []Event{CascadeEnded{Link: link.ID, Why: EndRecalled}}
	if to := facts.Tracker.Reopened(); to != t.State {
		events = append(events, StateChanged{From: t.State, To: to})
		events = append(events, entered(t, facts)...)
	}
	return events, nil
}

func refuse(t Ticket, c Refuse, facts Facts) ([]Event, error) {
	copied := t.Inner.CopyOf
	switch {
	case !facts.Tracker.May(facts.Actor, domain.Cascade):
		return nil, rightMissing("hand this ticket back")
	case copied.Link == "" || copied.Ended != "" || copied.Refused:
		return nil, domain.Errorf(domain.Refused, "not-linked", "%s is no copy of a ticket that it could be handed back to", t.ID)
	case t.List != tracker.OpenList:
		return nil, domain.Errorf(domain.Refused, "not-open", "%s is closed; open it before you hand it back", t.ID)
	case !facts.Tracker.Enabled(tracker.Abandoned):
		return nil, domain.Errorf(domain.Refused, "state-disabled", "the tracker %s does not use the state %s", facts.Tracker.Key, tracker.Abandoned)
	}
	if err := checkReason("reason", c.Reason); err != nil {
		return nil, err
	}
	return []Event{CascadeRefused{Link: copied.Link, Reason: c.Reason}, StateChanged{From: t.State, To: tracker.Abandoned}}, nil
}

// unlinked ends the link of a ticket that was closed with its copy and is opened by hand.
func (t Ticket) unlinked(to tracker.State) []Event {
	link, ok := t.Inner.Active()
	if !ok || to.List() != tracker.OpenList {
		return nil
	}
	return []Event{CascadeEnded{Link: link.ID, Why: EndReopened}}
}
