package lives

import (
	"slices"
	"time"

	"suivi/domain"
)

// Counts are how many tickets are in each state, in the order of tracker.States.
type Counts [11]int64

// Count counts the tickets.
func (v View) Count(w Which) Counts { return v.match(w).count() }

func (m *match) count() (counts Counts) {
	if m.whole {
		for tracker, some := range m.counts {
			for state, n := range some {
				if m.trackers.has(int32(tracker)) && m.states.has(int32(state)) {
					counts[state] += n
				}
			}
		}
		return counts
	}
	for _, l := range m.each() {
		counts[l.state]++
	}
	return counts
}

// CountByTracker counts the tickets of each tracker that has some.
func (v View) CountByTracker(w Which) map[domain.TrackerKey]int64 {
	counts := make([]int64, len(v.trackers.all))
	for _, l := range v.match(w).each() {
		counts[l.tracker]++
	}
	some := map[domain.TrackerKey]int64{}
	for tracker, n := range counts {
		if n > 0 {
			some[v.trackers.all[tracker]] = n
		}
	}
	return some
}

// Share is what a person has of the tickets; the person "" is nobody.
type Share struct {
	Person domain.UserID
	Total  int64
	States Counts
}

// Shares are what each person has of the tickets, by assignee and by reporter, in no order.
func (v View) Shares(w Which) (assignees, reporters []Share) {
	assigned, reported := make([]Share, len(v.people.all)), make([]Share, len(v.people.all))
	for _, l := range v.match(w).each() {
		assigned[l.assignee].States[l.state]++
		reported[l.reporter].States[l.state]++
	}
	some := func(shares []Share) []Share {
		for person := range shares {
			shares[person].Person = v.people.all[person]
			for _, n := range shares[person].States {
				shares[person].Total += n
			}
		}
		return slices.DeleteFunc(shares, func(s Share) bool { return s.Total == 0 })
	}
	return some(assigned), some(reported)
}

// Month is what happened in one.
type Month struct {
	New      int64  // tickets reported in it
	Resolved int64  // tickets that became resolved in it, each once
	States   Counts // how many more are in a state at its end than at the end of the one before
}

// MostMonths is how many can be asked for.
const MostMonths = 60

// Months are those that begin then; the last of the moments is the end. The first is all the time before.
func (v View) Months(w Which, begin []time.Time) []Month {
	months := make([]Month, len(begin))
	by := newCalendar(begin)
	for place, l := range v.match(w).each() {
		if m := by.month(l.reported); m < len(months) {
			months[m].New++
			months[m].States[0]++ // posted
		}
		resolved := uint64(0) // the months in which it became so
		for _, c := range v.pasts[place].changes {
			m := by.month(c.at)
			if m >= len(months) {
				continue
			}
			months[m].States[c.from]--
			months[m].States[c.to]++
			if c.resolves() && resolved&(1<<m) == 0 {
				resolved |= 1 << m
				months[m].Resolved++
			}
		}
	}
	return months
}

// calendar tells which month a moment is in without looking for it.
type calendar struct {
	begin []int64 // and the end of the last one
	days  []uint8 // since the first begins: the month that each begins in
}

const day = int64(24 * time.Hour / time.Microsecond)

func newCalendar(begin []time.Time) calendar {
	c := calendar{}
	for _, at := range begin {
		bounded := int64(0)
		bound(&bounded, &at)
		c.begin = append(c.begin, bounded)
	}
	month := 0
	for at := c.begin[0]; at < c.begin[len(begin)-1]; at += day {
		for at >= c.begin[month+1] {
			month++
		}
		c.days = append(c.days, uint8(month))
	}
	return c
}

// month is which one the moment is in, from 1; 0: before them.
func (c calendar) month(at int64) int {
	if at < c.begin[0] {
		return 0
	}
	passed := (at - c.begin[0]) / day
	if passed >= int64(len(c.days)) {
		return len(c.begin)
	}
	month := int(c.days[passed])
	for month < len(c.begin)-1 && at >= c.begin[month+1] {
		month++
	}
	return month + 1
}
