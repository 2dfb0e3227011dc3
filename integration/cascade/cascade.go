// Package cascade is the reactor that keeps the two ends of a cascade together: a
// ticket that was sent to the parent tracker, and its copy there. It looks at both
// ends and does the next thing that is due, until nothing is. So it does not matter
// where it was cut off, or how often it hears of something.
//
//	original: Cascaded, StateChanged     by a person
//	original: CascadeLinked              which number the copy is to have
//	copy:     Posted with CopyOf, …      whole, or followed by more comments
//	original: CascadeReported, …         for each change of the copy
//	original: CascadeEnded, StateChanged by a person, or since an end was lost
//	copy:     CascadeEnded               so that it knows as well
//
// What may happen to a ticket, domain/ticket says. Each step is one command.
package cascade

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/integration"
)

// Name is the reactor's, for ever.
const Name = "cascade"

// Commands carries out the steps: *commands.Handler, which tests cut off in between.
type Commands interface {
	Ticket(ctx context.Context, id domain.TicketID) (ticket.Ticket, error)
	Original(ctx context.Context, id domain.TicketID) (ticket.Original, error)
	AimCopy(ctx context.Context, c commands.Caller, req commands.Request, id domain.TicketID, link ticket.Link) error
	PostCopy(ctx context.Context, c commands.Caller, req commands.Request, original ticket.Ticket) error
	CopyMore(ctx context.Context, c commands.Caller, req commands.Request, original ticket.Ticket) (did bool, err error)
	ChangeTicket(ctx context.Context, c commands.Caller, req commands.Request, id domain.TicketID, command ticket.Command) (commands.Outcome[ticket.Ticket], error)
}

// Config is what the reactor is made of.
type Config struct {
	Commands Commands
	// Broken lists originals one end of whose link is missing, or has not heard of the
	// link's end. It is asked whenever a process begins to run the reactor.
	Broken func(context.Context) ([]domain.TicketID, error)
}

// New makes the reactor.
func New(cfg Config) integration.Reactor {
	r := reactor(cfg)
	return integration.Reactor{Name: Name, React: r.react, Begin: r.repair}
}

type reactor Config

// react acts on events of originals that begin or may end a link, and of copies.
func (r reactor) react(ctx context.Context, e integration.Event) error {
	because := cause{id: e.ID, actor: e.Meta.Actor, correlation: e.Meta.CorrelationID}
	switch fact := e.Fact.(type) {
	case ticket.Cascaded, ticket.CascadeLinked:
		return r.join(ctx, e.Ticket, because)
	case ticket.Posted:
		if fact.CopyOf != nil {
			return r.join(ctx, fact.CopyOf.Ticket, because)
		}
	case ticket.CascadeEnded, ticket.CascadeRefused, ticket.Deleted, ticket.Undeleted:
		because.ends = true
		if err := r.join(ctx, e.Ticket, because); err != nil {
			return err
		}
		original, err := r.Commands.Original(ctx, e.Ticket)
		if err != nil || original.Link == "" {
			return err
		}
		return r.join(ctx, original.Ticket, because)
	case ticket.StateChanged, ticket.ResolutionWritten, ticket.Commented, ticket.CommentEdited, ticket.CommentDeleted:
		return r.report(ctx, e, because)
	}
	return nil
}

// cause is the event that something is done for.
type cause struct {
	id          uuid.UUID // zero: none, it is a repair
	actor       domain.UserID
	correlation string
	// ends tells that it may end a link. Another event must not, though an end may be
	// lost by now: what happened to the copy before that is told first.
	ends bool
}

func (c cause) caller() commands.Caller {
	return commands.Caller{Actor: domain.Actor{ID: c.actor}, Source: domain.SourceCascade, RequestID: c.correlation}
}

// step is the request of something that is due as the two tickets stand: Decide sees
// whether it still is. It must be a command of its own each time: two that look at the
// same moment may want different things (a number), and the store takes one event
// id for one event, whatever stands in it.
func (c cause) step() commands.Request {
	req := commands.Request{Command: uuid.New()}
	if c.id != uuid.Nil {
		req.Cause = c.id.String()
	}
	return req
}

// once is the request of what is done for the event itself: the same command however
// often it comes, which finds its own event when that is there.
func (c cause) once() commands.Request {
	return commands.Request{Command: uuid.NewSHA1(c.id, []byte(Name)), Cause: c.id.String()}
}

// report tells the original of an event of its copy.
func (r reactor) report(ctx context.Context, e integration.Event, because cause) error {
	original, err := r.Commands.Original(ctx, e.Ticket)
	if err != nil || original.Link == "" {
		return err
	}
	if said, ok := e.Fact.(ticket.Commented); ok && said.Copied != nil && said.Copied.Link == original.Link {
		return nil // it came from there; a long copy has many
	}
	if err := r.join(ctx, original.Ticket, because); err != nil {
		return err
	}
	copied, err := r.Commands.Ticket(ctx, e.Ticket)
	if err != nil {
		return err
	}
	_, err = r.Commands.ChangeTicket(ctx, because.caller(), because.once(), original.Ticket, ticket.Report{
		Link: original.Link, Event: e.Fact, Author: e.Meta.Actor, At: e.Meta.OccurredAt, Resolution: copied.Resolution,
	})
	return err
}

// repair mends what was missed, as when the reactor's own tables were lost.
func (r reactor) repair(ctx context.Context) error {
	broken, err := r.Broken(ctx)
	if err != nil {
		return err
	}
	for _, id := range broken {
		if err := r.join(ctx, id, cause{correlation: "repair", ends: true}); err != nil {
			return fmt.Errorf("mend the cascade of %s: %w", id, err)
		}
	}
	return nil
}
