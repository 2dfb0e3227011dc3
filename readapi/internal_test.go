package readapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/internal/testdb"
)

// routes are all GET routes of the API, for the ticket; the query makes some of them ask for the past.
func (s *site) routes(id domain.TicketID) []string {
	fill := strings.NewReplacer(":id", string(id), ":key", string(id.Key()), ":cid", "1")
	var all []string
	for _, route := range s.app.GetRoutes(true) {
		if route.Method != http.MethodGet {
			continue
		}
		path := fill.Replace(route.Path)
		all = append(all, path)
		switch {
		case strings.HasSuffix(path, "/comments"), strings.HasSuffix(path, "/notes"), path == "/tickets/"+string(id):
			for _, at := range []string{"1", "2", "3", "2027-01-01T00:00:00Z"} {
				all = append(all, path+"?at="+at)
			}
		case path == "/tickets", path == "/tickets/counts":
			all = append(all, path+"?list=all", path+"?scope=mine", path+"?scope=work", path+"?tracker="+string(id.Key()), path+"?reporter="+string(person(1)), path+"?q=canary")
		}
	}
	return all
}

// unlike takes out of an answer what differs between any two tickets of one life.
func unlike(body []byte, id domain.TicketID) string {
	text := strings.ReplaceAll(string(body), string(id), "ID")
	text = strings.ReplaceAll(text, fmt.Sprintf(`"number":%d`, id.Number()), `"number":N`)
	return regexp.MustCompile(`"(recordedAt|position)":"[^"]*"`).ReplaceAllString(text, `"$1":""`)
}

// deeds is something that happens on a ticket, with the second at which it does.
type deeds []struct {
	second int
	by     byte
	event  ticket.Event
}

func (s *site) relive(id domain.TicketID, all deeds) {
	s.t.Helper()
	for _, d := range all {
		meta := s.meta(person(d.by))
		meta.OccurredAt = start.AddDate(0, 1, 0).Add(time.Duration(d.second) * time.Second)
		s.doWith(id, meta, d.event)
	}
}

// twins are two tickets of the reporter, person 1: one with what only staff may know mixed in, one
// without. What everybody may know happens to both, at the same times.
func (s *site) twins(public, secret deeds) (with, without domain.TicketID) {
	s.t.Helper()
	with, without = "HELP-1", "HELP-2"
	for _, id := range []domain.TicketID{with, without} {
		post := ticket.Posted{Tracker: "HELP", Number: id.Number(), Summary: "S", Description: "D", Reporter: person(1)}
		s.relive(id, deeds{{0, 1, post}})
	}
	all := deeds{}
	for i := range public {
		all = append(all, public[i])
		if i < len(secret) {
			all = append(all, secret[i])
		}
	}
	s.relive(with, append(all, secret[min(len(public), len(secret)):]...))
	s.relive(without, public)
	s.settle()
	return with, without
}

// Whoever may not see internal notes cannot tell a ticket that has some from one that has none.
func TestInternalNotesLeaveNoTrace(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Bugtracker, map[domain.UserID][]domain.Role{
			person(1): {domain.Reporter}, person(2): {domain.Developer}, person(3): {domain.Manager}, person(4): {domain.Reporter},
		})
		with, without := s.twins(
			deeds{
				{10, 1, ticket.Commented{Comment: 1, Body: "one"}}, {20, 2, ticket.StateChanged{From: "posted", To: "working"}},
				{30, 2, ticket.Commented{Comment: 2, Body: "two"}}, {40, 3, ticket.Assigned{Assignee: person(2)}},
			},
			deeds{
				{15, 2, ticket.NoteAdded{Note: 1, Body: "canary"}}, {25, 3, ticket.NoteEdited{Note: 1, Body: "canary bird"}},
				{35, 3, ticket.NoteAdded{Note: 2, Body: "canary", Mentions: []domain.UserID{person(2)}}}, {45, 3, ticket.NoteDeleted{Note: 2}},
				{50, 2, ticket.NoteAdded{Note: 3, Body: "canary"}},
			})
		for _, n := range []byte{1, 4, 9} { // the reporter, another one, and nobody
			s.compareTwins(actor(n), with, without)
		}
		for n, may := range map[byte]bool{0: true, 2: true, 3: true} {
			got := string(s.get(actor(n), "/tickets/HELP-1/notes").Body) + string(s.get(actor(n), "/tickets/HELP-1/history").Body)
			if strings.Contains(got, "canary") != may {
				t.Errorf("person %d sees notes: %v", n, !may)
			}
		}
	})
}

