package presence_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"suivi/database"
	"suivi/internal/testdb"
	"suivi/presence"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// clock is a time that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// node is one process of several on the database.
func node(t *testing.T, url string, c *clock) *presence.Presence {
	t.Helper()
	db, err := database.Open(t.Context(), database.Config{URL: url, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	p, err := presence.Open(t.Context(), db, c.read, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = p.Run(ctx) })
	stop := p.Listen()
	t.Cleanup(func() {
		stop()
		end()
		running.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// hears waits until the node knows of exactly these writers on HELP-1.
func hears(t *testing.T, p *presence.Presence, want ...presence.Writer) {
	t.Helper()
	over := time.After(20 * time.Second)
	for {
		got, changed := p.On("HELP-1")
		if slices.Equal(got, want) {
			return
		}
		select {
		case <-changed:
		case <-over:
			t.Fatalf("got the writers %+v, want %+v", got, want)
		}
	}
}

func TestEveryNodeKnowsWhoWritesUntilTheyStopOrFallSilent(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		c := &clock{now: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)}
		one, two := node(t, url, c), node(t, url, c)
		ada, grace := presence.Writer{Ticket: "HELP-1", Person: "usr_a"}, presence.Writer{Ticket: "HELP-1", Person: "usr_g", Internal: true}
		for _, w := range []presence.Writer{ada, grace, {Ticket: "HELP-2", Person: "usr_a"}} {
			if err := one.Write(t.Context(), w); err != nil {
				t.Fatal(err)
			}
		}
		hears(t, one, ada, grace)
		hears(t, two, ada, grace)
		if err := two.Stop(t.Context(), "HELP-1", "usr_a"); err != nil {
			t.Fatal(err)
		}
		hears(t, one, grace)
		c.forward(presence.Lifetime - time.Second)
		grace.Internal = false
		if err := two.Write(t.Context(), grace); err != nil {
			t.Fatal(err)
		}
		hears(t, one, grace)
		c.forward(2 * time.Second)
		if err := one.Write(t.Context(), ada); err != nil {
			t.Fatal(err)
		}
		hears(t, two, ada, grace)
		c.forward(presence.Lifetime)
		hears(t, one)
		hears(t, two)
	})
}
