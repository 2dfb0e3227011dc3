package readapi_test

import (
	"strings"
	"testing"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/internal/testdb"
)

// Each end of a branch shows the other to whoever sees that one too, and to nobody else.
func TestABranchIsShownAtBothEnds(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		staff := []domain.Role{domain.Developer}
		s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): staff, person(3): staff})
		s.desk("SHOP", domain.Ticketing, map[domain.UserID][]domain.Role{person(2): staff, person(4): staff})
		s.post("HELP", person(1), nil)
		s.do("HELP-1", person(1), ticket.Commented{Comment: 1, Body: "And the light"})
		s.do("SHOP-1", person(2), ticket.Posted{Tracker: "SHOP", Number: 1, Summary: "S", Reporter: person(2), BranchedFrom: &ticket.Origin{Ticket: "HELP-1", Comment: 1}})
		s.do("HELP-1", person(2), ticket.Branched{Comment: 1, Ticket: "SHOP-1"})
		s.settle()
		for route, want := range map[string]map[byte]string{
			"/tickets/HELP-1/branches": {2: `{"to":[{"ticket":"SHOP-1","comment":1}]}`, 3: `{"to":[]}`, 1: `{"to":[]}`},
			"/tickets/SHOP-1/branches": {2: `{"from":{"ticket":"HELP-1","comment":1},"to":[]}`, 4: `{"to":[]}`},
		} {
			for n, want := range want {
				if got := string(s.get(actor(n), route).Body); got != want {
					t.Errorf("%s by person %d: got %s, want %s", route, n, got, want)
				}
			}
		}
		for n, want := range map[byte]string{2: "The ticket SHOP-1 grew out of comment 1.", 3: "A ticket grew out of comment 1.", 1: "A ticket grew out of comment 1."} {
			got := string(s.get(actor(n), "/tickets/HELP-1/history").Body)
			if !strings.Contains(got, want) || n != 2 && strings.Contains(got, "SHOP") {
				t.Errorf("the history shows person %d %s", n, got)
			}
		}
		if got := string(s.get(actor(4), "/tickets/SHOP-1/history").Body); strings.Contains(got, "HELP") {
			t.Errorf("the history of the branch shows its origin: %s", got)
		}
		if got := string(s.get(actor(2), "/tickets/SHOP-1/history").Body); !strings.Contains(got, `"ticket":"HELP-1"`) && !strings.Contains(got, `"ticket": "HELP-1"`) {
			t.Errorf("the history of the branch does not show its origin: %s", got)
		}
	})
}
