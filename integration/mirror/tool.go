// Package mirror keeps the twins of tickets that other programs have, the tools, in
// step with their tickets. What all tools share is here: which ticket is due, in what
// order, what is known of its twin, what happens when something fails. How a
// tool is spoken to is in a folder of its own (integration/redmine), behind Tool.
//
// A twin is brought into step with the ticket as it is now, not with one event after
// another. So it does not matter where that was cut off, how often it is
// asked for, or what happened on the other side meanwhile. What must be remembered is
// an event of the ticket: that there is a twin, and which of its parts is which comment,
// note or file.
package mirror

import (
	"context"
	"io"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/integration"
)

// Tool is a program that can have twins of tickets. It is safe for concurrent use;
// the calls for one ticket come one after the other.
//
// Its errors say what is to be done about them: Unfit and Misconfigured, below; any
// other is tried again after growing pauses, as one of an unreachable or busy tool. A
// call may have been cut off after the tool has carried it out: whoever repeats it must look first.
type Tool interface {
	// Name is the tool's, for ever: it stands in events as source and in configurations.
	Name() string
	// Check tells all that is wrong with a mirror before anything is sent: nothing, when
	// it can work. It is an error only when the tool cannot be asked.
	Check(ctx context.Context, at Place) ([]Problem, error)
	// Find looks for the ticket's twin by the ticket's id, which the twin carries. ok is
	// false when there is certainly none.
	Find(ctx context.Context, at Place, id domain.TicketID) (twin Ref, ok bool, err error)
	// Create makes the twin with the ticket's id on it, without what was said. It is
	// called after Find has found none.
	Create(ctx context.Context, at Place, want Wanted) (Ref, error)
	// Align brings the twin into step with the ticket and reads it back: in the end
	// nothing is left that differs and could be mended, and what differs all the same is
	// told. What was said goes there in its order, each once: what job.Twin does not know
	// may still be there, from a call that was cut off. With job.Look it changes nothing
	// and tells what differs. It is ErrTwinLost when the twin is gone, and of a Hearing
	// ErrUnheard when there is news that it would undo.
	Align(ctx context.Context, at Place, job Job) ([]Drift, error)
	// Retire closes or deletes the twin of a ticket that is deleted or has left. gone
	// tells that it is no longer there, also when it was not before; also when its id is that of another ticket's
	// twin by now, which is left alone.
	Retire(ctx context.Context, at Place, id domain.TicketID, twin Ref, policy tracker.Deletion) (gone bool, err error)
}

// Hearing is a Tool whose tickets can hear of what people do to their twins.
type Hearing interface {
	// Changed tells of which tickets the twins may have changed after the cursor, and where
	// to go on from; rather one too many than one too few. For "" it gives a place to begin at: now.
	Changed(ctx context.Context, at Place, cursor string) (tickets []domain.TicketID, next string, err error)
	// News is what people did to the twin and is not known yet, in its order. What Suivi itself did is no
	// news, known or not. It is asked before each Align, which would undo what was done there.
	News(ctx context.Context, at Place, job Job) ([]Change, error)
}

// Change is one thing that somebody did to a twin.
type Change struct {
	ID       string // its outside id, as a part has it
	Author   string // the outside id of who did it, as the mirror's people have it; "": the tool does not tell
	Commands []ticket.Command
	Files    []File          // that were added with it, to the comment or note among the commands, or to the twin
	Ties     []Tie           // to other twins that began or ended with it
	Refusals []*domain.Error // of what else it was, and cannot be done here
	Parts    []ticket.Part   // of the twin that are known with it
}

// File is a file that somebody added to a twin.
type File struct {
	Part string // its outside id, as a part has it
	Name string
	// Open reads its content. A refusal by it is noted, and the rest of the change is done.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// Tie is that the twin depends on another one there, or does no longer.
type Tie struct {
	Prerequisite Neighbour // Ticket is whose twin the other one says that it is; "": nobody's
	Ended        bool
	Part         string // its outside id, as a part has it; "": it is not there any more
}

// Verifier is a Tool that can also hold a twin against its ticket by other means than
// those that it writes twins with, so that a mistake in these shows.
type Verifier interface {
	Verify(ctx context.Context, at Place, twin ticket.Twin, want Wanted) ([]Drift, error)
}

// Ref names a twin.
type Ref struct {
	ID  string // there
	URL string // of its page
}

// Wanted is a ticket as its twin is to be.
type Wanted struct {
	ticket.Whole
	URL           string          // of the ticket's page
	Prerequisites []Neighbour     // that have a twin on the same site
	Watchers      []domain.UserID // sorted
}

// Neighbour is another ticket, and its twin on the same site.
type Neighbour struct {
	Ticket domain.TicketID
	Twin   Ref
}

// Job is what is to be brought into step.
type Job struct {
	Twin ticket.Twin // with the parts that are known
	Want Wanted
	Look bool // only compare
	// Match writes down at once which part of the twin is which of the ticket, or (with
	// neither) that a change there is Suivi's own. Call it after each thing that was
	// said, or found there from before, and never skip it: it keeps it from being written
	// twice and from coming back as news. Parts that are known already are no harm.
	Match func(ctx context.Context, parts ...ticket.Part) error
	// Content reads a file.
	Content func(ctx context.Context, file domain.File) (io.ReadCloser, error)
}

// Drift is one thing in which a twin differs from its ticket.
type Drift = integration.Drift

// Problem is one thing that keeps a mirror from working.
type Problem struct {
	Code   string `json:"code"`           // stable, for programs
	Where  string `json:"where"`          // the part of the mirror: secret, project, states.open
	Detail string `json:"detail"`         // a sentence for people
	Mend   string `json:"mend,omitempty"` // how
}
