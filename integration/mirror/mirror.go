package mirror

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/integration"
)

// Commands reads tickets and writes down what becomes of their twins: *commands.Handler,
// which tests cut off in between.
type Commands interface {
	Whole(ctx context.Context, id domain.TicketID) (ticket.Whole, error)
	Ticket(ctx context.Context, id domain.TicketID) (ticket.Ticket, error)
	TicketSince(ctx context.Context, id domain.TicketID, revision uint64) (ticket.Ticket, error)
	Desk(ctx context.Context, key domain.TrackerKey) (tracker.Tracker, error)
	Prerequisites(ctx context.Context, id domain.TicketID) ([]domain.TicketID, error)
	AddPrerequisite(ctx context.Context, c commands.Caller, req commands.Request, id, prerequisite domain.TicketID) (commands.Outcome[ticket.Ticket], error)
	RemovePrerequisite(ctx context.Context, c commands.Caller, req commands.Request, id, prerequisite domain.TicketID) (commands.Outcome[ticket.Ticket], error)
	ChangeTicket(ctx context.Context, c commands.Caller, req commands.Request, id domain.TicketID, command ticket.Command) (commands.Outcome[ticket.Ticket], error)
}

// Base is what a mirror keeps outside the log: *integration.Reactors.
type Base interface {
	SecretFor(ctx context.Context, name string, key domain.TrackerKey, site string) (integration.Secret, time.Time, error)
	SetDrifts(ctx context.Context, reactor string, id domain.TicketID, drifts []integration.Drift) error
	Due(ctx context.Context, reactor, reason string, ids ...domain.TicketID) error
	Hurry(ctx context.Context, reactor string) error
	Waiting(ctx context.Context, reactor string, since time.Time) (failed map[domain.TicketID]bool, err error)
	Cursor(ctx context.Context, name string) (string, error)
	SetCursor(ctx context.Context, name, value string) error
}

// Config is what the mirror of a tool is made of.
type Config struct {
	Tool     Tool
	Commands Commands
	Base     func() Base // known once the reactors are open, which this one is one of
	// Dependents are the tickets that depend on the ticket and have twins in the tool, with
	// all that is in the store when it is asked.
	Dependents func(ctx context.Context, id domain.TicketID) ([]domain.TicketID, error)
	// TicketsOf are the tickets of a tracker by id, deleted ones too, after the id.
	TicketsOf func(ctx context.Context, key domain.TrackerKey, after domain.TicketID, limit int) ([]domain.TicketID, error)
	// Trackers are those that may have a mirror of the tool.
	Trackers  func(ctx context.Context) ([]domain.TrackerKey, error)
	TicketURL func(domain.TicketID) string
	Content   func(ctx context.Context, file domain.File) (io.ReadCloser, error)
	// Receive takes in a file of a twin under the id, for the person who is to attach it.
	Receive    func(ctx context.Context, owner domain.UserID, id domain.AttachmentID, name string, content io.Reader) error
	Logger     *slog.Logger     // nil discards
	Now        func() time.Time // nil: time.Now
	PollEvery  time.Duration    // how often a tool is asked what has changed there; 0: defaultPoll
	SweepEvery time.Duration    // how often all twins are compared with their tickets; 0: never
}

// Mirror keeps the twins in one tool in step. It is safe for concurrent use.
type Mirror struct {
	cfg     Config
	name    string
	gates   gates
	locks   locks
	hints   hints
	aligned *lru.Cache[domain.TicketID, uint64] // how many events of the ticket its twin had when it was last brought into step
}

// alignedTickets is of how many tickets it is remembered how far their twins are. What
// is forgotten is looked at once more.
const alignedTickets = 20_000

