package ticket

import (
	"time"

	"suivi/domain"
	"suivi/domain/rank"
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
	// BranchedFrom is the comment that it grew out of, if any, and Watchers those of
	// that comment's ticket, who are to watch this one too as far as they may.
	BranchedFrom *Origin
	Watchers     map[domain.UserID][]domain.Topic
	Files        []domain.AttachmentID // uploads of the actor
	Copies       []domain.File         // files of that comment, under new ids
	Solution     Solution
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

// AddNote adds an internal note.
type AddNote struct{ Body string }

// EditNote gives an internal note another text; its author stays.
type EditNote struct {
	Note int
	Body string
}

// DeleteNote takes an internal note's text away; that there was one stays.
type DeleteNote struct{ Note int }

// Watch subscribes a person to the ticket, oneself or, as who manages watchers,
// somebody else; or gives a watch another set of changes.
type Watch struct {
	User   domain.UserID
	Topics *[]domain.Topic // nil: their default, and no change of a watch that is there
}

// Unwatch ends a person's watch.
type Unwatch struct{ User domain.UserID }

// Delete hides the ticket from everybody; that there was one stays.
type Delete struct{}

// Undelete shows a deleted ticket again, as it was. It is for administrators.
type Undelete struct{}

// Branch says on the ticket of a comment which new ticket grew out of it. With no
// ticket named it changes nothing and only tells whether it may be done.
type Branch struct {
	Comment int
	Ticket  domain.TicketID
}

// Rank moves the ticket in its tracker's stack. Facts.Gap says where that is.
type Rank struct{ Move rank.Move }

// RequestRaise asks those who manage priority to raise the ticket.
type RequestRaise struct {
	Reason string
	Urgent bool
}

// GrantRaise grants a request and moves the ticket.
type GrantRaise struct {
	Request int
	Move    rank.Move
}

// RefuseRaise refuses a request, and says why.
type RefuseRaise struct {
	Request int
	Answer  string
}

func (Rank) ticketCommand()          {}
func (RequestRaise) ticketCommand()  {}
func (GrantRaise) ticketCommand()    {}
func (RefuseRaise) ticketCommand()   {}
func (Post) ticketCommand()          {}
func (Edit) ticketCommand()          {}
func (ChangeState) ticketCommand()   {}
func (Assign) ticketCommand()        {}
func (Unassign) ticketCommand()      {}
func (Comment) ticketCommand()       {}
func (EditComment) ticketCommand()   {}
func (DeleteComment) ticketCommand() {}
func (AddNote) ticketCommand()       {}
func (EditNote) ticketCommand()      {}
func (DeleteNote) ticketCommand()    {}
func (Watch) ticketCommand()         {}
func (Unwatch) ticketCommand()       {}
func (Delete) ticketCommand()        {}
func (Undelete) ticketCommand()      {}
func (Branch) ticketCommand()        {}

// Migrate moves the ticket out of a state that its tracker has disabled and
// told where its tickets go. It is the program's own, and asks for no right.
type Migrate struct{}

// See tells that a person has the ticket before their eyes. The first who could
// work on it opens it; it is the program's own, and asks for no right.
type See struct{}

func (Migrate) ticketCommand() {}
func (See) ticketCommand()     {}

// Facts are what Decide needs to know beside the ticket itself.
type Facts struct {
	Tracker tracker.Tracker // the one that the ticket is in
	// Target is the one that it is to move to, zero when there is none of that key. It
	// is for Move alone, which also wants the parents of Tracker and Target. Before are
	// those that it was in earlier, for Move and RemoveFile.
	Target tracker.Tracker
	Before []tracker.Tracker
	Parent tracker.Tracker // the one above, for a Cascade; zero: none
	Actor  domain.Actor
	// OccurredAt is when the command's deed happened: now, or the original time of an import.
	OccurredAt time.Time
	Site       tracker.Site // what constants may say
	Solved     bool         // the challenge that the tracker may want of who posts
	// OpenByAssignee is how many open tickets of the tracker people have, where the
	// tracker asks for it. It comes from a read model.
	OpenByAssignee map[domain.UserID]int
	// Bulk tells that the command is carried out on many tickets at once, which
	// needs a right of its own.
	Bulk bool
	// WatchDefaults is what those who may come to watch by the command hear of
	// when nothing else is said; who is missing hears of everything.
	WatchDefaults map[domain.UserID][]domain.Topic
	// UnknownUsers are those of the command's people who have no account.
	UnknownUsers []domain.UserID
	// PrerequisitesOpen is how many of the ticket's prerequisites hold it up; it
	// need be known only where the tracker AsksForPrerequisites.
	PrerequisitesOpen int
	// Gap is where a move puts the ticket; nil: the one it is to be next to is not
	// in the stack, or is not seen. It comes from a read model: of two moves at the same
	// moment each finds the stack as it was before the other.
	Gap *rank.Gap
	// Files are those of the command's uploads that the actor has sent and no other
	// command has claimed. A file has at most MaxFileSize bytes.
	Files       map[domain.AttachmentID]domain.File
	MaxFileSize int64
}
