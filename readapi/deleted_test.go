package readapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/internal/testdb"
)

// Deleted, a ticket is nowhere for anybody, and answers like one that never was.
func TestADeletedTicketIsNowhere(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Bugtracker, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Manager}})
		id := s.talkOfAll()
		s.do(id, person(2), ticket.Deleted{})
		s.settle()
		missing := domain.NewTicketID("HELP", 4711)
		for n := range byte(3) {
			for i, route := range s.routes(id) {
				if strings.HasPrefix(route, "/admin/") {
					continue
				}
				got := s.getRaw(actor(n), route, "")
				if strings.Contains(string(got.Body), "canary") {
					t.Errorf("GET %s shows person %d the ticket: %s", route, n, got.Body)
				}
				if !strings.Contains(route, string(id)) {
					continue
				}
				want := s.getRaw(actor(n), s.routes(missing)[i], "")
				if got.Status != http.StatusNotFound || strings.ReplaceAll(string(got.Body), string(id), string(missing)) != string(want.Body) {
					t.Errorf("GET %s: %d %s, and where there is none: %s", route, got.Status, got.Body, want.Body)
				}
			}
			s.checkCounts(actor(n), everything, nil)
		}
		if used, err := s.api.StatesInUse(s.ctx, "HELP"); err != nil || len(used) > 0 {
			t.Errorf("states %v are in use, %v; want none", used, err)
		}
	})
}

// talkOfAll is a ticket of person 1 that person 2 is assigned to and all watch, with a canary everywhere.
func (s *site) talkOfAll() domain.TicketID {
	s.t.Helper()
	id := s.post("HELP", person(1), map[string]string{"room": "canary"})
	summary := "canary"
	for _, event := range []ticket.Event{
		ticket.Edited{Summary: &summary}, ticket.Assigned{Assignee: person(2)}, ticket.Commented{Comment: 1, Body: "canary"},
		ticket.NoteAdded{Note: 1, Body: "canary"}, ticket.Watched{User: person(0)}, ticket.Watched{User: person(1)}, ticket.Watched{User: person(2)},
	} {
		s.do(id, person(2), event)
	}
	return id
}

func TestAdministratorsLookAfterDeletedTickets(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Manager}})
		first, second, kept := s.talkOfAll(), s.talkOfAll(), s.talkOfAll()
		s.do(first, person(2), ticket.Deleted{})
		s.do(second, person(2), ticket.Deleted{})
		s.settle()
		type page struct {
			Tickets []struct {
				Ticket    domain.TicketID
				Summary   string
				DeletedBy domain.UserID
			}
			Next string
		}
		var one, two page
		s.get(actor(0), "/admin/deleted-tickets", "limit", "1").into(t, &one)
		s.get(actor(0), "/admin/deleted-tickets", "limit", "1", "cursor", one.Next).into(t, &two)
		got := slices.Concat(one.Tickets, two.Tickets)
		if len(got) != 2 || got[0].Ticket != first || got[1].Ticket != second || got[0].Summary != "canary" || got[1].DeletedBy != person(2) || two.Next != "" {
			t.Errorf("got %+v", got)
		}
		history := s.get(actor(0), "/admin/deleted-tickets/"+string(first)+"/history")
		if history.Status != http.StatusOK || !strings.Contains(string(history.Body), "Ticket deleted.") || !strings.Contains(string(history.Body), "Internal note 1 added.") {
			t.Errorf("got %d %s", history.Status, history.Body)
		}
		if got := s.get(actor(0), "/admin/deleted-tickets/"+string(first)); !strings.Contains(string(got.Body), `"fields":[{"code":"room"`) {
			t.Errorf("it does not show its fields: %d %s", got.Status, got.Body)
		}
		if got := s.get(actor(0), "/admin/deleted-tickets/"+string(kept)); got.Status != http.StatusNotFound {
			t.Errorf("a ticket that is there is shown as deleted: %d %s", got.Status, got.Body)
		}
		for _, route := range []string{"", "/" + string(first), "/" + string(first) + "/history", "/" + string(kept)} {
			if got := s.get(actor(2), "/admin/deleted-tickets"+route).problem(t); got.Code != "admin-only" {
				t.Errorf("a manager asks for %q: %+v", route, got)
			}
		}
		s.do(first, person(0), ticket.Undeleted{})
		s.settle()
		if got := s.get(actor(1), "/tickets/"+string(first)); got.Status != http.StatusOK {
			t.Errorf("the ticket is back, but: %d %s", got.Status, got.Body)
		}
		s.checkCounts(actor(1), everything, nil)
	})
}
