package main

import (
	"net/http"
	"testing"

	"suivi/domain"
)

// A service that is killed while tickets leave a disabled state finishes at its
// next start, by itself, and no ticket moves twice.
func TestAKilledMigrationIsFinishedAtTheNextStart(t *testing.T) {
	t.Parallel()
	const tickets = 300
	d := serveDesk(t, t.TempDir())
	tokens, ids := staffed(d, map[string]any{"mode": "bugtracker"})
	for range tickets {
		d.want(http.StatusCreated, d.ask(tokens[domain.Manager], "POST", deskPath+"/tickets", map[string]any{"summary": "Test me", "state": "testing"}), nil)
	}
	disable := map[string]any{"states": []string{"open", "working", "resolved"}}
	d.refused(http.StatusConflict, "state-in-use", d.ask(tokens[domain.Manager], "PATCH", deskPath, disable))
	disable["migrate"] = map[string]string{"testing": "working"}
	sent := make(chan error, 1)
	go func() {
		_, err := d.try(tokens[domain.Manager], "PATCH", deskPath, disable)
		sent <- err
	}()
	await(t, "some tickets have moved", func() bool { return d.counts("").States["working"] > 0 })
	d.kill()
	if err := <-sent; err == nil {
		t.Log("the migration was faster than the kill")
	}
	d = serveDesk(t, d.data)
	await(t, "all tickets have moved", func() bool {
		states := d.counts("").States
		return states["working"] == tickets && states["testing"] == 0
	})
	var list struct{ Tickets []struct{ ID string } }
	d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/tickets?limit=200", nil), &list)
	for _, ticket := range list.Tickets {
		var changes struct {
			Changes []struct {
				From, To string
				Actor    string
			}
		}
		d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/tickets/"+ticket.ID+"/state-history", nil), &changes)
		if n := len(changes.Changes); n != 2 || changes.Changes[1].From != "testing" || changes.Changes[1].To != "working" || changes.Changes[1].Actor != ids[domain.Manager] {
			t.Errorf("%s: %+v, want to testing, then to working by the manager", ticket.ID, changes.Changes)
		}
	}
}
