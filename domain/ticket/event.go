package ticket

import (
	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/tracker"
)

// Event is a fact about a ticket. The types below are all there are.
type Event interface {
	ticketEvent() string // the name under which it is stored
}

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
	// CopyOf is the ticket of another tracker that it is a copy of, if it is one.
	CopyOf *Original `json:"copyOf,omitempty"`
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
	// Copied tells whose comment it is, if it was said on the other end of a cascade.
	Copied *Copied `json:"copied,omitempty"`
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
	case NoteAdded, NoteEdited, NoteDeleted, Watched, Unwatched, Mirrored, MirrorMatched, MirrorRefused, Unmirrored:
		return true
	case FileAttached:
		return e.Internal
	case FileRemoved:
		return e.Internal
	}
	return false
}

// Ranked gives the ticket another place in its tracker's stack.
type Ranked struct {
	Rank rank.Key `json:"rank"`
}

// RaiseRequested asks for a better rank.
type RaiseRequested struct {
	Request int    `json:"request"` // its number on the ticket, from 1
	Reason  string `json:"reason"`
	Urgent  bool   `json:"urgent,omitempty"`
}

// RaiseGranted grants a request; Ranked follows it, unless the ticket stays where it is.
type RaiseGranted struct {
	Request int `json:"request"`
}

// RaiseRefused refuses a request.
type RaiseRefused struct {
	Request int    `json:"request"`
	Answer  string `json:"answer"`
}

func (Posted) ticketEvent() string            { return postedV1 }
func (Edited) ticketEvent() string            { return editedV1 }
func (ResolutionWritten) ticketEvent() string { return resolutionWrittenV1 }
func (StateChanged) ticketEvent() string      { return stateChangedV1 }
func (Assigned) ticketEvent() string          { return assignedV1 }
func (Unassigned) ticketEvent() string        { return unassignedV1 }
func (Commented) ticketEvent() string         { return commentedV1 }
func (CommentEdited) ticketEvent() string     { return commentEditedV1 }
func (CommentDeleted) ticketEvent() string    { return commentDeletedV1 }
func (NoteAdded) ticketEvent() string         { return noteAddedV1 }
func (NoteEdited) ticketEvent() string        { return noteEditedV1 }
func (NoteDeleted) ticketEvent() string       { return noteDeletedV1 }
func (Watched) ticketEvent() string           { return watchedV1 }
func (Unwatched) ticketEvent() string         { return unwatchedV1 }
func (Deleted) ticketEvent() string           { return deletedV1 }
func (Undeleted) ticketEvent() string         { return undeletedV1 }
func (Branched) ticketEvent() string          { return branchedV1 }
func (Ranked) ticketEvent() string            { return rankedV1 }
func (RaiseRequested) ticketEvent() string    { return raiseRequestedV1 }
func (RaiseGranted) ticketEvent() string      { return raiseGrantedV1 }
func (RaiseRefused) ticketEvent() string      { return raiseRefusedV1 }
