package eventstore

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// connection is one client of the official library, used until it loses its server
// for the first time, never longer. The library (v4.2.0) would then look for the
// server again in the one goroutine that all its calls wait for, without regard to
// their contexts, and give up for good after a failure, with calls blocked for ever;
// closing it while calls are inside panics. So:
//
//   - only dial waits for the library's first look, alone (newConnection);
//   - the library logs an error before it acts on it, in the goroutine of the failed
//     call. That is our moment to let nobody in any more (watch, retire). Those who
//     are on their way to the library's goroutine hold gate for reading until it has
//     answered, which it does at once as long as it has not acted;
//   - the last one out closes the client (users).
//
// One way remains by which the library replaces its connection itself: the answer
// not-leader, which servers give only to clients that ask for a leader. It never does.
type connection struct {
	client *esdb.Client
	lost   func(*connection) // told once, when the connection is retired

	gate    sync.RWMutex
	retired bool
	users   atomic.Int64 // calls inside, and one for the time until retired
}

// newConnection makes a client and finds its server, once. It takes as long as the
// library does: gossipTimeout (5 s unless the connection string says otherwise)
// per host that does not answer.
func newConnection(config esdb.Configuration, logger *slog.Logger, lost func(*connection)) (*connection, error) {
	c := &connection{lost: lost}
	c.users.Store(1)
	config.MaxDiscoverAttempts = 1
	config.Logger = func(level esdb.LogLevel, format string, args ...any) { c.watch(logger, level, format, args) }
	client, err := esdb.NewClient(&config)
	if err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	c.client = client
	if err := findServer(client); err != nil {
		_ = client.Close() // never fails, and nobody else is inside
		return nil, err
	}
	return c, nil
}

// findServer makes the client look for its server. The read itself does not matter:
// its context has ended, so that it fails right after the search.
func findServer(client *esdb.Client) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	found := &call{Context: ctx}
	found.inside.Store(true)
	stream, err := client.ReadStream(found, "$suivi-probe", esdb.ReadStreamOptions{}, 1)
	if stream != nil {
		stream.Close()
	}
	if found.inside.Load() {
		return err
	}
	return nil
}

// failedCall is what the library logs in the goroutine of a failed call, before it
// acts on it. What its own goroutine logs must not lead to retire: that would wait
// for calls that wait for that goroutine.
const failedCall = "unexpected exception: %v"

// watch gets the library's log. A call that reports a lost server retires the
// connection before the library can act on it.
func (c *connection) watch(logger *slog.Logger, level esdb.LogLevel, format string, args []any) {
	if format == failedCall && len(args) == 1 {
		if err, ok := args[0].(error); ok && status.Code(err) == codes.Unavailable {
			c.retire()
		}
	}
	if logger.Enabled(context.Background(), slog.LevelDebug) {
		logger.Debug("event store client: "+fmt.Sprintf(format, args...), "level", level)
	}
}

// retire lets nobody in any more. Calls inside go on.
func (c *connection) retire() {
	c.gate.Lock()
	first := !c.retired
	c.retired = true
	c.gate.Unlock()
	if first {
		c.lost(c)
		c.leave()
	}
}

func (c *connection) leave() {
	if c.users.Add(-1) == 0 {
		_ = c.client.Close() // never fails
	}
}

// enter lets a call in, or answers nil when the connection is retired.
func (c *connection) enter(ctx context.Context) *call {
	c.gate.RLock()
	if c.retired {
		c.gate.RUnlock()
		return nil
	}
	c.users.Add(1)
	entered := &call{Context: ctx, conn: c}
	entered.inside.Store(true)
	return entered
}

// call is a caller's stay in the client, and the context to give to the client's
// method, to nothing else: the library asks for its deadline as the first thing
// after its goroutine has answered, and so tells us that it has.
type call struct {
	context.Context //nolint:containedctx // it is a context

	conn   *connection
	inside atomic.Bool // still waits for the library's goroutine
}

// Deadline tells the caller's deadline, and opens the gate behind the call.
func (c *call) Deadline() (time.Time, bool) {
	c.pass()
	return c.Context.Deadline()
}

func (c *call) pass() {
	if c.inside.CompareAndSwap(true, false) && c.conn != nil {
		c.conn.gate.RUnlock()
	}
}

// leave ends the stay; everything that the client handed out is closed by then. An
// error that tells that the client is of no more use retires the connection.
func (c *call) leave(err error) {
	c.pass()
	if err != nil && diagnose(err) == faultConnection {
		c.conn.retire()
	}
	c.conn.leave()
}
