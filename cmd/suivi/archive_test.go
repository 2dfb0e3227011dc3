package main

import (
	"net/http"
	"testing"

	"suivi/domain"
)

func (d *desk) trackerKeys(token, query string, headers ...string) []string {
	d.t.Helper()
	var list struct{ Trackers []struct{ Key string } }
	d.want(http.StatusOK, d.ask(token, "GET", "/api/v1/trackers"+query, nil, headers...), &list)
	keys := []string{}
	for _, tracker := range list.Trackers {
		keys = append(keys, tracker.Key)
	}
	return keys
}

func TestAnArchivedTrackerIsReadAndNotChanged(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, ids := staffed(d, nil)
	manager, reporter := tokens[domain.Manager], tokens[domain.Reporter]
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", map[string]any{"key": "OTHER", "name": "Other"}), nil)
	path := d.post(reporter, "Before")
	const archived = deskPath + "/archived"
	d.refused(http.StatusForbidden, "right-missing", d.ask(tokens[domain.Resolver], "PUT", archived, nil))
	a := d.ask(manager, "PUT", archived, nil)
	d.want(http.StatusOK, a, nil)
	for _, change := range []struct {
		method, path string
		body         map[string]any
	}{
		{"POST", deskPath + "/tickets", map[string]any{"summary": "After"}},
		{"PATCH", path, map[string]any{"summary": "After"}},
		{"POST", path + "/state", map[string]any{"to": "working"}},
		{"POST", path + "/comments", map[string]any{"body": "After"}},
		{"PUT", path + "/assignee", map[string]any{"user": ids[domain.Developer]}},
		{"DELETE", path + "/assignee", nil},
		{"PATCH", deskPath, map[string]any{"name": "After"}},
		{"PUT", deskPath + "/workflow", map[string]any{"rules": []any{}}},
		{"DELETE", deskPath + "/members/" + ids[domain.Developer], nil},
	} {
		for _, token := range []string{manager, d.token} {
			var body any
			if change.body != nil {
				body = change.body
			}
			d.refused(http.StatusConflict, "tracker-archived", d.ask(token, change.method, change.path, body))
		}
	}
	for query, want := range map[string]int{"": 1, "?archived=only": 1, "?archived=all": 2} {
		keys := d.trackerKeys(d.token, query, "X-Suivi-After", a.position)
		if len(keys) != want || (query == "") == (keys[0] == "DESK") {
			t.Errorf("GET /trackers%s: %v", query, keys)
		}
	}
	d.want(http.StatusOK, d.ask(reporter, "GET", path, nil), nil)
	d.want(http.StatusOK, d.ask(reporter, "GET", path+"/history", nil), nil)
	d.want(http.StatusOK, d.ask(reporter, "GET", deskPath, nil), nil)

	d.want(http.StatusOK, d.ask(manager, "DELETE", archived, nil), nil)
	if second := d.post(reporter, "Again"); second != "/api/v1/tickets/DESK-2" {
		t.Errorf("the next ticket is %s, want DESK-2: refused posts take no number", second)
	}
}
