package main

import (
	"net/http"
	"testing"

	"suivi/domain"
)

// given posts a ticket with the body and tells whom it was given to, and the position.
func (d *desk) given(token string, body map[string]any, headers ...string) (assignee, position string) {
	d.t.Helper()
	body["summary"] = "Whose?"
	a := d.ask(token, "POST", deskPath+"/tickets", body, headers...)
	var ticket struct{ Assignee string }
	d.want(http.StatusCreated, a, &ticket)
	return ticket.Assignee, a.position
}

func TestNewTicketsAreGivenInTheTrackersWay(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, ids := staffed(d, map[string]any{"mode": "ticketing"})
	manager, reporter := tokens[domain.Manager], tokens[domain.Reporter]
	dev, solver, boss := ids[domain.Developer], ids[domain.Resolver], ids[domain.Manager]
	d.configure(manager, map[string]any{"defaultAssignee": boss})
	expect := func(what, want string, body map[string]any) (position string) {
		t.Helper()
		got, position := d.given(reporter, body)
		if got != want {
			t.Errorf("%s: given to %s, want %s", what, got, want)
		}
		return position
	}
	expect("by default", boss, map[string]any{})

	d.want(http.StatusOK, d.ask(manager, "PUT", deskPath+"/fields/kind", map[string]any{
		"type": "dropdown", "label": map[string]string{"en": "Kind"}, "options": []any{map[string]any{"code": "a"}, map[string]any{"code": "b"}},
	}), nil)
	d.configure(manager, map[string]any{"assignment": map[string]any{"by": "field", "field": "kind", "people": map[string]string{"a": dev, "b": solver}}})
	expect("by the answer a", dev, map[string]any{"answers": map[string]string{"kind": "a"}})
	expect("by the answer b", solver, map[string]any{"answers": map[string]string{"kind": "b"}})
	expect("without an answer", boss, map[string]any{})

	d.configure(manager, map[string]any{"assignment": map[string]any{"by": "round-robin", "among": []string{dev, solver}}})
	for n := range 4 { // the next ticket is number 5
		expect("in turn", []string{dev, solver}[n%2], map[string]any{})
	}
	d.want(http.StatusOK, d.ask(manager, "PUT", deskPath+"/roles/developer", map[string]any{"revoked": []string{"be-assignee"}}), nil)
	expect("in turn, one has lost the right", solver, map[string]any{})
	expect("in turn, one has lost the right", solver, map[string]any{})
	d.want(http.StatusOK, d.ask(manager, "DELETE", deskPath+"/roles/developer", nil), nil)

	// By now the developer has 3 open tickets, the resolver 5.
	d.configure(manager, map[string]any{"assignment": map[string]any{"by": "least-open", "among": []string{dev, solver}}})
	for range 2 {
		at := expect("the fewest open", dev, map[string]any{})
		d.want(http.StatusOK, d.ask(reporter, "GET", "/api/v1/tickets", nil, "X-Suivi-After", at), nil)
	}
	counted := map[string]int{}
	for range 4 {
		got, at := d.given(reporter, map[string]any{})
		counted[got]++
		d.want(http.StatusOK, d.ask(reporter, "GET", "/api/v1/tickets", nil, "X-Suivi-After", at), nil)
	}
	if counted[dev] != 2 || counted[solver] != 2 {
		t.Errorf("both had as many: got %v, want two each", counted)
	}
	var owners struct {
		Changes []struct{ To, Actor string }
	}
	d.want(http.StatusOK, d.ask(reporter, "GET", "/api/v1/tickets/DESK-2/ownership-history", nil), &owners)
	if len(owners.Changes) != 1 || owners.Changes[0].To != dev || owners.Changes[0].Actor != ids[domain.Reporter] {
		t.Errorf("history: %+v", owners.Changes)
	}
}

// Each step is an entry in the history that names who did it (mod_tracker.md §19, row 75).
func TestAssigningTakingGivingBackAndTheHistoryOfIt(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, ids := staffed(d, nil)
	path := d.post(tokens[domain.Reporter], "Whose?")
	var shown struct{ Assignable []string }
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "GET", deskPath, nil), &shown)
	if len(shown.Assignable) != 3 {
		t.Errorf("assignable: %v, want developer, resolver and manager", shown.Assignable)
	}
	steps := []struct {
		by   domain.Role
		to   domain.Role // "": nobody
		want int
	}{
		{domain.Developer, domain.Developer, 200}, // takes
		{domain.Resolver, domain.Resolver, 403},   // it is taken
		{domain.Reporter, domain.Resolver, 403},
		{domain.Manager, domain.Reporter, 422}, // who cannot be assignee
		{domain.Manager, domain.Resolver, 200},
		{domain.Developer, "", 403},
		{domain.Resolver, "", 200}, // gives back
		{domain.Manager, domain.Developer, 200},
		{domain.Manager, "", 200}, // unassigns
	}
	var last answer
	for _, step := range steps {
		if step.to == "" {
			last = d.ask(tokens[step.by], "DELETE", path+"/assignee", nil)
		} else {
			last = d.ask(tokens[step.by], "PUT", path+"/assignee", map[string]any{"user": ids[step.to]})
		}
		if last.status != step.want {
			t.Errorf("%s gives it to %q: got %d %s, want %d", step.by, step.to, last.status, last.body, step.want)
		}
	}
	var owners struct {
		Changes []struct{ From, To, Actor string }
	}
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "GET", path+"/ownership-history", nil, "X-Suivi-After", last.position), &owners)
	dev, solver, boss := ids[domain.Developer], ids[domain.Resolver], ids[domain.Manager]
	want := []struct{ From, To, Actor string }{{"", dev, dev}, {dev, solver, boss}, {solver, "", solver}, {"", dev, boss}, {dev, "", boss}}
	if len(owners.Changes) != len(want) {
		t.Fatalf("got %+v, want %+v", owners.Changes, want)
	}
	for i, change := range owners.Changes {
		if change != want[i] {
			t.Errorf("step %d: got %+v, want %+v", i, change, want[i])
		}
	}
}