func (s *site) compareTwins(a domain.Actor, with, without domain.TicketID) {
	s.t.Helper()
	routes, others := s.routes(with), s.routes(without)
	if len(routes) < 20 {
		s.t.Errorf("only %d routes: %v", len(routes), routes)
	}
	for i, route := range routes {
		got, want := s.getRaw(a, route, ""), s.getRaw(a, others[i], "")
		if strings.Contains(string(got.Body), "canary") {
			s.t.Errorf("GET %s shows %v a secret: %s", route, a, got.Body)
		}
		if !strings.Contains(route, string(with)) {
			continue // it is no route of a ticket: both are in one answer
		}
		if got.Status != want.Status || got.Header.Get("ETag") != want.Header.Get("ETag") || unlike(got.Body, with) != unlike(want.Body, without) {
			s.t.Errorf("GET %s tells %v of a secret:\n%d %s %s\nand without it:\n%d %s %s", route, a,
				got.Status, got.Header.Get("ETag"), got.Body, want.Status, want.Header.Get("ETag"), want.Body)
		}
	}
	var list struct{ Tickets []json.RawMessage }
	s.get(a, "/tickets", "list", "all", "sort", "number").into(s.t, &list)
	if len(list.Tickets) == 2 && unlike(list.Tickets[0], with) != unlike(list.Tickets[1], without) {
		s.t.Errorf("the list tells %v of a secret: %s", a, list.Tickets)
	}
}

func TestNotesNowAndThenAndTheirTexts(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Developer}, person(3): {domain.Manager}})
		id := s.post("HELP", person(1), nil)
		s.do(id, person(2), ticket.NoteAdded{Note: 1, Body: "one"})
		s.do(id, person(1), ticket.Commented{Comment: 1, Body: "hi"})
		s.do(id, person(3), ticket.NoteEdited{Note: 1, Body: "*uno*"})
		s.do(id, person(3), ticket.NoteAdded{Note: 2, Body: "two"})
		s.do(id, person(1), ticket.Commented{Comment: 2, Body: "ho"})
		s.do(id, person(3), ticket.NoteDeleted{Note: 2})
		s.settle()
		path := "/tickets/" + string(id) + "/notes"
		two, three := person(2), person(3)
		for query, want := range map[string][]said{
			"":      {{Note: 1, Version: 1, Author: two, Body: "*uno*", HTML: "<p><em>uno</em></p>\n", EditedBy: three}, {Note: 2, Version: 2, Author: three, DeletedBy: three}},
			"?at=1": {{Note: 1, Version: 1, Author: two, Body: "one", HTML: "<p>one</p>\n"}},
			"?at=2": {{Note: 1, Version: 1, Author: two, Body: "*uno*", HTML: "<p><em>uno</em></p>\n", EditedBy: three}, {Note: 2, Version: 2, Author: three}},
		} {
			var p saidPage
			s.getRaw(actor(2), path+query, "").into(t, &p)
			if diff := gocmp.Diff(want, p.Notes); diff != "" {
				t.Errorf("%q: %s", query, diff)
			}
		}
		var p saidPage
		s.getRaw(actor(2), path+"/1/revisions", "").into(t, &p)
		want := []said{{Revision: 1, Version: 1, Author: two, Body: "one", HTML: "<p>one</p>\n"}, {Revision: 2, Version: 2, Author: three, Body: "*uno*", HTML: "<p><em>uno</em></p>\n"}}
		if diff := gocmp.Diff(want, p.Revisions); diff != "" {
			t.Error(diff)
		}
		if got := s.getRaw(actor(2), path+"/2/revisions", "").problem(t); got.Code != "note-not-found" {
			t.Errorf("a developer asks for a deleted note's texts: %+v", got)
		}
		for _, route := range []string{path, path + "/1/revisions", path + "/9/revisions"} {
			if got := s.getRaw(actor(1), route, "").problem(t); got.Code != "right-missing" {
				t.Errorf("a reporter asks for %s: %+v", route, got)
			}
		}
	})
}

