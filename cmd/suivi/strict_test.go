package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Every (role, from, to) of the strict preset through the API: what a rule
// allows succeeds once, all else is refused with the right code and changes nothing.
// What the rules are is proven by hand-written tables in domain/tracker.
func TestStrictPresetThroughTheAPI(t *testing.T) {
	t.Parallel()
	for _, mode := range []domain.Mode{domain.Bugtracker, domain.Custom} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			d := serveDesk(t, t.TempDir())
			tokens, members := map[domain.Role]string{}, map[string][]domain.Role{}
			for _, role := range domain.Roles() {
				id, token := d.person(string(role))
				tokens[role], members[id] = token, []domain.Role{role}
			}
			d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", map[string]any{
				"key": "DESK", "name": "Strict", "mode": mode, "workflow": "strict", "members": members,
			}), nil)
			for _, role := range domain.Roles() {
				for _, from := range tracker.States() {
					if from != tracker.Transferred {
						checkChangesFrom(t, d, mode, role, tokens, from)
					}
				}
			}
		})
	}
}

func checkChangesFrom(t *testing.T, d *desk, mode domain.Mode, role domain.Role, tokens map[domain.Role]string, from tracker.State) {
	t.Helper()
	for _, to := range tracker.States() {
		ticket := ticketIn(t, d, tokens, from)
		path := "/api/v1/tickets/" + ticket
		before := versionOf(d, path)
		a := d.ask(tokens[role], "POST", path+"/state", map[string]any{"to": to})
		status, code := wanted(mode, role, from, to)
		var got struct{ Code string }
		if err := json.Unmarshal(a.body, &got); err != nil || a.status != status || got.Code != code {
			t.Errorf("%s, %s → %s: got %d %s, want %d %q", role, from, to, a.status, a.body, status, code)
		}
		if status != http.StatusOK {
			if after := versionOf(d, path); after != before {
				t.Errorf("%s, %s → %s was refused and changed version %d to %d", role, from, to, before, after)
			}
			continue
		}
		if after := versionOf(d, path); after != before+1 {
			t.Errorf("%s, %s → %s: version %d after %d, want one event", role, from, to, after, before)
		}
		if again := d.ask(tokens[role], "POST", path+"/state", map[string]any{"to": to}); again.status != http.StatusConflict {
			t.Errorf("%s, %s → %s a second time: got %d %s, want 409", role, from, to, again.status, again.body)
		}
	}
}

// wanted is what the preset's rules say of a person with one role; the
// reporter reports all of the test's tickets.
func wanted(mode domain.Mode, role domain.Role, from, to tracker.State) (status int, code string) {
	if from == to {
		return http.StatusConflict, "no-change"
	}
	status, code = http.StatusConflict, "transition-forbidden"
	for _, rule := range tracker.StrictPreset(mode) {
		if rule.From != from || rule.To != to {
			continue
		}
		if slices.Contains(rule.Roles, role) {
			return http.StatusOK, ""
		}
		status, code = http.StatusForbidden, "role-missing"
	}
	return status, code
}

// ticketIn posts a ticket as the reporter and leads it to the state by the preset's own ways.
func ticketIn(t *testing.T, d *desk, tokens map[domain.Role]string, state tracker.State) string {
	t.Helper()
	var posted struct{ ID string }
	d.want(http.StatusCreated, d.ask(tokens[domain.Reporter], "POST", "/api/v1/trackers/DESK/tickets",
		map[string]any{"summary": "to " + state}), &posted)
	steps := map[tracker.State][]tracker.State{
		tracker.Open: {tracker.Open}, tracker.Working: {tracker.Working}, tracker.Blocked: {tracker.Blocked},
		tracker.Waiting: {tracker.Waiting}, tracker.Testing: {tracker.Working, tracker.Testing},
		tracker.Published: {tracker.Working, tracker.Published}, tracker.Resolved: {tracker.Resolved},
		tracker.Validated: {tracker.Resolved, tracker.Validated}, tracker.Abandoned: {tracker.Abandoned},
	}
	for _, to := range steps[state] {
		by := tokens[domain.Developer]
		if to == tracker.Resolved || to == tracker.Validated || to == tracker.Abandoned {
			by = tokens[domain.Resolver]
		}
		d.want(http.StatusOK, d.ask(by, "POST", fmt.Sprintf("/api/v1/tickets/%s/state", posted.ID), map[string]any{"to": to}), nil)
	}
	return posted.ID
}

func versionOf(d *desk, path string) int {
	d.t.Helper()
	// A no-op edit answers the ticket as the write side has it, without waiting for a read model.
	var ticket struct{ Version int }
	d.want(http.StatusOK, d.ask(d.token, "PATCH", path, map[string]any{}), &ticket)
	return ticket.Version
}
