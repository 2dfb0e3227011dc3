package main

import (
	"net/http"
	"testing"

	"suivi/domain"
)

// All of one's watches end, however many there are, in one tracker or everywhere; nobody else's do, and
// one needs no right of managers for it.
func TestAllWatchesOfAPersonEndAtOnce(t *testing.T) {
	t.Parallel()
	const tickets = 250 // more than one page of them
	d := serveDesk(t, t.TempDir())
	tokens, ids := staffed(d, map[string]any{"mode": "bugtracker"})
	reporter := tokens[domain.Reporter]
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", map[string]any{
		"key": "SHOP", "name": "Shop", "members": map[string][]domain.Role{ids[domain.Reporter]: {domain.Reporter}},
	}), nil)
	for range tickets {
		d.post(reporter, "Mine, so that I watch it")
	}
	posted := d.ask(reporter, "POST", "/api/v1/trackers/SHOP/tickets", map[string]any{"summary": "Mine too"})
	d.want(http.StatusCreated, posted, nil)
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "PUT", "/api/v1/tickets/DESK-1/watchers/"+ids[domain.Developer], map[string]any{}), nil)
	watching := func(token, after string) int {
		var c counts
		d.want(http.StatusOK, d.ask(token, "GET", "/api/v1/tickets/counts?scope=watching", nil, "X-Suivi-After", after), &c)
		return c.Lists["open"]
	}
	if got := watching(reporter, posted.position); got != tickets+1 {
		t.Fatalf("the reporter watches %d tickets, want %d", got, tickets+1)
	}
	for _, end := range []struct {
		path      string
		ends, has int
	}{{"/api/v1/me/watches?tracker=DESK", tickets, 1}, {"/api/v1/me/watches", 1, 0}, {"/api/v1/me/watches", 0, 0}} {
		var said struct{ Results []struct{ OK bool } }
		a := d.ask(reporter, "DELETE", end.path, nil)
		d.want(http.StatusOK, a, &said)
		if got := watching(reporter, a.position); len(said.Results) != end.ends || got != end.has {
			t.Errorf("%s ended %d watches and left %d, want %d and %d", end.path, len(said.Results), got, end.ends, end.has)
		}
	}
	if got := watching(tokens[domain.Developer], ""); got != 1 {
		t.Errorf("the developer watches %d tickets, want the one as before", got)
	}
}
