// Package eventstore keeps and delivers events: a Store over the official
// EventStoreDB client that outlives the loss of its server, and a Watermill
// Subscriber and Publisher over it.
//
// It knows streams, revisions, positions and bytes. What the events mean, how they
// are written as JSON and what follows from them belongs to the packages that
// import this one. The server can be any EventStoreDB from 21.10 on, or the one in
// the folder embedded.
package eventstore

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	lru "github.com/hashicorp/golang-lru/v2"
)

// patience bounds a call whose context has no deadline: all of an append, and each
// wait of a read for the server's next event.
const patience = 10 * time.Second

// Store appends and reads events. It connects when it is first needed, and anew
// whenever the server was lost; calls wait for that as long as their contexts
// allow and then fail with ErrUnavailable. A context without a deadline gets 10 s.
// It is safe for concurrent use.
type Store struct {
	config esdb.Configuration
	logger *slog.Logger

	closing context.Context //nolint:containedctx // the store's own life, not a caller's
	close   context.CancelFunc
	running sync.WaitGroup // dial

	current atomic.Pointer[connection]
	heads   *lru.Cache[string, head] // by filter

	mu        sync.Mutex
	connected chan struct{} // closed when dial has succeeded; nil while no dial runs
	lastError error         // of dial
	since     time.Time     // of the last success of dial; only dial uses it
}

// Open makes a Store for a connection string such as esdb://localhost:2113?tls=false.
// It dials nothing: a wrong string is an error, an absent server is not. A nil
// logger discards. Close ends what the Store starts.
func Open(connectionString string, logger *slog.Logger) (*Store, error) {
	config, err := esdb.ParseConnectionString(connectionString)
	if err != nil {
		return nil, fmt.Errorf("event store connection string: %w", err)
	}
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("event store connection string: %w", err)
	}
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	s := &Store{config: *config, logger: logger}
	s.heads, _ = lru.New[string, head](keptHeads) // which fails for sizes below one alone
	s.closing, s.close = context.WithCancel(context.Background())
	return s, nil
}

// Close ends all calls and subscriptions, which then fail with ErrClosed, and waits
// for what the Store has started. That takes moments, or as long as one attempt to
// connect when the network swallows it (5 s per host). It may be called twice.
func (s *Store) Close() error {
	s.mu.Lock()
	s.close()
	s.mu.Unlock()
	if conn := s.current.Load(); conn != nil {
		conn.retire()
	}
	s.running.Wait()
	return nil
}

// live ties a call to the store's own life: its end cancels ctx with ErrClosed.
func (s *Store) live(ctx context.Context) (context.Context, context.CancelCauseFunc, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.closing, func() { cancel(ErrClosed) })
	return ctx, cancel, func() {
		stop()
		cancel(nil)
	}
}

// bound is live, with patience for a deadline if the caller sets none.
func (s *Store) bound(ctx context.Context) (context.Context, func()) {
	ctx, _, free := s.live(ctx)
	if _, ok := ctx.Deadline(); ok {
		return ctx, free
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	return ctx, func() {
		cancel()
		free()
	}
}
