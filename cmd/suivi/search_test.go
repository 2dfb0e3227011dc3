package main

import (
	"net/http"
	"testing"

	"suivi/domain"
)

// Whoever has written something finds it, by way of the whole program.
func TestASearchFindsOnesOwnWrite(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"mode": "bugtracker"})
	reporter, manager := tokens[domain.Reporter], tokens[domain.Manager]
	found := func(token, query, after string) (n int) {
		t.Helper()
		var page struct{ Tickets []struct{ ID string } }
		d.want(http.StatusOK, d.ask(token, "GET", "/api/v1/tickets?q="+query, nil, "X-Suivi-After", after), &page)
		var counts struct{ Lists map[string]int }
		d.want(http.StatusOK, d.ask(token, "GET", "/api/v1/tickets/counts?q="+query, nil), &counts)
		if counts.Lists["open"]+counts.Lists["resolved"] != len(page.Tickets) {
			t.Errorf("%s: %v counted, %d listed", query, counts, len(page.Tickets))
		}
		return len(page.Tickets)
	}
	posted := d.ask(reporter, "POST", deskPath+"/tickets", map[string]any{"summary": "L’écran reste noir", "description": "x"})
	d.want(http.StatusCreated, posted, nil)
	if got := found(reporter, "ecran+noi", posted.position); got != 1 {
		t.Errorf("%d tickets, want 1", got)
	}
	noted := d.ask(manager, "POST", "/api/v1/tickets/DESK-1/notes", map[string]any{"body": "canary"})
	d.want(http.StatusCreated, noted, nil)
	if mine, theirs := found(reporter, "canary", noted.position), found(manager, "canary", noted.position); mine != 0 || theirs != 1 {
		t.Errorf("by an internal note the reporter finds %d and the manager %d, want 0 and 1", mine, theirs)
	}
	gone := d.ask(manager, "DELETE", "/api/v1/tickets/DESK-1", nil)
	d.want(http.StatusNoContent, gone, nil)
	if got := found(manager, "ecran", gone.position); got != 0 {
		t.Errorf("%d deleted tickets are found", got)
	}
}
