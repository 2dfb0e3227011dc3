package projections_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/internal/testdb"
	"suivi/projections"
)

func (w *world) recorded(t *testing.T) []eventstore.Recorded {
	t.Helper()
	var all []eventstore.Recorded
	for r, err := range w.store.ReadAll(t.Context(), eventstore.Position{}, projections.Filter()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func TestABatchThatComesAgainChangesNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		p, _ := w.run(t)
		w.tell(t, "HELP-1", posted(1), ticket.Commented{Comment: 1, Body: "one"})
		w.settle(t, p)
		for range 2 {
			if err := p.Apply(t.Context(), w.recorded(t)); err != nil {
				t.Fatal(err)
			}
		}
		if got := verified(t, p).Projections[0].Events; got != 2 {
			t.Errorf("%d events applied, want 2", got)
		}
	})
}

func TestAHalfAppliedBatchLeavesNothingAndIsAppliedOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		p, stop := w.run(t)
		w.tell(t, "HELP-1", posted(1))
		w.settle(t, p)
		stop()
		// history is applied after tickets: its rows cannot be written.
		w.exec(t, `ALTER TABLE history RENAME TO history_away`)
		w.tell(t, "HELP-1", ticket.Assigned{Assignee: person(1)}, ticket.Commented{Comment: 1, Body: "one"})
		if err := p.Apply(t.Context(), w.recorded(t)); err == nil {
			t.Fatal("a batch went through without its table")
		}
		if got := w.count(t, "comments"); got != 0 {
			t.Errorf("%d comments of a failed batch", got)
		}
		w.exec(t, `ALTER TABLE history_away RENAME TO history`)
		p, _ = w.run(t)
		w.settle(t, p)
		verified(t, p)
	})
}

func (w *world) exec(t *testing.T, query string) {
	t.Helper()
	if _, err := w.db.Write.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

// Two that do not know of each other, as after a lost lock, and restarts at any moment.
func TestEachEventCountsOnceWhoeverStopsWhen(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		written := make(chan struct{})
		go func() {
			defer close(written)
			w.write(t, 1, 60)
		}()
		other := projections.New(w.db, w.store, nil)
		for writing := true; writing; {
			_, stop := w.run(t)
			ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
			_ = other.Apply(ctx, w.recorded(t)) // may come too early, or too late
			cancel()
			stop()
			select {
			case <-written:
				writing = false
			default:
			}
		}
		p, _ := w.run(t)
		w.settle(t, p)
		report := verified(t, p)
		if got, want := report.Projections[0].Events, int64(len(w.recorded(t))); got != want {
			t.Errorf("%d events applied, want %d", got, want)
		}
	})
}

// write tells the lives of the tickets from first to last.
func (w *world) write(t testing.TB, first, last int64) {
	for n := first; n <= last && !t.Failed(); n++ {
		id := domain.NewTicketID("HELP", n)
		w.tell(t, id, posted(n), ticket.Assigned{Assignee: person(2)})
		w.tell(t, id, ticket.Commented{Comment: 1, Body: fmt.Sprint("comment on ", n)},
			ticket.StateChanged{From: tracker.Posted, To: tracker.Open})
	}
}
