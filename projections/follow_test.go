package projections_test

import (
	"testing"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
)

func TestRowsFollowTheEvents(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.configure(t, "HELP", tracker.Created{Key: "HELP", Name: "Help desk", Mode: domain.Ticketing, Workflow: tracker.Relaxed},
			tracker.MemberSet{User: person(1), Roles: []domain.Role{domain.Manager}},
			tracker.MemberSet{User: person(2), Roles: []domain.Role{domain.Reporter}})
		p, _ := w.run(t)
		w.tell(t, "HELP-1", posted(1), ticket.Assigned{Assignee: person(1)})
		w.tell(t, "HELP-1", ticket.StateChanged{From: tracker.Posted, To: tracker.Resolved},
			ticket.Commented{Comment: 1, Body: "done \x00 <b>"}, ticket.Unassigned{Previous: person(1)})
		w.settle(t, p)

		type row struct {
			State, List, Assignee string
			Comments, Version     int
			Answers               string
		}
		var got row
		if err := w.db.Read.GetContext(t.Context(), &got,
			`SELECT state, list, assignee, comments, version, answers->>'room' AS answers FROM tickets WHERE id = $1`, "HELP-1"); err != nil {
			t.Fatal(err)
		}
		if want := (row{"resolved", "resolved", "", 1, 5, "B12"}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		for table, want := range map[string]int{"tickets": 1, "comments": 1, "history": 5, "state_changes": 1, "ownership_changes": 2, "trackers": 1, "members": 2} {
			if got := w.count(t, table); got != want {
				t.Errorf("%s has %d rows, want %d", table, got, want)
			}
		}
		if got := w.count(t, "members WHERE sees_all"); got != 1 {
			t.Errorf("%d members see all, want 1", got)
		}
		report := verified(t, p)
		if got := report.Projections[0].Events; got != 8 {
			t.Errorf("tickets is made of %d events, want 8", got)
		}
		if err := p.Rebuild(t.Context(), "tickets", nil); err != nil {
			t.Fatal(err)
		}
		verified(t, p)
	})
}
