package main

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

// deed is something that one needs a right for.
type deed struct {
	right        domain.Right
	method, path string // below the ticket
	body         func(by domain.Role, ids map[domain.Role]string) map[string]any
}

func deeds() []deed {
	fixed := func(body map[string]any) func(domain.Role, map[domain.Role]string) map[string]any {
		return func(domain.Role, map[domain.Role]string) map[string]any { return body }
	}
	return []deed{
		{domain.CommentOn, "POST", "/comments", fixed(map[string]any{"body": "Hello"})},
		{domain.EditAny, "PATCH", "", fixed(map[string]any{"summary": "Edited"})},
		{domain.ChangeState, "POST", "/state", fixed(map[string]any{"to": "working"})},
		{domain.WriteResolution, "PATCH", "", fixed(map[string]any{"resolution": "Unmuted"})},
		{domain.SeeInternal, "POST", "/notes", fixed(map[string]any{"body": "Hm"})},
		{domain.Delete, "DELETE", "", fixed(nil)},
		{domain.ManagePriority, "POST", "/rank", fixed(map[string]any{"move": "top"})},
		{domain.ManageDependencies, "PUT", "/prerequisites/DESK-1", fixed(nil)},
		{domain.AssignAnybody, "PUT", "/assignee", func(by domain.Role, ids map[domain.Role]string) map[string]any {
			if by == domain.Resolver {
				return map[string]any{"user": ids[domain.Developer]}
			}
			return map[string]any{"user": ids[domain.Resolver]} // who takes needs another right
		}},
	}
}

// For each deed and role: the preset decides, then the right granted or revoked by hand, then the preset again.
func TestEveryRightOfARoleIsDataOfTheTracker(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, ids := staffed(d, map[string]any{"mode": "bugtracker"})
	for _, deed := range deeds() {
		for _, role := range domain.Roles() {
			try := func(want bool, when string) {
				t.Helper()
				path := d.post(d.token, "For "+string(role)) // reported by nobody of them
				before := versionOf(d, path)
				a := d.ask(tokens[role], deed.method, path+deed.path, deed.body(role, ids))
				var problem struct{ Code string }
				if err := json.Unmarshal(a.body, &problem); err != nil && a.status != http.StatusNoContent {
					t.Fatal(err)
				}
				allowed := a.status < 300
				if allowed != want || !allowed && (a.status != http.StatusForbidden || versionOf(d, path) != before) {
					t.Errorf("%s, %s %s: got %d %s, allowed should be %t", role, deed.right, when, a.status, a.body, want)
				}
			}
			preset := domain.Policy{Mode: domain.Bugtracker}.Holds([]domain.Role{role}, deed.right)
			rights := "/api/v1/trackers/DESK/roles/" + string(role)
			try(preset, "by the preset")
			d.want(http.StatusOK, d.ask(d.token, "PUT", rights, map[string]any{"granted": []domain.Right{deed.right}}), nil)
			try(true, "granted")
			d.want(http.StatusOK, d.ask(d.token, "PUT", rights, map[string]any{"revoked": []domain.Right{deed.right}}), nil)
			try(false, "revoked")
			d.want(http.StatusOK, d.ask(d.token, "DELETE", rights, nil), nil)
			try(preset, "by the preset again")
		}
	}
}

func TestRightsChangedByHandSurviveEveryModeAndDecideWhoSees(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"mode": "ticketing"})
	path := d.post(d.token, "Somebody else's")
	const tracker = "/api/v1/trackers/DESK"
	sees := func(role domain.Role, after string) bool {
		a := d.ask(tokens[role], "GET", path, nil, "X-Suivi-After", after)
		var list struct{ Tickets []any }
		d.want(http.StatusOK, d.ask(tokens[role], "GET", "/api/v1/tickets?tracker=DESK", nil), &list)
		if (a.status == http.StatusOK) != (len(list.Tickets) == 1) || a.status != http.StatusOK && a.status != http.StatusNotFound {
			t.Errorf("%s: the ticket answers %d, the list has %d", role, a.status, len(list.Tickets))
		}
		return a.status == http.StatusOK
	}
	set := d.ask(tokens[domain.Manager], "PUT", tracker+"/roles/reporter", map[string]any{"granted": []string{"see-all"}})
	d.want(http.StatusOK, set, nil)
	set = d.ask(tokens[domain.Manager], "PUT", tracker+"/roles/developer", map[string]any{"revoked": []string{"see-all"}})
	d.want(http.StatusOK, set, nil)
	for _, mode := range append(domain.Modes(), domain.Ticketing) {
		set = d.ask(tokens[domain.Manager], "PATCH", tracker, map[string]any{"mode": mode})
		d.want(http.StatusOK, set, nil)
		if !sees(domain.Reporter, set.position) || sees(domain.Developer, set.position) || !sees(domain.Resolver, set.position) {
			t.Errorf("in %s the rights set by hand do not hold", mode)
		}
	}
	var shown struct {
		RoleRights map[domain.Role]domain.RightChanges
		Rights     map[domain.Role][]domain.Right
	}
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "GET", tracker, nil), &shown)
	want := map[domain.Role]domain.RightChanges{
		domain.Reporter: {Granted: []domain.Right{domain.SeeAll}}, domain.Developer: {Revoked: []domain.Right{domain.SeeAll}},
	}
	if diff := cmp.Diff(want, shown.RoleRights); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]domain.Right{domain.Post, domain.CommentOn, domain.Watch, domain.EditOwn, domain.SeeAll}, shown.Rights[domain.Reporter]); diff != "" {
		t.Error(diff)
	}
	set = d.ask(tokens[domain.Manager], "DELETE", tracker+"/roles/reporter", nil)
	d.want(http.StatusOK, set, nil)
	if sees(domain.Reporter, set.position) {
		t.Error("the reporter still sees, and the mode says no")
	}
}

func TestAManagerCannotLockTheAdministratorsOut(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	const rights = "/api/v1/trackers/DESK/roles/manager"
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "PUT", rights, map[string]any{"revoked": domain.Rights()}), nil)
	d.refused(http.StatusForbidden, "right-missing", d.ask(tokens[domain.Manager], "DELETE", rights, nil))
	d.want(http.StatusOK, d.ask(d.token, "DELETE", rights, nil), nil)
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "PATCH", "/api/v1/trackers/DESK", map[string]any{"name": "Ours again"}), nil)
}
