package readapi_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
	"suivi/readapi"
)

// listedTicket is what a list tells of a ticket.
type listedTicket struct {
	ID          domain.TicketID
	Description *string
	Resolution  *string
}

type listPage struct {
	Tickets []listedTicket
	Next    string
}

// walk follows the pages of a list to the end; between is called after each page.
func (s *site) walk(a domain.Actor, limit int, between func(), query ...string) []domain.TicketID {
	s.t.Helper()
	ids := []domain.TicketID{}
	for cursor := []string(nil); ; {
		var p listPage
		s.get(a, "/tickets", slices.Concat(query, cursor, []string{"limit", fmt.Sprint(limit)})...).into(s.t, &p)
		if len(p.Tickets) > limit {
			s.t.Fatalf("%d tickets on a page of %d", len(p.Tickets), limit)
		}
		for _, t := range p.Tickets {
			ids = append(ids, t.ID)
		}
		if p.Next == "" {
			return ids
		}
		if len(ids) > 10_000 {
			s.t.Fatalf("the pages of %v do not end", query)
		}
		if len(p.Tickets) != limit {
			s.t.Fatalf("a page of %d with a next one has %d tickets", limit, len(p.Tickets))
		}
		cursor = []string{"cursor", p.Next}
		between()
	}
}

func nothing() {}

// sees is domain's word on what the actor may see.
func (s *site) sees(a domain.Actor, t ticket.Ticket) bool {
	return t.SeenBy(a, s.trackers[t.Tracker])
}

// want is the list that the actor is to get, by what the events come to.
func (s *site) want(a domain.Actor, keep func(ticket.Ticket) bool, less func(a, b ticket.Ticket) int) []domain.TicketID {
	var tickets []ticket.Ticket
	for _, t := range s.tickets {
		if s.sees(a, t) && keep(t) {
			tickets = append(tickets, t)
		}
	}
	slices.SortFunc(tickets, less)
	ids := []domain.TicketID{}
	for _, t := range tickets {
		ids = append(ids, t.ID)
	}
	return ids
}

func everything(ticket.Ticket) bool { return true }

// sorts are the orders of the contract, in Go.
func sorts() map[string]func(a, b ticket.Ticket) int {
	all := map[string]func(a, b ticket.Ticket) int{
		"number":     func(a, b ticket.Ticket) int { return cmp.Compare(a.Number, b.Number) },
		"reportedAt": func(a, b ticket.Ticket) int { return a.ReportedAt.Compare(b.ReportedAt) },
		"updatedAt":  func(a, b ticket.Ticket) int { return a.UpdatedAt.Compare(b.UpdatedAt) },
		"assignee": func(a, b ticket.Ticket) int { // whose names are not known here
			return cmp.Or(cmp.Compare(a.Assignee, b.Assignee), a.UpdatedAt.Compare(b.UpdatedAt))
		},
		"state": func(a, b ticket.Ticket) int {
			return cmp.Or(cmp.Compare(slices.Index(tracker.States(), a.State), slices.Index(tracker.States(), b.State)), a.UpdatedAt.Compare(b.UpdatedAt))
		},
		"field.product": func(a, b ticket.Ticket) int { return cmp.Compare(a.Answers["product"], b.Answers["product"]) },
	}
	both := map[string]func(a, b ticket.Ticket) int{}
	for name, compare := range all {
		both[name] = func(a, b ticket.Ticket) int { return cmp.Or(compare(a, b), cmp.Compare(a.ID, b.ID)) }
		both["-"+name] = func(a, b ticket.Ticket) int { return -cmp.Or(compare(a, b), cmp.Compare(a.ID, b.ID)) }
	}
	return both
}

// town is a site of three desks in three modes, five people and tickets in
// every state, many of which share their times, assignees and answers.
func town(t testing.TB, address string, tickets int) *site {
	s := newSite(t, address)
	roles := map[domain.UserID][]domain.Role{
		person(1): {domain.Reporter}, person(2): {domain.Developer}, person(3): {domain.Resolver}, person(4): {domain.Reporter, domain.Manager},
	}
	s.desk("BUGS", domain.Bugtracker, roles)
	s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Developer}})
	s.desk("TASKS", domain.Taskspread, roles)
	random := rand.New(rand.NewPCG(7, 7))
	for range tickets {
		s.someTicket(random)
	}
	s.settle()
	return s
}

func (s *site) someTicket(random *rand.Rand) {
	keys := []domain.TrackerKey{"BUGS", "HELP", "TASKS"}
	var answers map[string]string
	if random.IntN(3) > 0 {
		answers = map[string]string{"product": string(rune('a' + random.IntN(4))), "room": fmt.Sprint(random.IntN(3))}
	}
	s.now = s.now.Add(-time.Second * time.Duration(random.IntN(2))) // so that some share theirs
	id := s.post(keys[random.IntN(3)], person(byte(1+random.IntN(5))), answers)
	if random.IntN(3) > 0 {
		s.do(id, person(0), ticket.Assigned{Assignee: person(byte(2 + random.IntN(3)))})
	}
	if state := tracker.States()[random.IntN(11)]; state != tracker.Posted {
		s.move(id, state)
	}
}

