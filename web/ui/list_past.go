package ui

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"suivi/domain"
)

// pastList is the moment of a list as it was, and the ways to others.
type pastList struct {
	At         when
	Day, Clock string
	Nth, Days  int // the day since the first ticket, and how many there are until today; 0: no ticket
	Action     string
	Kept       []pair // of the list, for the forms that choose a moment
	Now        string // addresses of the list as it is, and a day earlier and later
	Earlier    string
	Later      string // "": that is still to come
}

// pastParams are those of a list's parameters that hold of the past too.
func pastParams() []string {
	return []string{"list", "scope", "state", "assignee", "reporter", "from", "to", "cursor", "at", "tracker", "sort"}
}

// isPast tells whether the address asks for the list as it was.
func (a asked) isPast() bool { return a.query.Has("at") }

// asItWas is the address of the list as it was when yesterday ended.
func (a asked) asItWas() string {
	p := a.page
	then := a
	then.query = url.Values{}
	maps.Copy(then.query, a.query)
	then.query.Set("at", endOfDay(dayIn(p.now, p.zone).AddDate(0, 0, -1)))
	then.onlyPast()
	return then.with()
}

// moment reads the moment that the address chooses: at, or as typed a day with a time of
// it, or so many days after the first ticket. What does not hold of the past is left out.
func (a asked) moment(typed url.Values) error {
	p := a.page
	switch {
	case typed.Get("day") != "":
		at, err := p.moment(typed.Get("day"), typed.Get("clock"))
		if err != nil {
			return err
		}
		a.query.Set("at", at)
	case typed.Get("nth") != "":
		first, err := a.firstDay()
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(typed.Get("nth"))
		if err != nil || n < 0 || n > 100_000 {
			n = 0
		}
		a.query.Set("at", endOfDay(first.AddDate(0, 0, n)))
	}
	if a.isPast() {
		a.onlyPast()
	}
	return nil
}

// onlyPast leaves out what does not hold of the past.
func (a asked) onlyPast() {
	for name := range a.query {
		if !slices.Contains(pastParams(), name) {
			a.query.Del(name)
		}
	}
	if a.query.Get("scope") == "watching" {
		a.query.Del("scope")
	}
	if by := strings.TrimPrefix(a.query.Get("sort"), "-"); by != "number" && by != "reportedAt" {
		a.query.Del("sort")
	}
}

// endOfDay is the last second of the day, as addresses have it.
func endOfDay(day time.Time) string {
	return day.AddDate(0, 0, 1).Add(-time.Second).UTC().Format(time.RFC3339)
}

// firstDay is the day on which the first ticket of the list's trackers was reported that
// the person sees; today when there is none.
func (a asked) firstDay() (time.Time, error) {
	p := a.page
	query := url.Values{"list": {"all"}, "sort": {"reportedAt"}, "limit": {"1"}}
	if a.key != "" {
		query.Set("tracker", string(a.key))
	}
	first := p.now
	found, err := p.cfg.Reads.Tickets(p.ctx(), p.actor(), query)
	if len(found.Tickets) > 0 {
		first = found.Tickets[0].ReportedAt
	}
	return dayIn(first, p.zone), err
}

// dayIn is the beginning of the day in the zone.
func dayIn(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

// past is the moment of the address for show; nil for the list as it is.
func (a asked) past() (*pastList, error) {
	if !a.isPast() {
		return nil, nil //nolint:nilnil // it is now, which is a value here
	}
	p := a.page
	at, err := time.Parse(time.RFC3339, a.query.Get("at"))
	if err != nil {
		var problems domain.Problems
		problems.Add("at", "bad-moment", "a time as in 2026-11-23T20:15:00Z")
		return nil, problems.Err()
	}
	first, err := a.firstDay()
	if err != nil {
		return nil, err
	}
	at = at.In(p.zone)
	v := &pastList{
		At: p.when(at, p.now, p.zone), Day: at.Format(time.DateOnly), Clock: at.Format("15:04"), Action: a.path, Now: a.with("at", ""),
		Nth: daysBetween(first, at), Days: daysBetween(first, p.now.In(p.zone)), Earlier: a.with("at", endOfDay(dayIn(at, p.zone).AddDate(0, 0, -1))),
	}
	if later := dayIn(at, p.zone).AddDate(0, 0, 1); later.Before(p.now) {
		v.Later = a.with("at", endOfDay(later))
	}
	for _, name := range pastParams() {
		if value := a.query.Get(name); value != "" && name != "at" && name != "cursor" {
			v.Kept = append(v.Kept, pair{name, value})
		}
	}
	return v, nil
}

// daysBetween is how many days the second moment is after the first day, 0 at least.
func daysBetween(first, t time.Time) int {
	const day = 24 * time.Hour
	return max(0, int(dayIn(t, first.Location()).Add(day/2).Sub(first)/day)) // at noon no change of clocks matters
}

// ofThen makes rows and columns those of the past: they lead to the tickets as they
// were, and nothing in them is to be changed.
func (a asked) ofThen(v *listView) {
	at := url.QueryEscape(a.query.Get("at"))
	for i := range v.Rows {
		row := &v.Rows[i]
		row.URL += "/past?at=" + at
		row.CanRank = false
	}
	for i := range v.Columns {
		if c := &v.Columns[i]; c.Name != "number" && c.Name != "reported" {
			c.URL, c.Sorted = "", ""
		}
	}
}
