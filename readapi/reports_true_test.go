package readapi_test

import (
	"math"
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
	"suivi/readapi"
)

// years is a site of three desks with tickets whose events lie within some months, many of them
// close to where a month begins somewhere on Earth, and not always one after the other.
func years(t *testing.T, address string, tickets int, seed uint64) *site {
	t.Helper()
	s := newSite(t, address)
	keys := []domain.TrackerKey{"BUGS", "HELP", "TASKS"}
	s.desk("BUGS", domain.Bugtracker, map[domain.UserID][]domain.Role{person(1): {domain.Developer}})
	s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Developer}, person(2): {domain.Developer}, person(4): {domain.Reporter}})
	s.desk("TASKS", domain.Ticketing, map[domain.UserID][]domain.Role{person(3): {domain.Reporter}, person(4): {domain.Reporter}})
	random := rand.New(rand.NewPCG(seed, 7))
	moment := func() string {
		at := time.Date(2026, time.Month(1+random.IntN(5)), 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(random.IntN(36*60)-18*60) * time.Minute)
		if random.IntN(3) == 0 {
			at = at.Add(time.Duration(random.IntN(25*24*60)) * time.Minute)
		}
		return at.Format("2006-01-02 15:04")
	}
	anybody := func() domain.UserID { return person(byte(1 + random.IntN(4))) }
	for range tickets {
		key := keys[random.IntN(3)]
		id := domain.NewTicketID(key, int64(len(s.tickets)+1))
		s.at(moment(), id, anybody(), ticket.Posted{Tracker: key, Number: int64(len(s.tickets) + 1), Summary: "Summary", Reporter: anybody()})
		for range random.IntN(9) {
			switch t := s.tickets[id]; random.IntN(10) {
			case 0, 1, 2, 3, 4:
				s.at(moment(), id, anybody(), ticket.StateChanged{From: t.State, To: tracker.States()[random.IntN(11)]})
			case 5:
				s.at(moment(), id, anybody(), ticket.Assigned{Assignee: anybody(), Previous: t.Assignee})
			case 6:
				s.at(moment(), id, anybody(), ticket.Commented{Comment: t.Comments + 1, Body: "Well"})
			case 7:
				if to := keys[random.IntN(3)]; to != t.Tracker {
					s.at(moment(), id, anybody(), ticket.Moved{From: t.Tracker, To: to})
				}
			case 8:
				s.at(moment(), id, anybody(), ticket.Watched{User: anybody()})
			case 9:
				if t.Inner.Deleted {
					s.at(moment(), id, anybody(), ticket.Undeleted{})
				} else if random.IntN(2) == 0 {
					s.at(moment(), id, anybody(), ticket.Deleted{})
				}
			}
		}
		if random.IntN(25) == 0 {
			s.settle() // so that some lives go on in another batch
		}
	}
	s.settle()
	return s
}

// asked is a question of a report, and which tickets it is about.
type asked struct {
	query string
	about func(t ticket.Ticket) bool
}

// questions are about trackers, people, states, and days.
func (s *site) questions() []asked {
	day := func(n int) time.Time { return time.Date(2026, 2, n, 0, 0, 0, 0, time.UTC) }
	in := func(keys ...domain.TrackerKey) func(ticket.Ticket) bool {
		return func(t ticket.Ticket) bool { return slices.Contains(keys, t.Tracker) }
	}
	return []asked{
		{"", func(ticket.Ticket) bool { return true }},
		{"tracker=BUGS", in("BUGS")},
		{"tracker=HELP,TASKS", in("HELP", "TASKS")},
		{"assignee=none", func(t ticket.Ticket) bool { return t.Assignee == "" }},
		{"reporter=" + string(person(2)) + "&tracker=HELP", func(t ticket.Ticket) bool { return t.Reporter == person(2) && t.Tracker == "HELP" }},
		{"from=2026-02-01T00:00:00Z&to=2026-02-20T00:00:00Z", func(t ticket.Ticket) bool {
			return !t.ReportedAt.Before(day(1)) && t.ReportedAt.Before(day(20))
		}},
		{"resolvedFrom=2026-02-01T00:00:00Z&resolvedTo=2026-02-20T00:00:00Z", func(t ticket.Ticket) bool {
			return slices.ContainsFunc(s.deeds[t.ID], func(d deed) bool {
				change, moved := d.event.(ticket.StateChanged)
				return moved && change.From.List() == tracker.OpenList && change.To.List() == tracker.ResolvedList &&
					!d.OccurredAt.Before(day(1)) && d.OccurredAt.Before(day(20))
			})
		}},
		{"to=2026-02-05T00:00:00Z&assignee=" + string(person(1)), func(t ticket.Ticket) bool { return t.ReportedAt.Before(day(5)) && t.Assignee == person(1) }},
	}
}

// Whoever asks, for whatever tickets: reports and counts say what has happened to those that the person sees.
func TestReportsSayWhatHasHappened(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := years(t, address, 160, 3)
		now := time.Date(2026, 6, 20, 12, 0, 0, 0, time.UTC)
		for _, few := range []int{500, 3} {
			s.api.SetFew(few)
			for n := range byte(6) {
				for _, q := range s.questions() {
					s.compareReports(actor(n), q, now)
				}
			}
		}
	})
}

