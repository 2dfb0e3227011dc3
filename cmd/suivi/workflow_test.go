package main

import (
	"maps"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// staffed makes a tracker DESK with one member for each role, and gives their tokens and ids.
func staffed(d *desk, settings map[string]any) (tokens, ids map[domain.Role]string) {
	d.t.Helper()
	tokens, ids = map[domain.Role]string{}, map[domain.Role]string{}
	members := map[string][]domain.Role{}
	for _, role := range domain.Roles() {
		ids[role], tokens[role] = d.person(string(role))
		members[ids[role]] = []domain.Role{role}
	}
	body := map[string]any{"key": "DESK", "name": "Desk", "members": members}
	maps.Copy(body, settings)
	made := d.ask(d.token, "POST", "/api/v1/trackers", body)
	d.want(http.StatusCreated, made, nil)
	d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/trackers/DESK", nil, "X-Suivi-After", made.position), nil) // lists know it too
	return tokens, ids
}

// post posts a ticket in DESK and gives its path.
func (d *desk) post(token, summary string) string {
	d.t.Helper()
	var posted struct{ ID string }
	d.want(http.StatusCreated, d.ask(token, "POST", "/api/v1/trackers/DESK/tickets", map[string]any{"summary": summary}), &posted)
	return "/api/v1/tickets/" + posted.ID
}

// refused fails unless the answer is a problem with the status and the code.
func (d *desk) refused(status int, code string, a answer) {
	d.t.Helper()
	var got struct{ Code string }
	d.want(status, a, &got)
	if got.Code != code {
		d.t.Errorf("got %s, want the code %s", a.body, code)
	}
}

type workflowShown struct {
	Workflow tracker.Workflow
	Preset   bool
	Rules    []tracker.Rule
}

func TestRulesSetByHandJudgeEveryChangeUntilThePresetIsBack(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"mode": "bugtracker", "workflow": "strict"})
	const workflow = "/api/v1/trackers/DESK/workflow"
	manager := tokens[domain.Manager]
	byHand := []tracker.Rule{
		{From: tracker.Posted, To: tracker.Validated, Roles: []domain.Role{domain.Reporter}, Own: true},
		{From: tracker.Posted, To: tracker.Waiting, Roles: []domain.Role{domain.Developer}, Requires: []tracker.Requirement{tracker.RequiresComment, tracker.RequiresAssignee}},
	}
	d.refused(http.StatusForbidden, "right-missing", d.ask(tokens[domain.Resolver], "PUT", workflow, map[string]any{"rules": byHand}))
	d.refused(http.StatusUnprocessableEntity, "invalid-input", d.ask(manager, "PUT", workflow, map[string]any{"rules": []any{map[string]any{"from": "open", "to": "open"}}}))
	set := d.ask(manager, "PUT", workflow, map[string]any{"rules": byHand})
	d.want(http.StatusOK, set, nil)
	var got workflowShown
	d.want(http.StatusOK, d.ask(tokens[domain.Reporter], "GET", workflow, nil, "X-Suivi-After", set.position), &got)
	if diff := cmp.Diff(workflowShown{tracker.Strict, false, byHand}, got); diff != "" {
		t.Error(diff)
	}

	path := d.post(tokens[domain.Reporter], "By hand")
	state := func(role domain.Role, body map[string]any) answer {
		return d.ask(tokens[role], "POST", path+"/state", body)
	}
	d.refused(http.StatusConflict, "transition-forbidden", state(domain.Developer, map[string]any{"to": "open"}))
	d.refused(http.StatusForbidden, "role-missing", state(domain.Manager, map[string]any{"to": "validated"}))
	d.refused(http.StatusConflict, "requirement-missing", state(domain.Developer, map[string]any{"to": "waiting"}))
	d.refused(http.StatusConflict, "requirement-missing", state(domain.Developer, map[string]any{"to": "waiting", "comment": "Why?"}))
	d.want(http.StatusOK, state(domain.Reporter, map[string]any{"to": "validated"}), nil)
	if v := versionOf(d, path); v != 2 {
		t.Errorf("version %d after one change that was allowed, want 2", v)
	}

	reset := d.ask(manager, "DELETE", workflow, nil)
	d.want(http.StatusOK, reset, nil)
	got = workflowShown{}
	d.want(http.StatusOK, d.ask(manager, "GET", workflow, nil, "X-Suivi-After", reset.position), &got)
	if diff := cmp.Diff(workflowShown{tracker.Strict, true, tracker.StrictPreset(domain.Bugtracker)}, got); diff != "" {
		t.Error(diff)
	}
	d.want(http.StatusOK, state(domain.Developer, map[string]any{"to": "open"}), nil)
}