// The history of staff has the internal events in their places, page by page.
func TestTheWholeHistoryIsInOrder(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Developer}})
		id := s.post("HELP", person(1), nil)
		for n := range 3 {
			s.do(id, person(2), ticket.NoteAdded{Note: n + 1, Body: "note"})
			s.do(id, person(1), ticket.Commented{Comment: n + 1, Body: "comment"})
			s.settle() // so that the projector counts over several batches
		}
		for n, want := range map[byte][]string{
			1: {"1 Ticket posted.", "2 Comment 1 added.", "3 Comment 2 added.", "4 Comment 3 added."},
			2: {
				"1 Ticket posted.", "1 Internal note 1 added.", "2 Comment 1 added.", "2 Internal note 2 added.", "3 Comment 2 added.",
				"3 Internal note 3 added.", "4 Comment 3 added.",
			},
		} {
			var got []string
			for target := "/tickets/HELP-1/history?limit=2"; target != ""; {
				var p historyPage
				s.getRaw(actor(n), target, "").into(t, &p)
				for _, h := range p.History {
					got = append(got, fmt.Sprint(h.Version, " ", h.Words))
				}
				if target = "/tickets/HELP-1/history?limit=2&cursor=" + p.Next; p.Next == "" {
					target = ""
				}
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("person %d: %s", n, diff)
			}
		}
	})
}

// Whoever is not staff cannot tell who else watches, nor that anybody does.
func TestOthersWatchesLeaveNoTrace(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Bugtracker, map[domain.UserID][]domain.Role{
			person(1): {domain.Reporter}, person(2): {domain.Developer}, person(4): {domain.Reporter}, person(5): {domain.Reporter},
		})
		with, without := s.twins(
			deeds{
				{10, 1, ticket.Commented{Comment: 1, Body: "one"}}, {20, 2, ticket.StateChanged{From: "posted", To: "working"}},
				{30, 2, ticket.Commented{Comment: 2, Body: "two"}},
			},
			deeds{
				{15, 0, ticket.Watched{User: person(5), Topics: []domain.Topic{"edit"}}}, {25, 5, ticket.Watched{User: person(5), Topics: []domain.Topic{"comment"}}},
				{35, 5, ticket.Unwatched{User: person(5)}}, {40, 0, ticket.Watched{User: person(5), Topics: []domain.Topic{"edit"}}},
			})
		for _, n := range []byte{1, 4, 9} {
			s.compareTwins(actor(n), with, without)
			for _, route := range s.routes(with) {
				if body := string(s.getRaw(actor(n), route, "").Body); strings.Contains(body, string(person(5))) && !strings.HasPrefix(route, "/trackers") {
					t.Errorf("GET %s shows person %d who watches: %s", route, n, body)
				}
			}
		}
		for n, want := range map[byte]string{
			0: `{"watchers":[{"user":"` + string(person(5)) + `","events":["edit"]}]}`, 2: `{"watchers":[{"user":"` + string(person(5)) + `","events":["edit"]}]}`,
			5: `{"watchers":[{"user":"` + string(person(5)) + `","events":["edit"]}]}`, 1: `{"watchers":[]}`, 4: `{"watchers":[]}`,
		} {
			if got := strings.ReplaceAll(string(s.get(actor(n), "/tickets/HELP-1/watchers").Body), " ", ""); got != want {
				t.Errorf("person %d sees the watchers %s, want %s", n, got, want)
			}
		}
	})
}

func TestMyWatchesComeInPages(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Reporter}})
		for range 3 {
			id := s.post("HELP", person(1), nil)
			for _, n := range []byte{2, 3} { // person 3 is no member, and so does not see what they watch
				s.do(id, person(0), ticket.Watched{User: person(n), Topics: []domain.Topic{"comment"}})
			}
		}
		s.do("HELP-2", person(2), ticket.Unwatched{User: person(2)})
		s.settle()
		type page struct {
			Watches []struct {
				Ticket, Summary, State string
				Events                 []domain.Topic
			}
			Next string
		}
		var first, second, none page
		s.get(actor(2), "/me/watches", "limit", "1").into(t, &first)
		s.get(actor(2), "/me/watches", "limit", "1", "cursor", first.Next).into(t, &second)
		s.get(actor(3), "/me/watches").into(t, &none)
		got := slices.Concat(first.Watches, second.Watches)
		if len(got) != 2 || got[0].Ticket != "HELP-1" || got[1].Ticket != "HELP-3" || got[0].Summary != "Summary of HELP-1" || got[0].State != "posted" ||
			len(got[1].Events) != 1 || second.Next != "" || len(none.Watches) > 0 {
			t.Errorf("got %+v, %+v, %+v", first, second, none)
		}
		if got := s.get(actor(2), "/tickets", "scope", "watching"); !strings.Contains(string(got.Body), "HELP-3") || strings.Contains(string(got.Body), "HELP-2") {
			t.Errorf("got %s", got.Body)
		}
	})
}
