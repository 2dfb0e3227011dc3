package integration_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"suivi/database"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/eventstore"
	"suivi/integration"
	"suivi/internal/testdb"
	"suivi/internal/testdesk"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// world is an event store and a database, both real and the test's own.
type world struct {
	t     *testing.T
	url   string
	store *eventstore.Store
	later atomic.Int64 // how much later than the clock says it is, in seconds
}

func newWorld(t *testing.T, url string) *world {
	t.Helper()
	return &world{t: t, url: url, store: testdesk.Store(t)}
}

// say appends comments to a ticket's stream.
func (w *world) say(id string, words ...string) {
	w.t.Helper()
	for _, word := range words {
		name, data, err := ticket.Encode(ticket.Commented{Comment: 1, Body: word})
		if err != nil {
			w.t.Fatal(err)
		}
		meta, err := json.Marshal(domain.Meta{Schema: 1, Actor: "usr_1"})
		if err != nil {
			w.t.Fatal(err)
		}
		event := eventstore.Event{ID: uuid.New(), Type: name, Data: data, Metadata: meta}
		if _, err := w.store.Append(w.t.Context(), "ticket-"+id, eventstore.AnyRevision(), event); err != nil {
			w.t.Fatal(err)
		}
	}
}

// process is one process with a reactor that keeps what it has heard.
type process struct {
	*integration.Reactors
	stop func()
	mu   sync.Mutex
	all  []string // "A-1 one"
}

func (w *world) start(fail func(heard string) error) *process {
	w.t.Helper()
	db, err := database.Open(w.t.Context(), database.Config{URL: w.url, Durable: true})
	if err != nil {
		w.t.Fatal(err)
	}
	p := &process{}
	react := func(_ context.Context, e integration.Event) error {
		heard := fmt.Sprintf("%s %s", e.Ticket, e.Fact.(ticket.Commented).Body)
		if fail != nil {
			if err := fail(heard); err != nil {
				return err
			}
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.all = append(p.all, heard)
		return nil
	}
	now := func() time.Time { return time.Now().Add(time.Duration(w.later.Load()) * time.Second) }
	p.Reactors, err = integration.Open(w.t.Context(), integration.Config{DB: db, Store: w.store, Now: now}, integration.Reactor{Name: "ear", React: react})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = p.Run(ctx) }) // never fails
	p.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		_ = db.Close() // sessions that a test has ended make it fail
	})
	w.t.Cleanup(p.stop)
	return p
}

// heard is what the process has heard of a ticket, or of all for "".
func (p *process) heard(id string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.all), func(heard string) bool { return !strings.HasPrefix(heard, id) })
}

func (p *process) status(t *testing.T) integration.Status {
	t.Helper()
	all, err := p.Status(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return all[0]
}

func (p *process) parked(t *testing.T) []integration.Parked {
	t.Helper()
	all, err := p.Parked(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("a minute has passed and not: %s", what)
		case <-tick.C:
		}
	}
}

func TestAReactorBeginsNowAndGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.say("A-1", "before")
		first := w.start(nil)
		w.say("A-1", "one", "two")
		w.say("B-1", "one")
		eventually(t, "all is heard", func() bool { return len(first.heard("")) == 3 })
		if got, want := first.heard("A-1"), []string{"A-1 one", "A-1 two"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		eventually(t, "the position is saved", func() bool { return first.status(t).Lag == 0 })
		first.stop()
		w.say("A-1", "three")
		second := w.start(nil)
		eventually(t, "the rest is heard", func() bool { return len(second.heard("")) == 1 })
		if s := second.status(t); s.Name != "ear" || s.State != "running" || s.Parked != 0 {
			t.Errorf("got %+v", s)
		}
	})
}