func TestPagesFollowEverySort(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 60)
		for name, less := range sorts() {
			for _, list := range []string{"all", "open", "resolved"} {
				keep := func(t ticket.Ticket) bool { return list == "all" || string(t.List) == list }
				for n := range byte(6) {
					got := s.walk(actor(n), 7, nothing, "list", list, "sort", name)
					if diff := gocmp.Diff(s.want(actor(n), keep, less), got); diff != "" {
						t.Errorf("list %s, sort %s, person %d: %s", list, name, n, diff)
					}
				}
			}
		}
	})
}

// Lists and counts have a short way for people who see few tickets; it must not matter.
func TestBothWaysGiveTheSame(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 40)
		for n := range byte(7) {
			for _, query := range [][]string{nil, {"list", "all"}, {"list", "all", "tracker", "HELP", "sort", "number"}} {
				s.api.SetFew(-1)
				long := s.get(actor(n), "/tickets", query...)
				s.api.SetFew(1000)
				short := s.get(actor(n), "/tickets", query...)
				if diff := gocmp.Diff(string(long.Body), string(short.Body)); diff != "" {
					t.Errorf("person %d, %v: %s", n, query, diff)
				}
			}
			s.api.SetFew(-1)
			long := s.get(actor(n), "/tickets/counts")
			s.api.SetFew(1000)
			if diff := gocmp.Diff(string(long.Body), string(s.get(actor(n), "/tickets/counts").Body)); diff != "" {
				t.Errorf("person %d, counts: %s", n, diff)
			}
		}
	})
}

// Nobody comes first, and then people as a dictionary has their names; page after page, also when the last one of a page
// has given all tickets away meanwhile.
func TestAssigneesAreSortedByTheirNames(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, nil)
		names := map[domain.UserID]string{person(1): "Zoé", person(2): "élise", person(3): "Emil", person(4): "Ana"} // and nobody knows 5
		s.api = s.api.WithNames(func(_ context.Context, ids []domain.UserID) (map[domain.UserID]string, error) {
			known := map[domain.UserID]string{}
			for _, id := range ids {
				if name, is := names[id]; is {
					known[id] = name
				}
			}
			return known, nil
		})
		s.serveAPI()
		for _, n := range []byte{1, 2, 3, 4, 5, 0, 1, 2} {
			id := s.post("HELP", person(0), nil)
			if n > 0 {
				s.do(id, person(0), ticket.Assigned{Assignee: person(n)})
			}
		}
		s.settle()
		want := []domain.TicketID{"HELP-6", "HELP-4", "HELP-2", "HELP-8", "HELP-3", "HELP-1", "HELP-7", "HELP-5"}
		if diff := gocmp.Diff(want, s.walk(actor(0), 1, func() {}, "sort", "assignee")); diff != "" {
			t.Errorf("ascending: %s", diff)
		}
		slices.Reverse(want)
		if diff := gocmp.Diff(want, s.walk(actor(0), 3, func() {}, "sort", "-assignee")); diff != "" {
			t.Errorf("descending: %s", diff)
		}
		taken := false
		got := s.walk(actor(0), 4, func() {
			if !taken {
				s.do("HELP-2", person(0), ticket.Assigned{Assignee: person(1), Previous: person(2)})
				s.do("HELP-8", person(0), ticket.Assigned{Assignee: person(1), Previous: person(2)})
				s.settle()
			}
			taken = true
		}, "sort", "assignee")
		if diff := gocmp.Diff([]domain.TicketID{"HELP-6", "HELP-4", "HELP-2", "HELP-8", "HELP-3", "HELP-1", "HELP-7", "HELP-2", "HELP-8", "HELP-5"}, got); diff != "" {
			t.Errorf("while tickets go on: %s", diff)
		}
	})
}

func TestWhatComesBetweenPagesDisturbsNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 30)
		random := rand.New(rand.NewPCG(8, 8))
		for _, name := range []string{"number", "-reportedAt", "assignee", "-state", "field.product"} { // in others they would move
			before := s.want(actor(0), everything, sorts()[name])
			got := s.walk(actor(0), 5, func() { s.someTicket(random); s.settle() }, "list", "all", "sort", name)
			old := slices.DeleteFunc(slices.Clone(got), func(id domain.TicketID) bool { return !slices.Contains(before, id) })
			if diff := gocmp.Diff(before, old); diff != "" {
				t.Errorf("sort %s: those that were there are no longer each listed once, in order: %s", name, diff)
			}
			all := s.want(actor(0), everything, sorts()[name])
			sorted := slices.DeleteFunc(all, func(id domain.TicketID) bool { return !slices.Contains(got, id) })
			if diff := gocmp.Diff(sorted, got); diff != "" {
				t.Errorf("sort %s: %s", name, diff)
			}
		}
	})
}

