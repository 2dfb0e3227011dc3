package readapi_test

import (
	"maps"
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

// Whoever asks, for whatever trackers: what is kept says the same as what is counted. A filter
// that leaves all tickets makes reports count.
func TestFiguresThatAreKeptAreThoseThatReadingCounts(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := years(t, address, 160, 3)
		now := time.Date(2026, 6, 20, 12, 0, 0, 0, time.UTC)
		all := []string{}
		for n := range byte(5) {
			all = append(all, string(person(n)))
		}
		for _, few := range []int{500, 3} {
			s.api.SetFew(few)
			for n := range byte(6) {
				for _, of := range []string{"", "BUGS", "HELP", "HELP,TASKS", "BUGS,HELP,TASKS"} {
					query := url.Values{}
					if of != "" {
						query.Set("tracker", of)
					}
					s.compareKept(actor(n), query, with(query, "from", "0001-02-01T00:00:00Z"), now)
					for _, zone := range []string{"UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago"} {
						s.compareMonths(actor(n), with(with(with(query, "zone", zone), "until", "2026-04"), "months", "3"), strings.Join(all, ","), now)
					}
					s.compareMonths(actor(n), query, strings.Join(all, ","), now)
				}
			}
		}
	})
}

func (s *site) compareKept(who domain.Actor, kept, read url.Values, now time.Time) {
	s.t.Helper()
	status, err := s.api.StatusReport(s.ctx, who, kept, 3)
	s.must(err)
	counted, err := s.api.StatusReport(s.ctx, who, read, 3)
	s.must(err)
	times, err := s.api.Times(s.ctx, who, kept, now)
	s.must(err)
	measured, err := s.api.Times(s.ctx, who, read, now)
	s.must(err)
	if diff := gocmp.Diff(s.timesOf(who, kept.Get("tracker"), now), times); diff != "" {
		s.t.Fatalf("%v as %s: lived −, kept +\n%s", kept, who.ID, diff)
	}
	if diff := gocmp.Diff(counted, status) + gocmp.Diff(measured, times); diff != "" {
		s.t.Fatalf("%v as %s: read −, kept +\n%s", kept, who.ID, diff)
	}
	for _, more := range []string{
		"list=all", "list=open", "state=working,resolved", "list=all&assignee=none", "list=open&assignee=" + string(person(1)), "list=all&reporter=" + string(person(2)),
		"list=all&scope=mine", "list=open&scope=work", "list=all&scope=work&reporter=" + string(person(3)),
	} {
		var a, b map[string]map[string]int64
		s.getRaw(who, "/tickets/counts?"+kept.Encode()+"&"+more, "").into(s.t, &a)
		s.getRaw(who, "/tickets/counts?"+read.Encode()+"&"+more, "").into(s.t, &b)
		if diff := gocmp.Diff(b, a); diff != "" {
			s.t.Fatalf("%v and %s as %s: read −, kept +\n%s", kept, more, who.ID, diff)
		}
		query, err := url.ParseQuery(more)
		s.must(err)
		bounded, err := s.api.CountsUpTo(s.ctx, who, merged(kept, query), 20)
		s.must(err)
		slowly, err := s.api.CountsUpTo(s.ctx, who, merged(read, query), 20)
		s.must(err)
		if bounded[tracker.OpenList] != slowly[tracker.OpenList] || bounded[tracker.ResolvedList] != slowly[tracker.ResolvedList] {
			s.t.Fatalf("%v and %s as %s: read %v, kept %v", kept, more, who.ID, slowly, bounded)
		}
	}
}

// timesOf are the times of the tickets that the person sees, of what has happened to them.
func (s *site) timesOf(who domain.Actor, trackers string, now time.Time) readapi.TimesReport {
	lasted := map[string][]int64{}
	add := func(what string, from, to time.Time) {
		lasted[what] = append(lasted[what], max(to.Unix()-from.Unix(), 0))
	}
	for id, t := range s.tickets {
		if !t.SeenBy(who, s.trackers[t.Tracker]) || trackers != "" && !slices.Contains(strings.Split(trackers, ","), string(t.Tracker)) {
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

// merged are the parameters of both.
func merged(a, b url.Values) url.Values {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func (s *site) compareMonths(who domain.Actor, kept url.Values, everybody string, now time.Time) {
	s.t.Helper()
	months, err := s.api.Evolution(s.ctx, who, kept, now)
	s.must(err)
	counted, err := s.api.Evolution(s.ctx, who, with(kept, "reporter", everybody), now)
	s.must(err)
	if diff := gocmp.Diff(counted, months); diff != "" {
		s.t.Fatalf("%v as %s: read −, kept +\n%s", kept, who.ID, diff)
	}
}
