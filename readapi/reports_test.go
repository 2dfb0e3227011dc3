package readapi_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
	"suivi/readapi"
)

// at does an event of a ticket at a time of its own.
func (s *site) at(moment string, id domain.TicketID, actor domain.UserID, event ticket.Event) {
	s.t.Helper()
	when, err := time.Parse("2006-01-02 15:04", moment)
	s.must(err)
	meta := s.meta(actor)
	meta.OccurredAt = when
	s.doWith(id, meta, event)
}

// history is a script: six tickets over three months of 2026. A and C are of the
// reporter 1, whom 3 answers; 2 sees only what is theirs.
func (s *site) history() {
	s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{
		person(1): {domain.Reporter}, person(2): {domain.Reporter}, person(3): {domain.Developer},
	})
	id := func(n int) domain.TicketID { return domain.NewTicketID("HELP", int64(n)) }
	post := func(moment string, n int, reporter byte) {
		s.at(moment, id(n), person(reporter), ticket.Posted{Tracker: "HELP", Number: int64(n), Summary: fmt.Sprint("Summary ", n), Description: fmt.Sprint("Text *", n, "*"), Reporter: person(reporter)})
	}
	move := func(moment string, n int, actor byte, to tracker.State) {
		s.at(moment, id(n), person(actor), ticket.StateChanged{From: s.tickets[id(n)].State, To: to})
	}
	post("2026-01-05 10:00", 1, 1)
	move("2026-01-05 11:00", 1, 3, tracker.Open) // seen
	move("2026-01-05 12:00", 1, 3, tracker.Working)
	move("2026-01-07 12:00", 1, 3, tracker.Resolved)
	move("2026-02-01 12:00", 1, 1, tracker.Open) // reopened by its reporter
	move("2026-02-03 10:00", 1, 3, tracker.Resolved)
	move("2026-02-04 10:00", 1, 1, tracker.Validated)

	post("2026-01-20 10:00", 2, 2)
	s.at("2026-01-20 10:30", id(2), person(2), ticket.Commented{Comment: 1, Body: "More of it"})
	s.at("2026-01-20 14:00", id(2), person(3), ticket.Commented{Comment: 2, Body: "Which room?"})
	move("2026-02-10 10:00", 2, 3, tracker.Abandoned)

	post("2026-01-31 23:30", 3, 1) // in Paris it is February
	move("2026-02-15 23:30", 3, 3, tracker.Working)
	s.at("2026-02-16 10:00", id(3), person(3), ticket.Assigned{Assignee: person(3)})

	post("2026-02-20 10:00", 4, 2)

	post("2026-03-01 10:00", 5, 2)
	move("2026-03-01 10:10", 5, 2, tracker.Resolved) // by the reporter: no response
	move("2026-03-02 10:00", 5, 3, tracker.Working)
	move("2026-03-03 10:00", 5, 3, tracker.Resolved) // twice in a month

	post("2026-03-05 10:00", 6, 1)
	s.at("2026-03-06 10:00", id(6), person(0), ticket.Deleted{})
	s.settle()
}

var evolved = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