// What GET transitions says, for each role and state, is what the change then answers.
func TestTransitionsAreWhatTheChangesAnswer(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"mode": "ticketing", "workflow": "strict"})
	for _, role := range domain.Roles() {
		for _, to := range tracker.States() {
			path := d.post(tokens[domain.Reporter], "To "+string(to))
			head := d.ask(tokens[domain.Reporter], "POST", path+"/comments", map[string]any{"body": "Hello"})
			var said struct{ Transitions []ticket.Transition }
			d.want(http.StatusOK, d.ask(tokens[role], "GET", path+"/transitions", nil, "X-Suivi-After", head.position), &said)
			for _, tr := range said.Transitions {
				if tr.To != to {
					continue
				}
				var problem struct{ Code, Detail string }
				a := d.ask(tokens[role], "POST", path+"/state", map[string]any{"to": to})
				d.want(a.status, a, &problem)
				if tr.Allowed != (a.status == http.StatusOK) || !tr.Allowed && (tr.Code != problem.Code || tr.Reason != problem.Detail) {
					t.Errorf("%s to %s: said %+v, then %d %s", role, to, tr, a.status, a.body)
				}
			}
			if len(said.Transitions) != len(tracker.States()) {
				t.Errorf("%s: told of %d states, want all", role, len(said.Transitions))
			}
		}
	}
}

func TestAPreviewTellsWhomNewRulesTouchAndHowManyTickets(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"mode": "bugtracker", "workflow": "strict"})
	d.post(tokens[domain.Reporter], "One")
	two := d.post(tokens[domain.Reporter], "Two")
	moved := d.ask(tokens[domain.Developer], "POST", two+"/state", map[string]any{"to": "working"})
	d.want(http.StatusOK, moved, nil)
	rules := append(tracker.StrictPreset(domain.Bugtracker),
		tracker.Rule{From: tracker.Posted, To: tracker.Validated, Roles: []domain.Role{domain.Resolver}})
	const preview = "/api/v1/trackers/DESK/workflow/preview"
	d.refused(http.StatusForbidden, "right-missing", d.ask(tokens[domain.Developer], "POST", preview, map[string]any{"rules": rules}))
	d.refused(http.StatusUnprocessableEntity, "invalid-input", d.ask(tokens[domain.Manager], "POST", preview, map[string]any{"workflow": "loose"}))
	type change struct {
		tracker.Difference
		Tickets int
	}
	var got struct{ Changes []change }
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "POST", preview, map[string]any{"rules": rules}, "X-Suivi-After", moved.position), &got)
	want := []change{
		{tracker.Difference{From: tracker.Posted, Role: domain.Resolver, Appear: []tracker.State{tracker.Validated}, Disappear: []tracker.State{}}, 1},
		{tracker.Difference{From: tracker.Posted, Role: domain.Resolver, Own: true, Appear: []tracker.State{tracker.Validated}, Disappear: []tracker.State{}}, 1},
	}
	if diff := cmp.Diff(want, got.Changes); diff != "" {
		t.Error(diff)
	}
	var after workflowShown
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "GET", "/api/v1/trackers/DESK/workflow", nil), &after)
	if !after.Preset {
		t.Error("the preview has changed the rules")
	}
}