// filterCase is a filter as a query and in Go.
type filterCase struct {
	query []string
	keep  func(a domain.Actor, t ticket.Ticket) bool
}

func filters() []filterCase {
	from, to := start.Add(40*time.Second), start.Add(90*time.Second)
	return []filterCase{
		{nil, func(_ domain.Actor, t ticket.Ticket) bool { return true }},
		{[]string{"scope", "mine"}, func(a domain.Actor, t ticket.Ticket) bool { return t.Reporter == a.ID }},
		{[]string{"scope", "work"}, func(a domain.Actor, t ticket.Ticket) bool { return t.Assignee == a.ID }},
		{[]string{"scope", "watching"}, func(a domain.Actor, t ticket.Ticket) bool { _, watches := t.Inner.Watches[a.ID]; return watches }},
		{[]string{"tracker", "HELP"}, func(_ domain.Actor, t ticket.Ticket) bool { return t.Tracker == "HELP" }},
		{[]string{"tracker", "NOSUCH"}, func(_ domain.Actor, t ticket.Ticket) bool { return false }},
		{[]string{"state", "resolved"}, func(_ domain.Actor, t ticket.Ticket) bool { return t.State == tracker.Resolved }},
		{[]string{"state", "working"}, func(_ domain.Actor, t ticket.Ticket) bool { return t.State == tracker.Working }},
		{[]string{"assignee", "none"}, func(_ domain.Actor, t ticket.Ticket) bool { return t.Assignee == "" }},
		{[]string{"assignee", string(person(3))}, func(_ domain.Actor, t ticket.Ticket) bool { return t.Assignee == person(3) }},
		{[]string{"reporter", string(person(1))}, func(_ domain.Actor, t ticket.Ticket) bool { return t.Reporter == person(1) }},
		{[]string{"tracker", "TASKS,HELP,NOSUCH"}, func(_ domain.Actor, t ticket.Ticket) bool { return t.Tracker == "HELP" || t.Tracker == "TASKS" }},
		{[]string{"state", "waiting,resolved,working,working"}, func(_ domain.Actor, t ticket.Ticket) bool {
			return slices.Contains([]tracker.State{tracker.Waiting, tracker.Resolved, tracker.Working}, t.State)
		}},
		{[]string{"assignee", "me"}, func(a domain.Actor, t ticket.Ticket) bool { return t.Assignee == a.ID }},
		{[]string{"assignee", "none,me," + string(person(2))}, func(a domain.Actor, t ticket.Ticket) bool {
			return t.Assignee == "" || t.Assignee == a.ID || t.Assignee == person(2)
		}},
		{[]string{"reporter", "me"}, func(a domain.Actor, t ticket.Ticket) bool { return t.Reporter == a.ID }},
		{[]string{"reporter", string(person(4)) + "," + string(person(1))}, func(_ domain.Actor, t ticket.Ticket) bool {
			return t.Reporter == person(1) || t.Reporter == person(4)
		}},
		{[]string{"q", "summary 1"}, func(_ domain.Actor, t ticket.Ticket) bool {
			return strings.HasPrefix(fmt.Sprint(t.Number), "1") || strings.HasPrefix(t.Answers["room"], "1")
		}},
		{[]string{"field.product", "b"}, func(_ domain.Actor, t ticket.Ticket) bool { return t.Answers["product"] == "b" }},
		{[]string{"field.product", ""}, func(_ domain.Actor, t ticket.Ticket) bool { return t.Answers["product"] == "" }},
		{[]string{"field.room", "1"}, func(_ domain.Actor, t ticket.Ticket) bool { return t.Answers["room"] == "1" }},
		{[]string{"from", from.Format(time.RFC3339)}, func(_ domain.Actor, t ticket.Ticket) bool { return !t.ReportedAt.Before(from) }},
		{[]string{"to", to.Format(time.RFC3339)}, func(_ domain.Actor, t ticket.Ticket) bool { return t.ReportedAt.Before(to) }},
	}
}

func TestFiltersAloneAndTogether(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 60)
		less := sorts()["-updatedAt"]
		for i, one := range filters() {
			for j, other := range filters() {
				if i < j && i > 0 && one.query[0] == other.query[0] {
					continue
				}
				if i > j {
					continue
				}
				a := actor(byte((i + j) % 5))
				query := slices.Concat([]string{"list", "all"}, one.query, other.query)
				if i == j {
					query = slices.Concat([]string{"list", "all"}, one.query)
				}
				keep := func(t ticket.Ticket) bool { return one.keep(a, t) && other.keep(a, t) }
				want := s.want(a, keep, less)
				if diff := gocmp.Diff(want, s.walk(a, 200, nothing, query...)); diff != "" {
					t.Errorf("%v as %v: %s", query, a, diff)
				}
				s.checkCounts(a, keep, query)
			}
		}
	})
}

