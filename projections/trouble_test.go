package projections_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/eventstore"
	"suivi/internal/testdb"
	"suivi/projections"
)

func state(t *testing.T, p *projections.Projections) string {
	t.Helper()
	all, err := p.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all[0].State
}

func TestAnEventNobodyKnowsStopsAndIsNotSkipped(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		p, _ := w.run(t)
		w.tell(t, "HELP-1", posted(1))
		w.settle(t, p)
		w.append(t, "ticket-HELP-1", w.event(t, "ticket.exploded.v9", []byte(`{}`), w.meta(person(1))))
		w.tell(t, "HELP-2", posted(2))
		eventually(t, "stopped", func() bool { return strings.HasPrefix(state(t, p), "stopped: ") })
		if got, want := state(t, p), `1@ticket-HELP-1`; !strings.Contains(got, want) || !strings.Contains(got, "ticket.exploded.v9") {
			t.Errorf("the state %q does not name the event", got)
		}
		all, err := p.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := all[0]; got.Lag != 2 || got.Events != 1 {
			t.Errorf("got %+v, want a lag of 2 after 1 event", got)
		}
		if got := w.count(t, "tickets"); got != 1 {
			t.Errorf("%d tickets: the event was skipped", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := p.Wait(ctx, w.last); domain.CodeOf(err) != "read-model-behind" || domain.KindOf(err) != domain.Unavailable {
			t.Errorf("got %v, want read-model-behind", err)
		}
		if err := p.Rebuild(t.Context(), "tickets", nil); err == nil {
			t.Error("a rebuild skipped the event")
		}
	})
}

func TestProjectionsGoOnWhenMended(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		p, _ := w.run(t)
		w.tell(t, "HELP-1", posted(1))
		w.settle(t, p)
		w.exec(t, `ALTER TABLE comments RENAME TO comments_away`)
		w.tell(t, "HELP-1", ticket.Commented{Comment: 1, Body: "one"})
		eventually(t, "stopped", func() bool { return strings.HasPrefix(state(t, p), "stopped: ") })
		w.tell(t, "HELP-1", ticket.Commented{Comment: 2, Body: "two"})
		w.exec(t, `ALTER TABLE comments_away RENAME TO comments`)
		w.settle(t, p)
		if got := state(t, p); got != "running" {
			t.Errorf("got %q, want running", got)
		}
		verified(t, p)
	})
}

func TestBrokenStreamsStopInsteadOfPanicking(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		p, _ := w.run(t)
		w.tell(t, "HELP-1", ticket.Edited{Answers: map[string]string{"a": "b"}})
		// It tries again and again, so that one look at the state is to tell all.
		eventually(t, "stopped, and why", func() bool {
			got := state(t, p)
			return strings.HasPrefix(got, "stopped: ") && strings.Contains(got, "posted first")
		})
	})
}

func TestWaitCountsForeignEventsAsHad(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		p, _ := w.run(t)
		w.append(t, "redmine-1", w.event(t, "foreign", []byte(`{}`), domain.Meta{}))
		w.settle(t, p)
		w.tell(t, "HELP-1", posted(1))
		w.append(t, "redmine-1", w.event(t, "foreign", []byte(`{}`), domain.Meta{}))
		w.settle(t, p)
		if got := w.count(t, "tickets"); got != 1 {
			t.Errorf("%d tickets, want 1", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		beyond := eventstore.Position{Commit: w.last.Commit + 1, Prepare: w.last.Prepare + 1}
		if err := p.Wait(ctx, beyond); domain.CodeOf(err) != "read-model-behind" {
			t.Errorf("got %v, want read-model-behind", err)
		}
	})
}