// New makes the mirror of a tool; it starts nothing.
func New(cfg Config) *Mirror {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.PollEvery == 0 {
		cfg.PollEvery = defaultPoll
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	aligned, err := lru.New[domain.TicketID, uint64](alignedTickets)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &Mirror{cfg: cfg, name: cfg.Tool.Name(), aligned: aligned, gates: gates{all: map[domain.TrackerKey]*gate{}}, locks: locks{held: map[domain.TicketID]*lock{}}, hints: newHints()}
}

// Reactor is the reactor of the mirror, under the tool's name.
func (m *Mirror) Reactor() integration.Reactor {
	reactor := integration.Reactor{Name: m.name, React: m.react, Passed: m.passed, Aside: m.aside, Streams: []string{dependency.Stream, trackerStreams}}
	hearing, hears := m.cfg.Tool.(Hearing)
	reactor.While = func(ctx context.Context) {
		var both sync.WaitGroup
		if hears {
			both.Go(func() { m.poll(ctx, hearing) })
		}
		if m.cfg.SweepEvery > 0 {
			both.Go(func() { m.sweep(ctx) })
		}
		both.Wait()
	}
	return reactor
}

const trackerStreams = "tracker-"

// react brings the ticket's twin into step, unless it had the event when that was last done.
func (m *Mirror) react(ctx context.Context, e integration.Event) error {
	if due, err := m.passed(ctx, e); err != nil || !due && !e.Again {
		return err
	}
	defer m.locks.take(e.Ticket)()
	if had, known := m.aligned.Get(e.Ticket); known && e.Revision < had && !e.Again {
		return nil
	}
	if concerned, err := m.concerned(ctx, e); err != nil || !concerned {
		return err
	}
	because := cause{event: e.ID, actor: e.Meta.Actor, correlation: e.Meta.CorrelationID, source: domain.Source(m.name)}
	return m.bring(ctx, e.Ticket, because)
}

// passed does of what an event asks for what is not done by bringing the ticket's twin into step; due is false where
// that is all, as of our own bookkeeping.
func (m *Mirror) passed(ctx context.Context, e integration.Event) (due bool, err error) {
	if made, ok := e.Fact.(ticket.Mirrored); ok && made.Tool == m.name {
		err = m.dependents(ctx, e.Ticket)
	}
	return !ticket.OfMirror(e.Fact), err
}

// concerned tells whether the ticket has anything to do with the tool since the event:
// its tracker has a mirror, or it has a twin. Most have not, on most sites; so all of a
// ticket is read after this. What becomes of the ticket later, its later events tell.
func (m *Mirror) concerned(ctx context.Context, e integration.Event) (bool, error) {
	t, err := m.cfg.Commands.TicketSince(ctx, e.Ticket, e.Revision)
	if err != nil || !t.Exists() {
		return false, err
	}
	if _, has := t.Inner.Twin(m.name); has {
		return true, nil
	}
	_, mirrored, err := m.find(ctx, t.Tracker)
	return mirrored, err
}

// aside hears what is no ticket's: what tickets depend on, and how trackers are mirrored.
func (m *Mirror) aside(ctx context.Context, e eventstore.Recorded) error {
	if e.Stream == dependency.Stream {
		event, err := dependency.Decode(e.Type, e.Data)
		if err != nil {
			return err
		}
		return m.dependencies(ctx, event)
	}
	event, err := tracker.Decode(e.Type, e.Data)
	if err != nil {
		return err
	}
	switch event.(type) {
	case tracker.MirrorSet, tracker.MirrorRemoved: // what waited for this may go on
		return m.cfg.Base().Hurry(ctx, m.name)
	}
	return nil
}

func (m *Mirror) dependencies(ctx context.Context, event dependency.Event) error {
	var id domain.TicketID
	switch e := event.(type) {
	case dependency.Added:
		id = e.Ticket
	case dependency.Removed:
		id = e.Ticket
	}
	t, err := m.cfg.Commands.Ticket(ctx, id)
	if err != nil {
		return err
	}
	if _, has := t.Inner.Twin(m.name); !has {
		return nil // when it gets one, that is made with its prerequisites
	}
	return m.cfg.Base().Due(ctx, m.name, "what it depends on has changed", id)
}

// dependents has those looked at again that depend on a ticket which has a twin now.
func (m *Mirror) dependents(ctx context.Context, id domain.TicketID) error {
	dependents, err := m.cfg.Dependents(ctx, id)
	if err != nil {
		return err
	}
	return m.cfg.Base().Due(ctx, m.name, fmt.Sprintf("%s, on which it depends, has a twin now", id), dependents...)
}

// cause is the event that something is done for.
type cause struct {
	event       uuid.UUID
	actor       domain.UserID
	correlation string
	source      domain.Source
}

// write writes down what has become of the ticket's twin. It is a command of its own
// each time: whether it still says anything new, the ticket decides.
func (m *Mirror) write(ctx context.Context, id domain.TicketID, command ticket.Command, because cause) (ticket.Ticket, error) {
	c := commands.Caller{Actor: domain.Actor{ID: because.actor}, Source: because.source, RequestID: because.correlation}
	out, err := m.cfg.Commands.ChangeTicket(ctx, c, commands.Request{Command: uuid.New(), Cause: because.event.String()}, id, command)
	return out.State, err
}
