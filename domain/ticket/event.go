package ticket

import (
	"suivi/domain"
	"suivi/domain/tracker"
)

// Event is a fact about a ticket. The types below are all there are.
type Event interface{ ticketEvent() }

// Posted starts a ticket, in the state posted.
type Posted struct {
	Tracker     domain.TrackerKey `json:"tracker"`
	Number      int64             `json:"number"`
	Summary     string            `json:"summary"`
	Description string            `json:"description"` // Markdown
	Answers     map[string]string `json:"answers,omitempty"`
	Reporter    domain.UserID     `json:"reporter"` // the event's actor, or whom they posted for
	// BranchedFrom is the comment that it grew out of, if any.
	BranchedFrom *Origin `json:"branchedFrom,omitempty"`
}

// Origin is a comment out of which a ticket grew.
type Origin struct {
	Ticket  domain.TicketID `json:"ticket"`
	Comment int             `json:"comment"`
}

// Edited changes the texts and answers that it names and leaves the others.
type Edited struct {
	Summary     *string           `json:"summary,omitempty"`
	Description *string           `json:"description,omitempty"`
	Answers     map[string]string `json:"answers,omitempty"` // an empty answer takes it away
}

// ResolutionWritten gives the ticket its solution text, in place of an earlier one.
type ResolutionWritten struct {
	Resolution string `json:"resolution"` // Markdown; empty takes it away
}

// StateChanged is one real change of state.
type StateChanged struct {
	From tracker.State `json:"from"`
	To   tracker.State `json:"to"`
}

// Assigned gives the ticket to a person, in place of the previous assignee if there was one.
type Assigned struct {
	Assignee domain.UserID `json:"assignee"`
	Previous domain.UserID `json:"previous,omitempty"`
}

// Unassigned takes the ticket from its assignee.
type Unassigned struct {
	Previous domain.UserID `json:"previous"`
}

// Commented adds a comment; its author is the event's actor.
type Commented struct {
	Comment int    `json:"comment"` // its number on the ticket, from 1
	Body    string `json:"body"`    // Markdown
	// Mentions are those whom the text names and who saw the ticket then.
	Mentions []domain.UserID `json:"mentions,omitempty"`
}

// CommentEdited gives a comment another text; its author stays, the event's
// actor is who edited it.
type CommentEdited struct {
	Comment  int             `json:"comment"`
	Body     string          `json:"body"`
	Mentions []domain.UserID `json:"mentions,omitempty"` // all of the new text
}

// CommentDeleted takes a comment's text away.
type CommentDeleted struct {
	Comment int `json:"comment"`
}

// NoteAdded adds an internal note, which only those hear of who may see such notes.
type NoteAdded struct {
	Note     int             `json:"note"` // its number among the notes of the ticket, from 1
	Body     string          `json:"body"` // Markdown
	Mentions []domain.UserID `json:"mentions,omitempty"`
}

// NoteEdited gives an internal note another text.
type NoteEdited struct {
	Note     int             `json:"note"`
	Body     string          `json:"body"`
	Mentions []domain.UserID `json:"mentions,omitempty"` // all of the new text
}

// NoteDeleted takes an internal note's text away.
type NoteDeleted struct {
	Note int `json:"note"`
}

// Watched subscribes a person to the ticket, or gives their watch another set of
// changes. Whether they also see the ticket, domain.Actor.SeesTicket tells.
type Watched struct {
	User      domain.UserID  `json:"user"`
	Topics    []domain.Topic `json:"events"`
	Automatic bool           `json:"automatic,omitempty"` // because they reported, wrote or were assigned
}

// Unwatched ends a person's watch.
type Unwatched struct {
	User domain.UserID `json:"user"`
}

// Deleted hides the ticket from everybody.
type Deleted struct{}

// Undeleted shows it again.
type Undeleted struct{}

// Branched says that a new ticket grew out of a comment.
type Branched struct {
	Comment int             `json:"comment"`
	Ticket  domain.TicketID `json:"ticket"` // the new one
}

// Internal tells whether the event is not for everybody who sees the ticket. It
// then leaves no trace for the others: not in the version, nor in UpdatedAt.
func Internal(event Event) bool {
	switch e := event.(type) {
	case NoteAdded, NoteEdited, NoteDeleted, Watched, Unwatched:
		return true
	case FileAttached:
		return e.Internal
	case FileRemoved:
		return e.Internal
	}
	return false
}

func (Posted) ticketEvent()            {}
func (Edited) ticketEvent()            {}
func (ResolutionWritten) ticketEvent() {}
func (StateChanged) ticketEvent()      {}
func (Assigned) ticketEvent()          {}
func (Unassigned) ticketEvent()        {}
func (Commented) ticketEvent()         {}
func (CommentEdited) ticketEvent()     {}
func (CommentDeleted) ticketEvent()    {}
func (NoteAdded) ticketEvent()         {}
func (NoteEdited) ticketEvent()        {}
func (NoteDeleted) ticketEvent()       {}
func (Watched) ticketEvent()           {}
func (Unwatched) ticketEvent()         {}
func (Deleted) ticketEvent()           {}
func (Undeleted) ticketEvent()         {}
func (Branched) ticketEvent()          {}
