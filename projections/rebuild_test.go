package projections_test

import (
	"context"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/internal/testdb"
)

// A reader that looks all the time sees the table at every moment, and never less than before.
func TestARebuildIsNotSeen(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		p, _ := w.run(t)
		w.write(t, 1, 50)
		w.settle(t, p)
		ctx, done := context.WithCancel(t.Context())
		var group errgroup.Group
		group.Go(func() error {
			for seen := 0; ctx.Err() == nil; {
				var n int
				if err := w.db.Read.GetContext(t.Context(), &n, `SELECT COUNT(*) FROM tickets`); err != nil {
					return err
				}
				if n < seen {
					t.Errorf("%d tickets, after %d", n, seen)
				}
				seen = n
			}
			return nil
		})
		group.Go(func() error {
			defer done()
			var said []uint64
			for range 2 {
				for _, name := range []string{"tickets", "history"} {
					progress := func(done, _ uint64) { said = append(said, done) }
					if err := p.Rebuild(t.Context(), name, progress); err != nil {
						return err
					}
				}
			}
			if len(said) == 0 {
				t.Error("no progress told")
			}
			return nil
		})
		w.write(t, 51, 100)
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
		w.settle(t, p)
		if got := verified(t, p).Projections[0].Events; got != 400 {
			t.Errorf("%d events applied, want 400", got)
		}
	})
}

func TestRebuildOfAnUnknownProjection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testdb.SQLite(t))
	p, _ := w.run(t)
	if err := p.Rebuild(t.Context(), "nonsense", nil); domain.CodeOf(err) != "projection-not-found" {
		t.Errorf("got %v, want projection-not-found", err)
	}
}

func TestAnotherVersionIsBuiltAtStart(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		p, stop := w.run(t)
		w.write(t, 1, 5)
		w.settle(t, p)
		stop()
		w.exec(t, `UPDATE projections SET version = 0 WHERE name = 'tickets'`)
		w.exec(t, `ALTER TABLE tickets DROP COLUMN resolution`)
		p, _ = w.run(t)
		w.settle(t, p)
		verified(t, p)
	})
}

// The event store was replaced by another, or by an older copy of itself.
func TestTablesAheadOfTheStoreAreBuiltAnew(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		old := newWorld(t, url)
		p, stop := old.run(t)
		old.write(t, 1, 5)
		old.settle(t, p)
		stop()
		w := newWorld(t, url)
		w.write(t, 1, 1)
		p, _ = w.run(t)
		w.settle(t, p)
		verified(t, p)
		if got := w.count(t, "tickets"); got != 1 {
			t.Errorf("%d tickets, want 1", got)
		}
	})
}

func TestVerifyNamesWhatWasTamperedWith(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		p, _ := w.run(t)
		w.configure(t, "HELP", tracker.Created{Key: "HELP", Name: "Help", Mode: domain.Bugtracker, Workflow: tracker.Relaxed})
		w.write(t, 1, 20)
		w.settle(t, p)
		w.exec(t, `UPDATE tickets SET state = 'validated' WHERE id = 'HELP-7'`)
		w.exec(t, `DELETE FROM comments WHERE ticket = 'HELP-8'`)
		w.exec(t, `INSERT INTO state_changes (ticket, version, from_state, to_state, actor, occurred_at)
			SELECT 'HELP-9', 99, from_state, to_state, actor, occurred_at FROM state_changes WHERE ticket = 'HELP-9'`)
		report, err := p.Verify(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, v := range report.Projections {
			said = append(said, v.Differences...)
		}
		want := []string{
			`tickets HELP-7: state is "validated", the events say "open"`,
			`comments HELP-8/1: the row is missing`,
			`state_changes HELP-9/99: there is a row that no event tells of`,
		}
		if report.Equal || strings.Join(said, "\n") != strings.Join(want, "\n") {
			t.Errorf("got  %q\nwant %q", said, want)
		}
		if err := p.Rebuild(t.Context(), "tickets", nil); err != nil {
			t.Fatal(err)
		}
		if err := p.Rebuild(t.Context(), "history", nil); err != nil {
			t.Fatal(err)
		}
		verified(t, p)
	})
}

func TestVerifyWhileWriting(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		p, _ := w.run(t)
		written := make(chan struct{})
		go func() {
			defer close(written)
			w.write(t, 1, 50)
		}()
		for writing := true; writing; {
			if p.Wait(t.Context(), eventstore.Position{Prepare: 1}) == nil {
				verified(t, p)
			}
			select {
			case <-written:
				writing = false
			default:
			}
		}
	})
}