func TestWhatFailsIsParkedForItsTicketAlone(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		var mended atomic.Bool
		p := w.start(func(heard string) error {
			switch {
			case heard == "A-1 one" && !mended.Load():
				return errors.New("the other system is out")
			case heard == "C-1 one" && !mended.Load():
				panic("a bug")
			}
			return nil
		})
		w.say("A-1", "one", "two")
		w.say("C-1", "one")
		w.say("B-1", "one", "two")
		eventually(t, "the others go on", func() bool { return len(p.heard("B-1")) == 2 })
		eventually(t, "three are parked", func() bool { return len(p.parked(t)) == 3 })
		if s := p.status(t); s.Parked != 3 {
			t.Errorf("got %+v", s)
		}
		w.later.Add(3600)
		eventually(t, "it is tried again", func() bool {
			return slices.ContainsFunc(p.parked(t), func(k integration.Parked) bool { return k.Tries > 1 && k.RetryAt.After(k.TriedAt.Add(time.Second)) })
		})
		for _, k := range p.parked(t) {
			switch {
			case k.Ticket == "A-1" && k.Tries > 0 && k.Reason != "the other system is out",
				k.Ticket == "A-1" && k.Tries == 0 && !strings.Contains(k.Reason, "waits"),
				k.Ticket == "C-1" && !strings.Contains(k.Reason, "panic: a bug"), k.Event != "ticket.commented.v1", k.Reactor != "ear":
				t.Errorf("got %+v", k)
			}
		}
		mended.Store(true)
		w.later.Add(3600)
		eventually(t, "all is heard", func() bool { return len(p.heard("")) == 5 && len(p.parked(t)) == 0 })
		w.say("A-1", "three")
		eventually(t, "the last is heard", func() bool { return len(p.heard("A-1")) == 3 })
		if got, want := p.heard("A-1"), []string{"A-1 one", "A-1 two", "A-1 three"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestParkedWorkOutlivesItsProcessAndIsRetriedOrResolvedByPeople(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		first := w.start(func(string) error { return errors.New("no") })
		w.say("A-1", "one", "two")
		w.say("B-1", "one", "two")
		eventually(t, "all is parked", func() bool { return len(first.parked(t)) == 4 })
		first.stop()
		w.later.Store(-3600) // nothing is due for long
		second := w.start(nil)
		w.say("A-1", "three")
		eventually(t, "what comes later waits", func() bool { return len(second.parked(t)) == 5 })
		for _, k := range second.parked(t) {
			var err error
			switch {
			case k.Ticket == "A-1" && k.Tries > 0:
				_, err = second.Resolve(t.Context(), k.ID, "usr_1")
			case k.Ticket == "A-1":
				_, err = second.Retry(t.Context(), k.ID)
			}
			if err != nil {
				t.Error(err)
			}
		}
		eventually(t, "what waited is heard", func() bool { return len(second.heard("A-1")) == 2 })
		if got, want := second.heard(""), []string{"A-1 two", "A-1 three"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		eventually(t, "the rest stays", func() bool { return len(second.parked(t)) == 2 })
		if _, err := second.Resolve(t.Context(), "none", "usr_1"); domain.CodeOf(err) != "parked-not-found" {
			t.Errorf("got %v", err)
		}
		if _, err := second.Retry(t.Context(), second.parked(t)[1].ID); err != nil { // the one that waits: its ticket is tried
			t.Error(err)
		}
		eventually(t, "all is heard", func() bool { return len(second.parked(t)) == 0 })
	})
}

func TestAPositionBeyondTheStoreIsPutBack(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		p := w.start(nil)
		w.say("A-1", "one", "two", "three")
		eventually(t, "all is heard", func() bool { return len(p.heard("")) == 3 && p.status(t).Lag == 0 })
		p.stop()
		older := newWorld(t, url) // an older copy of the log was restored, and no event of it is new
		second := older.start(nil)
		older.say("A-1", "two again")
		eventually(t, "what is new is heard", func() bool { return slices.Equal(second.heard(""), []string{"A-1 two again"}) })
	})
}

// Two processes on one Postgres: one runs the reactor, and the other takes over.
func TestAReactorIsHandedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testdb.Postgres(t))
	first := w.start(nil)
	w.say("A-1", "one")
	eventually(t, "it is heard", func() bool { return len(first.heard("")) == 1 })
	second := w.start(nil)
	eventually(t, "standing by", func() bool { return second.status(t).State == "standby" })
	w.say("A-1", "two")
	eventually(t, "the first hears it", func() bool { return len(first.heard("")) == 2 })
	first.stop()
	w.say("A-1", "three")
	eventually(t, "the second hears it", func() bool { return slices.Contains(second.heard(""), "A-1 three") })
	if got := second.heard(""); len(got) != 1 {
		t.Errorf("a process that ended well left %v to be heard again", got)
	}
}