func TestEvolutionIsWhatAHandComputesFromTheHistory(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.history()
		type states = map[tracker.State]int64
		check := func(a domain.Actor, query url.Values, want ...readapi.Month) {
			t.Helper()
			got, err := s.api.Evolution(s.ctx, a, query, evolved)
			s.must(err)
			for i := range got.Months {
				got.Months[i].From, got.Months[i].To = time.Time{}, time.Time{}
			}
			if diff := gocmp.Diff(want, got.Months); diff != "" {
				t.Errorf("%v of %s (-want +got):\n%s", query, a.ID, diff)
			}
		}
		check(actor(0), url.Values{"months": {"4"}},
			readapi.Month{Month: "2025-12", States: states{}},
			// three were reported; 1 is resolved, and 2 and 3 wait
			readapi.Month{Month: "2026-01", New: 3, Resolved: 1, Running: 3, Unresolved: 2, Elucidation: new(33.3), States: states{"resolved": 1, "posted": 2}},
			// 4 came; 1 was reopened and resolved again; 2 is abandoned, so three are wanted, of which one is solved
			readapi.Month{Month: "2026-02", New: 1, Resolved: 2, Running: 4, Unresolved: 2, Elucidation: new(33.3), States: states{"validated": 1, "abandoned": 1, "working": 1, "posted": 1}},
			readapi.Month{Month: "2026-03", New: 1, Resolved: 1, Running: 5, Unresolved: 2, Elucidation: new(50.0), States: states{"validated": 1, "abandoned": 1, "working": 1, "posted": 1, "resolved": 1}},
		)
		check(actor(0), url.Values{"months": {"1"}, "until": {"2026-01"}, "zone": {"Europe/Paris"}},
			readapi.Month{Month: "2026-01", New: 2, Resolved: 1, Running: 2, Unresolved: 1, Elucidation: new(50.0), States: states{"resolved": 1, "posted": 1}})
		check(actor(2), url.Values{"months": {"1"}, "until": {"2026-02"}, "tracker": {"HELP"}},
			readapi.Month{Month: "2026-02", New: 1, Resolved: 1, Running: 2, Unresolved: 1, Elucidation: new(0.0), States: states{"abandoned": 1, "posted": 1}})
		check(actor(0), url.Values{"months": {"1"}, "until": {"2026-02"}, "reporter": {string(person(1))}},
			readapi.Month{Month: "2026-02", Resolved: 1, Running: 2, Unresolved: 1, Elucidation: new(50.0), States: states{"validated": 1, "working": 1}})
		check(actor(4), url.Values{"months": {"1"}}, readapi.Month{Month: "2026-03", States: states{}})
		for month, want := range map[string][]domain.TicketID{"2026-01": {"HELP-1"}, "2026-02": {"HELP-1", "HELP-2"}, "2026-03": {"HELP-5"}} {
			from, err := time.Parse("2006-01", month)
			s.must(err)
			got := s.walk(actor(0), 1, nothing, "list", "all", "sort", "number", "resolvedFrom", from.Format(time.RFC3339), "resolvedTo", from.AddDate(0, 1, 0).Format(time.RFC3339))
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("resolved in %s: %s", month, diff)
			}
		}
		for name, value := range map[string]string{"until": "2026-13", "months": "61", "zone": "Local", "list": "all", "from": "2026-01-01T00:00:00Z"} {
			if got := s.get(actor(0), "/reports/evolution", name, value); got.Status != 422 {
				t.Errorf("%s=%s: got %d", name, value, got.Status)
			}
		}
	})
}

func TestTimesAreThoseOfTheHistory(t *testing.T) {
	t.Parallel()
	const minute, hour, day = 60, 3600, 86400
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.history()
		check := func(a domain.Actor, query url.Values, want readapi.TimesReport) {
			t.Helper()
			got, err := s.api.Times(s.ctx, a, query, evolved)
			s.must(err)
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("%v of %s (-want +got):\n%s", query, a.ID, diff)
			}
		}
		check(actor(0), nil, readapi.TimesReport{
			// 1 after 2 h (the sight before is none), 2 after 4 h by a comment, 3 after 15 days, 5 after a day
			Response: readapi.Spread{N: 4, Median: 4 * hour, P90: 15 * day},
			// 1 after 29 days, at the second time; 5 after two days; 2 was abandoned after 21 days
			Resolve: readapi.Spread{N: 3, Median: 21 * day, P90: 29 * day},
			// 3 since 31 January at 23:30, 4 since 20 February at 10:00
			Age: readapi.Spread{N: 2, Median: 28*day + 2*hour, P90: 47*day + 12*hour + 30*minute},
			States: map[tracker.State]readapi.Spread{
				"posted":   {N: 4, Median: hour, P90: 21 * day},  // 10 min, 1 h, 15 days, 21 days
				"open":     {N: 2, Median: hour, P90: 46 * hour}, // 1 h, and after the reopening
				"working":  {N: 2, Median: day, P90: 2 * day},    // of 5, of 1
				"resolved": {N: 3, Median: day, P90: 25 * day},   // 23 h 50, one day, 25 days
			},
		})
		check(actor(0), url.Values{"state": {"validated"}}, readapi.TimesReport{ // 1 alone: it was seen after an hour, and answered after two
			Response: readapi.Spread{N: 1, Median: 2 * hour, P90: 2 * hour},
			Resolve:  readapi.Spread{N: 1, Median: 29 * day, P90: 29 * day},
			States: map[tracker.State]readapi.Spread{
				"posted": {N: 1, Median: hour, P90: hour}, "open": {N: 2, Median: hour, P90: 46 * hour},
				"working": {N: 1, Median: 2 * day, P90: 2 * day}, "resolved": {N: 2, Median: day, P90: 25 * day},
			},
		})
		check(actor(2), url.Values{"list": {"open"}}, readapi.TimesReport{
			Age: readapi.Spread{N: 1, Median: 28*day + 2*hour, P90: 28*day + 2*hour}, States: map[tracker.State]readapi.Spread{},
		})
	})
}

