package ticket

import (
	"errors"

	"suivi/domain"
)

// The commands below are the program's own (automatic.go): integration/mirror writes
// down with them what has become of a ticket's twin. Sent again, or by another
// process at the same time, they change nothing.

// Mirror says that there is a twin.
type Mirror struct{ Twin Mirrored }

// Match says which parts of the twin are which of the ticket, and which have ended.
type Match struct {
	Tool, Twin string
	Parts      []Part
}

// TakeIn does to the ticket, as the actor, what was done to its twin: once, however
// often it is told. What the actor may not do is noted and left.
type TakeIn struct {
	Tool, Twin string
	Change     string // its outside id
	Commands   []Command
	Refusal    *domain.Error   // nothing is done, for this reason, which is noted
	Refusals   []*domain.Error // of what the change has beside that, which are noted as well
	Parts      []Part          // of the twin that are known with it; a file's, once it is attached
}

// Forget ends the tie between the ticket and its twin.
type Forget struct {
	Tool, Twin string
	Why        Unmirror
	Gone       bool // the twin is no longer there
}

func (Mirror) ticketCommand() {}
func (Match) ticketCommand()  {}
func (TakeIn) ticketCommand() {}
func (Forget) ticketCommand() {}

// Inside are the commands that the command carries out: those in it, or itself.
func Inside(command Command) []Command {
	switch c := command.(type) {
	case WithFiles:
		return Inside(c.Command)
	case TakeIn:
		var all []Command
		for _, one := range c.Commands {
			all = append(all, Inside(one)...)
		}
		return all
	}
	return []Command{command}
}

// decideOfMirror is not asked whether anybody sees the ticket, nor whether its tracker
// is archived: what is on the other side is there all the same.
func decideOfMirror(t Ticket, command Command, facts Facts) ([]Event, error) {
	switch c := command.(type) {
	case Mirror:
		had, is := t.Inner.Twin(c.Twin.Tool)
		if is && (had.ID != c.Twin.ID || had.Site != c.Twin.Site) {
			return nil, domain.Errorf(domain.Refused, "already-mirrored", "%s has the twin %s in %s; it cannot have %s as well", t.ID, had.ID, had.Tool, c.Twin.ID)
		}
		if !is {
			return []Event{c.Twin}, nil
		}
	case Match:
		return t.match(c), nil
	case TakeIn:
		return takeIn(t, c, facts)
	case Forget:
		if had, is := t.Inner.Twin(c.Tool); is && had.ID == c.Twin {
			return []Event{Unmirrored{Tool: c.Tool, ID: c.Twin, Why: c.Why, Gone: c.Gone}}, nil
		}
	}
	return nil, nil
}

func (t Ticket) match(c Match) []Event {
	twin, is := t.Inner.Twin(c.Tool)
	if !is || twin.ID != c.Twin {
		return nil
	}
	fresh := MirrorMatched{Tool: c.Tool, ID: c.Twin}
	for _, part := range c.Parts {
		if twin.Has(part.ID) == part.Ended {
			fresh.Parts = append(fresh.Parts, part)
		}
	}
	if len(fresh.Parts) == 0 {
		return nil
	}
	return []Event{fresh}
}

func takeIn(t Ticket, c TakeIn, facts Facts) ([]Event, error) {
	twin, is := t.Inner.Twin(c.Tool)
	if !is || twin.ID != c.Twin || twin.Has(c.Change) {
		return nil, nil
	}
	if c.Refusal != nil {
		c.Commands, c.Refusals = nil, []*domain.Error{c.Refusal}
	}
	var events []Event
	for _, refusal := range c.Refusals {
		events = append(events, c.note(refusal))
	}
	for _, command := range c.Commands {
		more, err := Decide(t, command, facts)
		if err != nil {
			if more, err = c.refused(err); err != nil {
				return nil, err
			}
			rest, err := c.rest(t, command, facts)
			if err != nil {
				return nil, err
			}
			more = append(more, rest...)
		}
		events = append(events, more...)
		t = t.after(more, facts)
	}
	return append(events, MirrorMatched{Tool: c.Tool, ID: c.Twin, Parts: c.known(events)}), nil
}

// rest is what can be done of a command that was refused as a whole: what was said
// with a state, what was said without its files. That the whole was refused is noted already.
func (c TakeIn) rest(t Ticket, command Command, facts Facts) ([]Event, error) {
	var events []Event
	for _, one := range leftOf(command) {
		more, err := Decide(t, one, facts)
		if err != nil {
			if _, err := c.refused(err); err != nil {
				return nil, err
			}
			if more, err = c.rest(t, one, facts); err != nil {
				return nil, err
			}
		}
		events, t = append(events, more...), t.after(more, facts)
	}
	return events, nil
}

// leftOf are the smaller commands that are left of one without what may have been refused of it.
func leftOf(command Command) []Command {
	switch c := command.(type) {
	case WithFiles:
		change, ok := c.Command.(ChangeState)
		switch {
		case !ok:
			return []Command{c.Command}
		case change.Comment == "":
			return append([]Command{Attach{Files: c.Files}}, leftOf(change)...)
		}
		return append([]Command{WithFiles{Comment{change.Comment}, c.Files}}, leftOf(ChangeState{Resolution: change.Resolution})...)
	case ChangeState:
		var left []Command
		if c.Comment != "" {
			left = append(left, Comment{c.Comment})
		}
		if c.Resolution != "" {
			left = append(left, Edit{Resolution: &c.Resolution})
		}
		return left
	}
	return nil
}

// known are the parts that are known with the events: what was said is the change itself.
func (c TakeIn) known(events []Event) []Part {
	part := Part{ID: c.Change}
	attached := map[domain.AttachmentID]bool{"": true}
	for _, event := range events {
		switch said := event.(type) {
		case Commented:
			part.Comment = said.Comment
		case NoteAdded:
			part.Note = said.Note
		case FileAttached:
			attached[said.ID] = true
		}
	}
	parts := []Part{part}
	for _, other := range c.Parts {
		if attached[other.Attachment] {
			parts = append(parts, other)
		}
	}
	return parts
}

// refused is what is noted of a refusal: nothing when the ticket is as wanted already.
func (c TakeIn) refused(err error) ([]Event, error) {
	refusal, ok := errors.AsType[*domain.Error](err)
	switch {
	case !ok, refusal.Kind == domain.Internal, refusal.Kind == domain.Unavailable, refusal.Kind == domain.Stale:
		return nil, err
	case refusal.Code == "no-change":
		return nil, nil
	}
	return []Event{c.note(refusal)}, nil
}

func (c TakeIn) note(refusal *domain.Error) Event {
	return MirrorRefused{Tool: c.Tool, ID: c.Twin, Change: c.Change, Code: refusal.Code, Reason: refusal.Message}
}
