// Package commands is the write side. Every command, whoever sends it, goes one
// road: read the aggregate's stream, fold it, let the domain decide, append
// after the revision read, and again on conflict. Its HTTP routes live here too;
// what people read is in readapi.
package commands

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suivi/captcha"
	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/library"
	"suivi/domain/rank"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/files"
)

// Config is what a Handler is made of. All of it is required, but for WatchDefaults, SecretDenied and Files. The functions
// answer from read models and accounts, and must be cheap.
type Config struct {
	Store *eventstore.Store
	// Wait returns when the read models have the position.
	Wait func(context.Context, eventstore.Position) error
	// PostedBy finds the ticket that the command posted, if the read models have it.
	PostedBy func(ctx context.Context, command uuid.UUID) (domain.TicketID, bool, error)
	// StatesInUse lists the states that tickets of the tracker are in.
	StatesInUse func(context.Context, domain.TrackerKey) ([]tracker.State, error)
	// Stranded lists tickets, at most some hundred, that are in a state from which
	// their tracker migrates: of one tracker, or of all for the key "".
	Stranded func(context.Context, domain.TrackerKey) ([]domain.TicketID, error)
	// Watched lists tickets that the person watches and sees, by id, at most some hundred:
	// of one tracker, or of all for the key "", after the id.
	Watched func(ctx context.Context, who domain.Actor, key domain.TrackerKey, after domain.TicketID) ([]domain.TicketID, error)
	// OpenByAssignee counts the open tickets of a tracker that people have.
	OpenByAssignee func(context.Context, domain.TrackerKey) (map[domain.UserID]int, error)
	// Gap is where a move puts a ticket in its stack, as ticket.Facts has it.
	Gap func(context.Context, domain.Actor, domain.TicketID, rank.Move) (*rank.Gap, error)
	// AnswersGiven tells what tickets of the trackers answer to the field: which of
	// the options, and whether anything at all.
	AnswersGiven func(ctx context.Context, in []domain.TrackerKey, code string, options []string) (used []string, answered bool, err error)
	// SharedBy lists the trackers that use the library's field, and those that have ever used it.
	SharedBy func(ctx context.Context, code string) (now, ever []domain.TrackerKey, err error)
	// UnknownUsers are those of the people who have no account.
	UnknownUsers func(context.Context, []domain.UserID) ([]domain.UserID, error)
	// WatchDefaults is what each of the people hears of in the tracker when they come to
	// watch a ticket; who is missing hears of everything. nil: everybody is.
	WatchDefaults func(context.Context, domain.TrackerKey, []domain.UserID) (map[domain.UserID][]domain.Topic, error)
	// SecretDenied tells whether a secret of the name is kept, and not for the tracker; nil: none is.
	SecretDenied func(ctx context.Context, name string, key domain.TrackerKey) (bool, error)
	Captcha      *captcha.Captcha
	Site         tracker.Site // what this installation is called
	Files        *files.Files // takes in what people attach; nil: nothing can be attached
	Now          func() time.Time
}

// How many folded streams are kept, so that a command need not read its whole
// stream again. They are checked by the expected revision, never trusted.
const (
	cachedTickets  = 20_000
	cachedTrackers = 1_000
	cachedLibrary  = 1
)

// Handler carries out commands. It is safe for concurrent use.
type Handler struct {
	cfg          Config
	trackers     *road[tracker.Tracker, tracker.Event]
	tree         *road[tracker.Hierarchy, tracker.ParentSet]
	tickets      *road[ticket.Ticket, ticket.Event]
	dependencies *road[dependency.Graph, dependency.Event] // one stream for the site
	library      *road[library.Library, library.Event]     // likewise
	shared       *rounds[tracker.Shared]                   // the library as facts for other commands
	desks        *rounds[tracker.Tracker]                  // trackers as facts for ticket commands
	numbers      *numbers
	posting      *inLine
}

// New makes a Handler; it starts nothing.
func New(cfg Config) *Handler {
	h := &Handler{
		cfg: cfg,
		trackers: newRoad(cfg.Store, cachedTrackers, tracker.Encode, tracker.Decode, tracker.Evolve,
			func(f folded[tracker.Tracker]) uint64 { return f.version }),
		tree: newRoad(cfg.Store, 1, tracker.EncodeHierarchy, tracker.DecodeHierarchy, tracker.EvolveHierarchy,
			func(f folded[tracker.Hierarchy]) uint64 { return f.version }),
		tickets: newRoad(cfg.Store, cachedTickets, ticket.Encode, ticket.Decode, ticket.Evolve,
			func(f folded[ticket.Ticket]) uint64 { return f.state.Version }),
		dependencies: newRoad(cfg.Store, 1, dependency.Encode, dependency.Decode, dependency.Evolve,
			func(f folded[dependency.Graph]) uint64 { return f.version }),
		library: newRoad(cfg.Store, cachedLibrary, library.Encode, library.Decode, library.Evolve,
			func(f folded[library.Library]) uint64 { return f.version }),
		posting: newInLine(),
	}
	h.shared = newRounds(func(ctx context.Context, stream string) (tracker.Shared, error) {
		f, err := h.library.refresh(ctx, stream)
		return f.state.Shared(), err
	})
	h.desks = newRounds(func(ctx context.Context, stream string) (tracker.Tracker, error) {
		f, err := h.trackers.refresh(ctx, stream)
		return f.state, err
	})
	h.numbers = newNumbers(h.hasTicket)
	return h
}

func (h *Handler) hasTicket(ctx context.Context, id domain.TicketID) (bool, error) {
	return exists(ctx, h.cfg.Store, id.Stream())
}

// occurredAt is when the caller's deed happened, in the precision that read models keep.
func (h *Handler) occurredAt(c Caller) time.Time {
	at := c.OccurredAt
	if at.IsZero() {
		at = h.cfg.Now()
	}
	return at.UTC().Truncate(time.Microsecond)
}
