// Package integration is the base of all reactors: code that acts on events
// outside the read models, as mail, other systems and the other end of a cascade.
// Each has a folder of its own below; what is common is here.
//
// A reactor hears every event of every ticket at least once, those of one ticket in
// order, from the moment on that it first existed: it is never rebuilt. What it
// does for an event must be the same when it is done twice; ids that are made of
// the event's id see to that. What fails is parked: the ticket's later events wait
// behind it, or are passed over (Passed); all others go on, and it is tried again until
// it succeeds or a person resolves it. One process at a time runs a reactor.
package integration

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/database"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/eventstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Reactor is one consumer of events.
type Reactor struct {
	Name string // for ever: its checkpoint and what it has parked are kept under it
	// React does what an event asks for. It ends in time when ctx does.
	React func(ctx context.Context, e Event) error
	// Passed is of a reactor that does for the ticket as it is now all that was due before, so
	// that one event which is heard again (Event.Again) stands for all that have come since.
	// Of a ticket one event at most is parked then, the first; for each later one Passed is
	// called in place of React, at least once, and tells whether the ticket is to be looked at
	// after it. What fails holds the reactor up until it succeeds. nil: a reactor that needs
	// each event, in order; they are parked behind the first.
	Passed func(ctx context.Context, e Event) (due bool, err error)
	// Begin is called whenever this process begins to run the reactor, once it has
	// heard what there was then, until it succeeds; nil: nothing.
	Begin func(ctx context.Context) error
	// Aside is called for each event of the streams whose names begin with one of Streams,
	// which are no tickets': at least once, before any that comes after it. It may say
	// which tickets are due by it (Due). What fails holds the reactor up until it succeeds.
	Aside   func(ctx context.Context, e eventstore.Recorded) error
	Streams []string
	// While runs as long as this process runs the reactor, and ends when ctx does; nil: nothing.
	While func(ctx context.Context)
}

// Event is an event of a ticket.
type Event struct {
	eventstore.Recorded
	Ticket domain.TicketID
	Fact   ticket.Event
	Meta   domain.Meta
	// Again tells that it was heard before, or that the ticket is due for another reason.
	Again bool
}

const ticketStreams = "ticket-"

func (r Reactor) filter() eventstore.Filter {
	return eventstore.Filter{StreamPrefixes: append([]string{ticketStreams}, r.Streams...)}
}

func decode(r eventstore.Recorded) (Event, error) {
	e := Event{Recorded: r, Ticket: ticketOf(r.Stream)}
	if err := json.Unmarshal(r.Metadata, &e.Meta); err != nil {
		return e, fmt.Errorf("read the metadata: %w", err)
	}
	var err error
	e.Fact, err = ticket.Decode(r.Type, r.Data)
	return e, err
}

func ticketOf(stream string) domain.TicketID {
	return domain.TicketID(strings.TrimPrefix(stream, ticketStreams))
}

// Config is what Reactors are made of.
type Config struct {
	DB     *database.DB // opened Durable
	Store  *eventstore.Store
	Logger *slog.Logger     // nil discards
	Now    func() time.Time // nil: time.Now
	// Record notes in the transaction what is done with a secret; nil: nobody keeps a record.
	Record func(ctx context.Context, tx *sqlx.Tx, d SecretDeed) error
}

// Reactors are all reactors of a process.
type Reactors struct {
	cfg Config
	all []*runner
}

// Open brings the tables up to date and marks where each new reactor begins:
// here and now. The caller closes the database.
func Open(ctx context.Context, cfg Config, reactors ...Reactor) (*Reactors, error) {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the migrations of reactors: %w", err)
	}
	if err := cfg.DB.Migrate(ctx, steps, "integration_migrations"); err != nil {
		return nil, fmt.Errorf("migrate the reactors: %w", err)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	r := &Reactors{cfg: cfg}
	for _, reactor := range reactors {
		one := newRunner(cfg, reactor)
		if _, err := one.begin(ctx); err != nil {
			cfg.Logger.Warn("a reactor begins once the event store answers", "reactor", reactor.Name, "error", err)
		}
		r.all = append(r.all, one)
	}
	return r, nil
}
