package readapi_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
	"suivi/readapi"
)

// What is in memory of tickets follows the tables, a few changes at a time, many at once, and when the tables are built anew: who
// has followed for long says what somebody says who has just read all of it. Others ask all the while.
func TestWhatIsInMemoryFollowsTheTables(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 30)
		s.api.SetMany(0) // words are looked for in one ticket after the other
		random := rand.New(rand.NewPCG(21, 21))
		for round, events := range []int{1, 3, 90, 2, 7, 1} {
			var asking errgroup.Group
			stop := make(chan struct{})
			asking.Go(func() error {
				for {
					select {
					case <-stop:
						return nil
					default:
						if _, _, err := s.api.TicketsAndTabs(s.ctx, actor(0), url.Values{"list": {"all"}, "sort": {"state"}}, 9); err != nil {
							return err
						}
					}
				}
			})
			for range events {
				s.anything(random)
			}
			s.settle()
			if round == 3 {
				s.must(s.models.Rebuild(s.ctx, "tickets", nil))
			}
			if round == 4 {
				s.must(s.models.Rebuild(s.ctx, "search", nil))
			}
			close(stop)
			s.must(asking.Wait())
			s.compareWithNew()
		}
	})
}

// Tables that were wrong and are built anew put right who has read them.
func TestTablesThatAreBuiltAnewAreReadAnew(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 10)
		open := func() int64 {
			counts, err := s.api.StatusReport(s.ctx, actor(0), nil, 9)
			s.must(err)
			return counts.Lists[tracker.OpenList]
		}
		if _, err := s.db.Write.ExecContext(s.ctx, `UPDATE tickets SET state = 'resolved', list = 'resolved'`); err != nil {
			t.Fatal(err)
		}
		if n := open(); n != 0 {
			t.Fatalf("%d tickets are open in the wrong tables", n)
		}
		s.must(s.models.Rebuild(s.ctx, "tickets", nil))
		want := int64(len(s.want(actor(0), func(t ticket.Ticket) bool { return t.List == tracker.OpenList }, sorts()["number"])))
		if n := open(); n != want || n == 0 {
			t.Errorf("%d tickets are open, want %d", n, want)
		}
	})
}

// A number finds its ticket also where words are looked for in one ticket after the other, though no text has it.
func TestANumberIsFoundThoughNoTextHasIt(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, nil)
		s.desk("BUGS", domain.Bugtracker, nil)
		for _, key := range []domain.TrackerKey{"HELP", "BUGS", "HELP", "BUGS", "BUGS", "HELP"} {
			s.do(s.post(key, person(1), nil), person(1), ticket.Edited{Summary: new("Nothing"), Description: new("at all")})
		}
		s.settle()
		s.api.SetMany(0)
		for typed, want := range map[string][]domain.TicketID{"#3": {"BUGS-3", "HELP-3"}, "help-2": {"HELP-2"}, "nothing 3": {"BUGS-3", "HELP-3"}, "3 less": {}} {
			got := s.walk(actor(0), 1, func() {}, "q", typed, "sort", "-number")
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("%q finds %v, want %v", typed, got, want)
			}
		}
	})
}

// anything is something that happens to a ticket, or a new one.
func (s *site) anything(random *rand.Rand) {
	ids := slices.Sorted(maps.Keys(s.tickets))
	id := ids[random.IntN(len(ids))]
	is := s.tickets[id]
	switch random.IntN(8) {
	case 0:
		s.someTicket(random)
	case 1, 2:
		s.do(id, person(0), ticket.StateChanged{From: is.State, To: tracker.States()[random.IntN(11)]})
	case 3:
		s.do(id, person(0), ticket.Assigned{Assignee: person(byte(1 + random.IntN(4))), Previous: is.Assignee})
	case 4:
		s.do(id, person(2), ticket.Commented{Comment: is.Comments + 1, Body: fmt.Sprintf("The projector %d of room B%d", random.IntN(30), random.IntN(30))})
	case 5:
		s.do(id, person(2), ticket.Edited{Summary: new(fmt.Sprintf("Scanner %d", random.IntN(30)))})
	case 6:
		if to := [...]domain.TrackerKey{"BUGS", "HELP", "TASKS"}[random.IntN(3)]; to != is.Tracker {
			s.do(id, person(0), ticket.Moved{From: is.Tracker, To: to, Answers: is.Answers})
		}
	case 7:
		if is.Inner.Deleted {
			s.do(id, person(0), ticket.Undeleted{})
		} else {
			s.do(id, person(0), ticket.Deleted{})
		}
	}
}

// compareWithNew asks one who has followed and one who has just begun.
func (s *site) compareWithNew() {
	s.t.Helper()
	begun := readapi.New(s.db, s.store)
	begun.SetMany(0)
	for n := range byte(6) {
		for _, text := range []string{
			"list=all", "tracker=HELP", "list=all&sort=state", "list=all&sort=-assignee", "list=all&from=2026-11-01T08:00:05Z&sort=number", "sort=-state&scope=work", "list=all&scope=watching&sort=state",
			"q=projector", "q=projector+b1&sort=number", "q=scanner+1&list=all", "state=working,waiting,validated", "list=all&at=" + s.now.Add(-20*time.Second).Format(time.RFC3339),
		} {
			query, err := url.ParseQuery(text)
			s.must(err)
			ask := func(api *readapi.API) (page readapi.TicketPage, tabs map[tracker.List]readapi.Count) {
				if query.Has("at") {
					page, err = api.Tickets(s.ctx, actor(n), query)
				} else {
					page, tabs, err = api.TicketsAndTabs(s.ctx, actor(n), query, 9)
				}
				s.must(err)
				return page, tabs
			}
			want, wantTabs := ask(begun)
			got, gotTabs := ask(s.api)
			if diff := gocmp.Diff(want, got) + gocmp.Diff(wantTabs, gotTabs); diff != "" {
				s.t.Fatalf("%s as %d: just read −, followed +\n%s", text, n, diff)
			}
		}
		want, err := begun.Times(s.ctx, actor(n), nil, s.now)
		s.must(err)
		got, err := s.api.Times(s.ctx, actor(n), nil, s.now)
		s.must(err)
		if diff := gocmp.Diff(want, got); diff != "" {
			s.t.Fatalf("times as %d: just read −, followed +\n%s", n, diff)
		}
	}
}
