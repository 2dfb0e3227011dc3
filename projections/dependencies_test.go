package projections_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/eventstore"
	"suivi/internal/testdb"
	"suivi/projections"
)

// depend appends events of the site's dependencies.
func (w *world) depend(t testing.TB, events ...dependency.Event) {
	t.Helper()
	var encoded []eventstore.Event
	for _, e := range events {
		name, data, err := dependency.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		encoded = append(encoded, w.event(t, name, data, w.meta(person(1))))
	}
	w.append(t, dependency.Stream, encoded...)
}

// Any events, any restarts: the table is the fold, and each event stands in the
// history of both its tickets.
func TestDependenciesAreTheFoldOfAnyHistory(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		p, stop := w.run(t)
		var graph dependency.Graph
		told := 0
		ids := []domain.TicketID{"HELP-1", "HELP-2", "HELP-3", "DESK-1"}
		rapid.Check(t, func(r *rapid.T) {
			if rapid.IntRange(0, 19).Draw(r, "restart") == 0 {
				stop()
				p, stop = w.run(t)
			}
			var events []dependency.Event
			for range rapid.IntRange(1, 6).Draw(r, "events") {
				a := rapid.IntRange(0, 2).Draw(r, "ticket")
				b := rapid.IntRange(a+1, 3).Draw(r, "prerequisite")
				var e dependency.Event = dependency.Added{Ticket: ids[a], Prerequisite: ids[b]}
				if rapid.Bool().Draw(r, "remove") {
					e = dependency.Removed{Ticket: ids[a], Prerequisite: ids[b]}
				}
				events = append(events, e)
				graph = dependency.Evolve(graph, e, domain.Meta{})
			}
			w.depend(t, events...)
			told += len(events)
			w.settle(t, p)
			for _, id := range ids {
				want := slices.Sorted(slices.Values(graph.Prerequisites(id)))
				if diff := cmp.Diff(want, w.prerequisites(t, id)); diff != "" {
					r.Fatalf("%s: %s", id, diff)
				}
			}
		})
		if got := w.count(t, "history WHERE other <> '' AND version = 0"); got != 2*told {
			t.Errorf("the histories have %d entries for %d events, want two for each", got, told)
		}
		verified(t, p)
		w.exec(t, `INSERT INTO dependencies (ticket, prerequisite) VALUES ('DESK-1', 'HELP-1')`)
		if report, err := p.Verify(t.Context(), nil); err != nil || !unequal(report, "dependencies") {
			t.Errorf("a dependency that no event tells of: %+v, %v", report, err)
		}
	})
}

// unequal tells whether the report finds a fault in the projection.
func unequal(report projections.Report, name string) bool {
	return slices.ContainsFunc(report.Projections, func(v projections.Verified) bool { return v.Name == name && !v.Equal })
}

func (w *world) prerequisites(t *testing.T, id domain.TicketID) (all []domain.TicketID) {
	t.Helper()
	err := w.db.Read.SelectContext(t.Context(), &all, `SELECT prerequisite FROM dependencies WHERE ticket = $1 ORDER BY prerequisite LIMIT 10`, id)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
