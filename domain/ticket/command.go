package ticket

import (
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Command is something that a person wants of a ticket. The types below are all there are.
type Command interface{ ticketCommand() }

// Post makes a new ticket under the number that was kept for it. Staff may post
// for someone else and name an assignee and a state at once.
type Post struct {
	Number      int64
	Summary     string
	Description string
	Answers     map[string]string
	OnBehalfOf  domain.UserID // "": the actor reports
	Assignee    domain.UserID // "": the tracker's default assignee, if any
	State       tracker.State // "": posted
	Solution    Solution
}

// Solution is what somebody read from the challenge that the tracker may want of
// who posts. Whether it is right is a fact, Facts.Solved.
type Solution struct {
	ID     string `json:"id"`
	Answer string `json:"answer"`
}

// Edit changes the named texts and answers and leaves the others. An empty
// answer takes the answer away.
type Edit struct {
	Summary     *string
	Description *string
	Answers     map[string]string
	Resolution  *string
}

// ChangeState moves the ticket in its life cycle; a comment and a resolution may come with it.
type ChangeState struct {
	To         tracker.State
	Comment    string
	Resolution string
}

// Assign gives the ticket to a person.
type Assign struct{ User domain.UserID }

// Unassign takes the ticket from its assignee.
type Unassign struct{}

// Comment adds a comment.
type Comment struct{ Body string }

// EditComment gives a comment another text; its author stays.
type EditComment struct {
	Comment int
	Body    string
}

// DeleteComment takes a comment's text away; that there was one stays.
type DeleteComment struct{ Comment int }

func (Post) ticketCommand()          {}
func (Edit) ticketCommand()          {}
func (ChangeState) ticketCommand()   {}
func (Assign) ticketCommand()        {}
func (Unassign) ticketCommand()      {}
func (Comment) ticketCommand()       {}
func (EditComment) ticketCommand()   {}
func (DeleteComment) ticketCommand() {}

// Facts are what Decide needs to know beside the ticket itself.
type Facts struct {
	Tracker tracker.Tracker // the one that the ticket is in
	Actor   domain.Actor
	// OccurredAt is when the command's deed happened: now, or the original time of an import.
	OccurredAt time.Time
	Site       tracker.Site // what constants may say
	Solved     bool         // the challenge that the tracker may want of who posts
	// UnknownUsers are those of the command's people who have no account.
	UnknownUsers []domain.UserID
}