func (s *site) checkCounts(a domain.Actor, keep func(ticket.Ticket) bool, query []string) {
	s.t.Helper()
	type counts struct {
		Lists  map[tracker.List]int
		States map[tracker.State]int
	}
	want := counts{map[tracker.List]int{"open": 0, "resolved": 0}, map[tracker.State]int{}}
	for _, state := range tracker.States() {
		want.States[state] = 0
	}
	for _, t := range s.tickets {
		if s.sees(a, t) && keep(t) {
			want.Lists[t.List]++
			want.States[t.State]++
		}
	}
	var got counts
	s.get(a, "/tickets/counts", query...).into(s.t, &got)
	if diff := gocmp.Diff(want, got); diff != "" {
		s.t.Errorf("counts of %v as %v: %s", query, a, diff)
	}
	s.checkTabs(a, query)
}

// checkTabs compares a page that tells what its tabs have with the page and the counts that are read apart.
func (s *site) checkTabs(a domain.Actor, query []string) {
	s.t.Helper()
	const most = 4
	values, ofTabs := url.Values{"limit": {"3"}}, url.Values{}
	for i := 0; i < len(query); i += 2 {
		values.Add(query[i], query[i+1])
		if query[i] != "list" && query[i] != "state" {
			ofTabs.Add(query[i], query[i+1])
		}
	}
	page, tabs, err := s.api.TicketsAndTabs(s.ctx, a, values, most)
	s.must(err)
	alone, err := s.api.Tickets(s.ctx, a, values)
	s.must(err)
	if diff := gocmp.Diff(alone, page); diff != "" {
		s.t.Errorf("a page of %v with tabs, as %v: %s", query, a, diff)
	}
	common, err := s.api.Common(s.ctx, values.Get("q"))
	s.must(err)
	var counted struct{ Lists map[tracker.List]int64 }
	s.getRaw(a, "/tickets/counts?"+ofTabs.Encode(), "").into(s.t, &counted)
	reads := slices.ContainsFunc(query, func(part string) bool { return strings.HasPrefix(part, "field.") })
	for list, n := range counted.Lists {
		want := readapi.Count{N: n}
		if reads {
			want = readapi.Count{N: min(n, most), More: n >= most}
		}
		got, told := tabs[list]
		switch {
		case slices.Contains(common, true): // the page alone is told of
			if got.N > n || told && !got.More && got.N != n {
				s.t.Errorf("%v has %d %s tickets as %v, told %v", query, n, list, a, got)
			}
		case got != want:
			s.t.Errorf("%v has %v %s tickets as %v, got %v", query, want, list, a, got)
		}
	}
}

func TestTheListIsTheOpenOneUnlessAStateIsNamed(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 40)
		less := sorts()["-updatedAt"]
		open := func(t ticket.Ticket) bool { return t.List == tracker.OpenList }
		if diff := gocmp.Diff(s.want(actor(0), open, less), s.walk(actor(0), 50, nothing)); diff != "" {
			t.Error(diff)
		}
		abandoned := func(t ticket.Ticket) bool { return t.State == tracker.Abandoned }
		if diff := gocmp.Diff(s.want(actor(0), abandoned, less), s.walk(actor(0), 50, nothing, "state", "abandoned")); diff != "" {
			t.Error(diff)
		}
		some := func(t ticket.Ticket) bool { return t.State == tracker.Abandoned || t.State == tracker.Working }
		if diff := gocmp.Diff(s.want(actor(0), some, less), s.walk(actor(0), 50, nothing, "state", "abandoned,working")); diff != "" {
			t.Error(diff)
		}
		if got := s.walk(actor(0), 50, nothing, "state", "abandoned", "list", "open"); len(got) != 0 {
			t.Errorf("abandoned tickets in the open list: %v", got)
		}
		s.checkCounts(actor(0), open, []string{"list", "open"})
	})
}

func TestListsLeaveTheLongTextsOut(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 3)
		var p listPage
		s.get(actor(0), "/tickets", "list", "all").into(t, &p)
		for _, row := range p.Tickets {
			if row.Description != nil || row.Resolution != nil {
				t.Errorf("%s shows its description or resolution in a list", row.ID)
			}
		}
		if body := s.get(actor(5), "/tickets", "tracker", "NOSUCH").Body; string(body) != `{"tickets":[]}` {
			t.Errorf("an empty list is %s", body)
		}
	})
}