func (s *site) compareReports(who domain.Actor, q asked, now time.Time) {
	s.t.Helper()
	query, err := url.ParseQuery(q.query)
	s.must(err)
	about := func(t ticket.Ticket) bool { return t.SeenBy(who, s.trackers[t.Tracker]) && q.about(t) }
	times, err := s.api.Times(s.ctx, who, query, now)
	s.must(err)
	if diff := gocmp.Diff(s.timesOf(about, now), times); diff != "" {
		s.t.Fatalf("times of %s as %s: %s", q.query, who.ID, diff)
	}
	status, err := s.api.StatusReport(s.ctx, who, query, 3)
	s.must(err)
	want := s.statusOf(about)
	if want.Total != status.Total {
		s.t.Fatalf("%s as %s: %d tickets, want %d", q.query, who.ID, status.Total, want.Total)
	}
	if diff := gocmp.Diff(want.States, status.States) + gocmp.Diff(want.Lists, status.Lists); diff != "" {
		s.t.Fatalf("states of %s as %s: %s", q.query, who.ID, diff)
	}
	var counts readapi.Counts
	s.getRaw(who, "/tickets/counts?"+q.query, "").into(s.t, &counts)
	if diff := gocmp.Diff(readapi.Counts{Lists: want.Lists, States: want.States}, counts); diff != "" {
		s.t.Fatalf("counts of %s as %s: %s", q.query, who.ID, diff)
	}
	if query.Has("from") || query.Has("to") || query.Has("resolvedTo") {
		return // which reports by month do not take
	}
	for _, zone := range []string{"", "UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago"} {
		query := query
		if zone != "" {
			query = with(with(with(query, "zone", zone), "until", "2026-04"), "months", "3")
		}
		months, err := s.api.Evolution(s.ctx, who, query, now)
		s.must(err)
		if diff := gocmp.Diff(s.monthsOf(about, months.Months), months.Months); diff != "" {
			s.t.Fatalf("months of %v as %s: %s", query, who.ID, diff)
		}
	}
}

// statusOf is how many of the tickets are in which state.
func (s *site) statusOf(about func(ticket.Ticket) bool) readapi.StatusReport {
	report := readapi.StatusReport{Lists: map[tracker.List]int64{"open": 0, "resolved": 0}, States: map[tracker.State]int64{}}
	for _, state := range tracker.States() {
		report.States[state] = 0
	}
	for _, t := range s.tickets {
		if about(t) {
			report.Total++
			report.States[t.State]++
			report.Lists[t.List]++
		}
	}
	return report
}

// monthsOf is what happened to the tickets in the months.
func (s *site) monthsOf(about func(ticket.Ticket) bool, months []readapi.Month) []readapi.Month {
	want := make([]readapi.Month, len(months))
	for i, m := range months {
		is := &want[i]
		*is = readapi.Month{Month: m.Month, From: m.From, To: m.To, States: map[tracker.State]int64{}}
		within := func(at time.Time) bool { return !at.Before(m.From) && at.Before(m.To) }
		for id, t := range s.tickets {
			if !about(t) {
				continue
			}
			if within(t.ReportedAt) {
				is.New++
			}
			if t.ReportedAt.Before(m.To) {
				is.States[tracker.Posted]++
			}
			resolved := false
			for _, d := range s.deeds[id] {
				change, moved := d.event.(ticket.StateChanged)
				if !moved || !d.OccurredAt.Before(m.To) {
					continue
				}
				is.States[change.From]--
				is.States[change.To]++
				resolved = resolved || within(d.OccurredAt) && change.From.List() == tracker.OpenList && change.To.List() == tracker.ResolvedList
			}
			if resolved {
				is.Resolved++
			}
		}
		for state, n := range is.States {
			if n == 0 {
				delete(is.States, state)
			}
			is.Running += n
			if state.List() == tracker.OpenList {
				is.Unresolved += n
			}
		}
		if wanted := is.Running - is.States[tracker.Abandoned]; wanted > 0 {
			is.Elucidation = new(math.Round(float64(wanted-is.Unresolved)*1000/float64(wanted)) / 10)
		}
	}
	return want
}

// timesOf are the times of the tickets, of what has happened to them.
func (s *site) timesOf(about func(ticket.Ticket) bool, now time.Time) readapi.TimesReport {
	lasted := map[string][]int64{}
	add := func(what string, from, to time.Time) {
		lasted[what] = append(lasted[what], max(to.Unix()-from.Unix(), 0))
	}
	for id, t := range s.tickets {
		if !about(t) {
			continue
		}
		var answered, resolved time.Time
		since := t.ReportedAt
		for _, d := range s.deeds[id] {
			answers := false
			switch said := d.event.(type) {
			case ticket.Commented:
				answers = !d.OccurredAt.Before(t.ReportedAt)
			case ticket.StateChanged:
				answers = said.From != tracker.Posted || said.To != tracker.Open // which is that somebody has seen it
				add(string(said.From), since, d.OccurredAt)
				since = d.OccurredAt
				if said.From.List() == tracker.OpenList && said.To.List() == tracker.ResolvedList && d.OccurredAt.After(resolved) {
					resolved = d.OccurredAt
				}
			}
			if answers && d.Actor != t.Reporter && (answered.IsZero() || d.OccurredAt.Before(answered)) {
				answered = d.OccurredAt
			}
		}
		if !answered.IsZero() {
			add("response", t.ReportedAt, answered)
		}
		if t.List == tracker.OpenList {
			add("age", t.ReportedAt, now)
		} else if !resolved.IsZero() {
			add("resolve", t.ReportedAt, resolved)
		}
	}
	spread := func(what string) readapi.Spread {
		all := lasted[what]
		delete(lasted, what)
		if len(all) == 0 {
			return readapi.Spread{}
		}
		slices.Sort(all)
		return readapi.Spread{N: int64(len(all)), Median: all[(len(all)+1)/2-1], P90: all[(9*len(all)+9)/10-1]}
	}
	times := readapi.TimesReport{Response: spread("response"), Resolve: spread("resolve"), Age: spread("age"), States: map[tracker.State]readapi.Spread{}}
	for _, state := range tracker.States() {
		if len(lasted[string(state)]) > 0 {
			times.States[state] = spread(string(state))
		}
	}
	return times
}