func TestOpenWorkIsByStateWithDescriptions(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.history()
		got, err := s.api.OpenWork(s.ctx, actor(3), url.Values{"tracker": {"HELP"}}, 9)
		s.must(err)
		want := readapi.OpenWork{Tickets: []readapi.Work{
			{ID: "HELP-4", Tracker: "HELP", State: "posted", Summary: "Summary 4", Description: "Text *4*", HTML: "<p>Text <em>4</em></p>\n", Reporter: person(2), ReportedAt: s.tickets["HELP-4"].ReportedAt},
			{ID: "HELP-3", Tracker: "HELP", State: "working", Summary: "Summary 3", Description: "Text *3*", HTML: "<p>Text <em>3</em></p>\n", Reporter: person(1), Assignee: person(3), ReportedAt: s.tickets["HELP-3"].ReportedAt},
		}}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got, err = s.api.OpenWork(s.ctx, actor(2), nil, 9); err != nil || len(got.Tickets) != 1 || got.Tickets[0].ID != "HELP-4" {
			t.Errorf("the reporter 2 has one open ticket: got %+v, %v", got, err)
		}
		want.Tickets, want.More = want.Tickets[:1], true
		got, err = s.api.OpenWork(s.ctx, actor(3), url.Values{"tracker": {"HELP"}}, 1)
		if diff := gocmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("one alone: %v (-want +got):\n%s", err, diff)
		}
	})
}

func TestAReportNamesThoseWithTheMostAndPutsTheOthersTogether(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Bugtracker, nil)
		for n := range byte(102) {
			s.post("HELP", person(n), nil)
		}
		s.move(s.post("HELP", person(50), nil), tracker.Resolved)
		s.settle()
		got, err := s.api.StatusReport(s.ctx, actor(0), nil, 100)
		s.must(err)
		first, last := got.Reporters[0], got.Reporters[len(got.Reporters)-1]
		if len(got.Reporters) != 101 || first.User != person(50) || first.Total != 2 || !last.Others || last.Total != 2 || last.States["posted"] != 2 {
			t.Errorf("got %d shares, from %+v to %+v", len(got.Reporters), first, last)
		}
		if len(got.Assignees) != 1 || got.Assignees[0].User != "" || got.Assignees[0].Total != 103 || got.Total != 103 {
			t.Errorf("nobody has 103: got %+v of %d", got.Assignees, got.Total)
		}
	})
}

// checkReports holds the reports against what the domain lets the actor see.
func (s *site) checkReports(a domain.Actor, keep func(ticket.Ticket) bool, query url.Values) {
	s.t.Helper()
	got, err := s.api.StatusReport(s.ctx, a, query, 1000)
	s.must(err)
	type count struct {
		Who   domain.UserID
		State tracker.State
	}
	want := map[string]map[count]int64{"assignee": {}, "reporter": {}, "state": {}}
	total, open := int64(0), int64(0)
	for _, t := range s.tickets {
		if !s.sees(a, t) || !keep(t) {
			continue
		}
		total++
		if t.List == tracker.OpenList {
			open++
		}
		want["assignee"][count{t.Assignee, t.State}]++
		want["reporter"][count{t.Reporter, t.State}]++
		want["state"][count{"", t.State}]++
	}
	shown := map[string]map[count]int64{"assignee": {}, "reporter": {}, "state": {}}
	for name, shares := range map[string][]readapi.Share{"assignee": got.Assignees, "reporter": got.Reporters} {
		sum := int64(0)
		for _, share := range shares {
			sum += share.Total
			for state, n := range share.States {
				shown[name][count{share.User, state}] += n
			}
		}
		if sum != got.Total {
			s.t.Errorf("%v: the shares by %s add up to %d of %d", a, name, sum, got.Total)
		}
	}
	for state, n := range got.States {
		if n != 0 {
			shown["state"][count{"", state}] = n
		}
	}
	if diff := gocmp.Diff(want, shown); diff != "" || got.Total != total {
		s.t.Errorf("%v %v: the report has %d tickets, want %d; %s", a, query, got.Total, total, diff)
	}
	s.checkCounted(a, query, total, open)
}

// checkCounted holds the other reports against how many tickets there are.
func (s *site) checkCounted(a domain.Actor, query url.Values, total, open int64) {
	s.t.Helper()
	now := s.now.Add(time.Hour)
	evolution, err := s.api.Evolution(s.ctx, a, query, now)
	s.must(err)
	last := evolution.Months[len(evolution.Months)-1]
	if last.Running != total || last.Unresolved != open {
		s.t.Errorf("%v %v: %d tickets of which %d are open in the end, want %d and %d", a, query, last.Running, last.Unresolved, total, open)
	}
	times, err := s.api.Times(s.ctx, a, query, now)
	s.must(err)
	if times.Age.N != open {
		s.t.Errorf("%v %v: %d ages, want %d", a, query, times.Age.N, open)
	}
	work, err := s.api.OpenWork(s.ctx, a, query, 500)
	s.must(err)
	if int64(len(work.Tickets)) != open {
		s.t.Errorf("%v %v: %d open ones, want %d", a, query, len(work.Tickets), open)
	}
}
