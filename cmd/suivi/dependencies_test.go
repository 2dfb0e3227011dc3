package main

import (
	"net/http"
	"slices"
	"testing"

	"suivi/domain"
	"suivi/domain/tracker"
)

type treeShown struct {
	Prerequisites, Dependents []struct {
		ID    domain.TicketID
		State tracker.State
	}
}

// Rows 55 to 58 of the list of features that a rebuild proves.
func TestDependenciesAreSeenFromBothSidesAndSurviveAnEdit(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"mode": "ticketing"})
	manager := tokens[domain.Manager]
	house, roof := d.post(tokens[domain.Reporter], "Build a house"), d.post(manager, "Have a roof")
	const prerequisite = "/prerequisites/DESK-2"
	d.refused(http.StatusNotFound, "ticket-not-found", d.ask(tokens[domain.Reporter], "PUT", house+prerequisite, nil)) // sees no DESK-2
	d.refused(http.StatusForbidden, "right-missing", d.ask(tokens[domain.Developer], "PUT", house+prerequisite, nil))
	before := versionOf(d, house)
	added := d.ask(manager, "PUT", house+prerequisite, nil)
	d.want(http.StatusOK, added, nil)
	if now := versionOf(d, house); now != before {
		t.Errorf("the ticket went from version %d to %d", before, now)
	}
	d.refused(http.StatusConflict, "dependency-cycle", d.ask(manager, "PUT", roof+"/prerequisites/DESK-1", nil))
	d.refused(http.StatusConflict, "dependency-cycle", d.ask(manager, "PUT", house+"/prerequisites/DESK-1", nil))
	edited := d.ask(manager, "PATCH", house, map[string]any{"summary": "Build a big house", "description": "With a garden"})
	d.want(http.StatusOK, edited, nil)
	var up, down, hidden treeShown
	d.want(http.StatusOK, d.ask(manager, "GET", house+"/dependencies", nil, "X-Suivi-After", edited.position), &up)
	d.want(http.StatusOK, d.ask(manager, "GET", roof+"/dependencies", nil), &down)
	d.want(http.StatusOK, d.ask(tokens[domain.Reporter], "GET", house+"/dependencies", nil), &hidden)
	if len(up.Prerequisites) != 1 || up.Prerequisites[0].ID != "DESK-2" || up.Prerequisites[0].State != tracker.Posted || len(up.Dependents) != 0 ||
		len(down.Dependents) != 1 || down.Dependents[0].ID != "DESK-1" {
		t.Errorf("DESK-1 shows %+v, DESK-2 shows %+v", up, down)
	}
	if len(hidden.Prerequisites) != 0 {
		t.Errorf("the reporter, who may not see DESK-2, sees %+v", hidden)
	}
	for path, want := range map[string]int{house: 1, roof: 1} {
		var told struct{ History []struct{ Type string } }
		d.want(http.StatusOK, d.ask(manager, "GET", path+"/history", nil), &told)
		all := len(told.History)
		rest := slices.DeleteFunc(told.History, func(h struct{ Type string }) bool { return h.Type == "dependencies.added.v1" })
		if all-len(rest) != want {
			t.Errorf("%s tells of %d dependencies, want %d", path, all-len(rest), want)
		}
	}
}

func TestATicketWaitsForItsPrerequisitesWhereARuleSaysSo(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"workflow": "strict"})
	manager := tokens[domain.Manager]
	rules := []tracker.Rule{
		{From: tracker.Posted, To: tracker.Resolved, Roles: []domain.Role{domain.Manager}, Requires: []tracker.Requirement{tracker.RequiresPrerequisitesClosed}},
	}
	d.want(http.StatusOK, d.ask(manager, "PUT", "/api/v1/trackers/DESK/workflow", map[string]any{"rules": rules}), nil)
	house, roof := d.post(manager, "Build a house"), d.post(manager, "Have a roof")
	d.want(http.StatusOK, d.ask(manager, "PUT", house+"/prerequisites/DESK-2", nil), nil)
	resolve := map[string]any{"to": "resolved"}
	d.refused(http.StatusConflict, "requirement-missing", d.ask(manager, "POST", house+"/state", resolve))
	withFile := map[string]any{"to": "resolved", "attachments": []string{d.uploaded(manager, "a.txt", "hello")}}
	d.refused(http.StatusConflict, "requirement-missing", d.ask(manager, "POST", house+"/state", withFile))
	d.want(http.StatusOK, d.ask(manager, "POST", roof+"/state", resolve), nil)
	d.want(http.StatusOK, d.ask(manager, "POST", house+"/state", resolve), nil)
}
