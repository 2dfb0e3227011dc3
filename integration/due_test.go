package integration_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"suivi/database"
	"suivi/eventstore"
	"suivi/integration"
	"suivi/internal/testdb"
)

// openReactors is a process that runs nothing but the reactor.
func (w *world) openReactors(reactor integration.Reactor) (*integration.Reactors, func()) {
	w.t.Helper()
	db, err := database.Open(w.t.Context(), database.Config{URL: w.url, Durable: true})
	if err != nil {
		w.t.Fatal(err)
	}
	now := func() time.Time { return time.Now().Add(time.Duration(w.later.Load()) * time.Second) }
	r, err := integration.Open(w.t.Context(), integration.Config{DB: db, Store: w.store, Now: now}, reactor)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	w.t.Cleanup(func() { cancel(); running.Wait(); _ = db.Close() })
	return r, func() { running.Go(func() { _ = r.Run(ctx) }) }
}

// heard keeps what a reactor was told of.
type heard struct {
	mu  sync.Mutex
	all []string
}

func (h *heard) note(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, text)
}

func (h *heard) get() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.all)
}

func TestATicketThatIsDueIsHeardOfAgain(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.say("A-1", "one", "two") // before the reactor began
		var h heard
		r, run := w.openReactors(integration.Reactor{Name: "ear", React: func(_ context.Context, e integration.Event) error {
			h.note(fmt.Sprintf("%s %d %t", e.Ticket, e.Revision, e.Again))
			return nil
		}})
		for range 2 { // once due, however often it is said
			if err := r.Due(t.Context(), "ear", "it is imported", "A-1", "A-9"); err != nil {
				t.Fatal(err)
			}
		}
		status, err := r.Status(t.Context())
		if err != nil || status[0].Due != 1 || status[0].Parked != 0 {
			t.Errorf("got %+v, %v", status, err)
		}
		if parked, err := r.Parked(t.Context()); err != nil || len(parked) != 0 {
			t.Errorf("what is due has not failed: %v, %v", parked, err)
		}
		run()
		eventually(t, "it is heard", func() bool { return slices.Equal(h.get(), []string{"A-1 1 true"}) })
		w.say("A-1", "three")
		eventually(t, "what is new is heard as ever", func() bool { return slices.Equal(h.get(), []string{"A-1 1 true", "A-1 2 false"}) })
		eventually(t, "nothing is left", func() bool { s, err := r.Status(t.Context()); return err == nil && s[0].Due+s[0].Parked == 0 })
	})
}

// It may become due once more while it is being looked at.
func TestNothingThatBecomesDueIsLost(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.say("A-1", "one")
		var h heard
		var r *integration.Reactors
		r, run := w.openReactors(integration.Reactor{Name: "ear", React: func(ctx context.Context, _ integration.Event) error {
			h.note("heard")
			if len(h.get()) == 1 {
				return r.Due(ctx, "ear", "again", "A-1")
			}
			return nil
		}})
		if err := r.Due(t.Context(), "ear", "first", "A-1"); err != nil {
			t.Fatal(err)
		}
		run()
		eventually(t, "it is heard twice", func() bool { return len(h.get()) == 2 })
	})
}

func TestAFailureMaySayWhenToTryAgainAndAllOfItMayBeHurried(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		var h heard
		r, run := w.openReactors(integration.Reactor{Name: "ear", React: func(_ context.Context, e integration.Event) error {
			h.note(string(e.Ticket))
			if len(h.get()) == 1 {
				return integration.LaterError{Err: errors.New("the tool is shut"), Pause: 5 * time.Minute}
			}
			return nil
		}})
		run()
		w.say("A-1", "one")
		parked := func() []integration.Parked { all, _ := r.Parked(t.Context()); return all }
		eventually(t, "it is parked", func() bool { return len(parked()) == 1 })
		if k := parked()[0]; k.Reason != "the tool is shut" || k.RetryAt.Sub(k.TriedAt).Round(time.Second) != 5*time.Minute {
			t.Errorf("got %+v", k)
		}
		if err := r.Hurry(t.Context(), "ear"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it is tried", func() bool { return len(h.get()) == 2 && len(parked()) == 0 })
	})
}

func TestAReactorHearsOfOtherStreamsInOrderAndTriesUntilItSucceeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testdb.Postgres(t))
	var h heard
	_, run := w.openReactors(integration.Reactor{
		Name: "ear", React: func(context.Context, integration.Event) error { return nil }, Streams: []string{"other"},
		Aside: func(_ context.Context, e eventstore.Recorded) error {
			h.note(e.Type)
			if len(h.get()) == 1 {
				panic("a bug")
			}
			return nil
		},
	})
	run()
	for _, name := range []string{"one", "two"} {
		if _, err := w.store.Append(t.Context(), "other-1", eventstore.AnyRevision(), eventstore.Event{ID: uuid.New(), Type: name, Data: []byte("{}"), Metadata: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "both are heard", func() bool { return slices.Contains(h.get(), "two") })
	if got := h.get(); got[0] != "one" || got[1] != "one" {
		t.Errorf("got %v", got)
	}
}

func TestACursorIsKept(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		r, _ := w.openReactors(integration.Reactor{Name: "ear"})
		first, err := r.Cursor(t.Context(), "a")
		err = errors.Join(err, r.SetCursor(t.Context(), "a", "1"), r.SetCursor(t.Context(), "a", "2"), r.SetCursor(t.Context(), "b", "3"))
		last, err2 := r.Cursor(t.Context(), "a")
		if err != nil || err2 != nil || first != "" || last != "2" {
			t.Errorf("got %q, then %q, %v, %v", first, last, err, err2)
		}
	})
}

func TestDriftIsKeptAsItWasSeenLast(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		r, _ := w.openReactors(integration.Reactor{Name: "ear"})
		one, other := []integration.Drift{{What: "status", Want: "open", Found: "new", Why: "ignored"}}, []integration.Drift{{What: "title", Want: "a", Found: "b"}}
		err := errors.Join(r.SetDrifts(t.Context(), "ear", "A-1", one), r.SetDrifts(t.Context(), "ear", "A-1", other), r.SetDrifts(t.Context(), "ear", "A-2", one),
			r.SetDrifts(t.Context(), "ear", "A-2", nil), r.SetDrifts(t.Context(), "eye", "A-3", one))
		got, err2 := r.Drifts(t.Context(), "ear")
		if err != nil || err2 != nil || len(got) != 1 || got[0].Ticket != "A-1" || !slices.Equal(got[0].Drifts, other) {
			t.Errorf("got %+v, %v, %v", got, err, err2)
		}
	})
}
