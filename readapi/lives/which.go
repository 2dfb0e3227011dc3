package lives

import (
	"iter"
	"slices"
	"sort"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Which says which tickets are meant; a zero part leaves none out. Deleted ones are never meant.
type Which struct {
	Sees      Sees
	Trackers  []domain.TrackerKey // in any of them, as with the next three
	States    []tracker.State     // of none, if it is empty and not nil
	Assignees []domain.UserID     // "" for tickets that nobody has
	Reporters []domain.UserID
	From, To  *time.Time // reported at From or later, and before To
	// that became resolved at ResolvedFrom or later, and before ResolvedTo, whatever they are now
	ResolvedFrom, ResolvedTo *time.Time
	Among                    []domain.TicketID // of these, unless it is nil
	Words                    []Word            // whose texts may have all of them: more tickets may be named than have
	// States and assignees are those of the moment Then, and so are trackers as far as is known here: a ticket that has been
	// moved may have been in any. Tickets that were reported later are left out.
	Then *time.Time
}

// Sees is what somebody sees: ticket.Ticket.SeenBy, as visible.go of readapi says it to the databases.
type Sees struct {
	All     bool                // administrators
	Person  domain.UserID       // what they have reported, or have
	Whole   []domain.TrackerKey // what is in these
	In      []domain.TrackerKey // and what is in these and
	Watches []domain.TicketID   // one of these
}

// wholly tells whether all of the trackers is seen, for certain; of the site, if none are named.
func (s Sees) wholly(trackers []domain.TrackerKey) bool {
	return s.All || len(trackers) > 0 && !slices.ContainsFunc(trackers, func(key domain.TrackerKey) bool { return !slices.Contains(s.Whole, key) })
}

// match is Which in the numbers of a view.
type match struct {
	*all

	whole     bool                            // nothing but trackers and states is asked for, and all of it is seen
	sees      func(place int32, l *life) bool // nil: all
	trackers  set
	states    set
	assignees set
	reporters set
	from, to  int64
	became    bool // resolved in a time is asked for
	becameIn  [2]int64
	few       []int32 // the places where to look; nil: all
	then      int64   // or never
	words     []wanted
}

// set tells of each number whether it is in it; nil: all are.
type set []bool

func (s set) has(number int32) bool { return s == nil || s[number] }

func (a *all) match(w Which) *match {
	m := &match{all: a, sees: a.seeing(w.Sees), from: never, to: always, becameIn: [2]int64{never, always}, then: never, words: a.wanted(w.Words)}
	if len(w.Trackers) > 0 {
		m.trackers = a.trackers.among(w.Trackers)
	}
	if len(w.Assignees) > 0 {
		m.assignees = a.people.among(w.Assignees)
	}
	if len(w.Reporters) > 0 {
		m.reporters = a.people.among(w.Reporters)
	}
	if w.States != nil {
		for _, state := range tracker.States() {
			m.states = append(m.states, slices.Contains(w.States, state))
		}
	}
	bound(&m.from, w.From)
	bound(&m.to, w.To)
	bound(&m.becameIn[0], w.ResolvedFrom)
	bound(&m.becameIn[1], w.ResolvedTo)
	m.became = w.ResolvedFrom != nil || w.ResolvedTo != nil
	if w.Then != nil {
		m.then = w.Then.UnixMicro()
	}
	m.whole = w.Sees.wholly(w.Trackers) && len(w.Assignees)+len(w.Reporters) == 0 && w.From == nil && w.To == nil && !m.became && w.Among == nil && w.Then == nil
	if w.Among != nil {
		m.few = a.placesOf(w.Among)
	} else if some := m.within(); len(some) < len(a.lives)/worthwhile {
		m.few = some
	}
	return m
}

// worthwhile: to look here and there takes so many times as long as to look at all, one after the other.
const worthwhile = 8

// placesOf are those of the tickets, each once.
func (a *all) placesOf(ids []domain.TicketID) []int32 {
	places := make([]int32, 0, len(ids))
	for _, id := range ids {
		if place, known := a.places[id]; known {
			places = append(places, place)
		}
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// bound is the first microsecond that is not before the moment.
func bound(to *int64, at *time.Time) {
	if at != nil {
		*to = at.Add(time.Microsecond - 1).UnixMicro()
	}
}

// seeing tells whether somebody sees a ticket that is not deleted; nil: they see all.
func (a *all) seeing(s Sees) func(int32, *life) bool {
	if s.All {
		return nil
	}
	me, known := a.people.places[s.Person]
	if !known || s.Person == "" {
		me = -1
	}
	whole, in := a.trackers.among(s.Whole), a.trackers.among(s.In)
	watched := map[int32]bool{}
	for _, id := range s.Watches {
		if place, known := a.places[id]; known {
			watched[place] = true
		}
	}
	return func(place int32, l *life) bool {
		return whole[l.tracker] || l.reporter == me || l.assignee == me || in[l.tracker] && watched[place]
	}
}

// each is every ticket that is meant.
func (m *match) each() iter.Seq2[int32, *life] {
	return func(yield func(int32, *life) bool) {
		if m.few != nil {
			m.of(m.few, yield)
			return
		}
		for place := range m.lives {
			if l := &m.lives[place]; m.meant(int32(place), l) && !yield(int32(place), l) {
				return
			}
		}
	}
}

// of is every ticket at the places that is meant.
func (m *match) of(places []int32, yield func(int32, *life) bool) {
	for _, place := range places {
		if l := &m.lives[place]; m.meant(place, l) && !yield(place, l) {
			return
		}
	}
}

// within are the places of the tickets that were reported in the time asked for, of all where none is.
func (m *match) within() []int32 {
	first := sort.Search(len(m.reported), func(i int) bool { return m.lives[m.reported[i]].reported >= m.from })
	end := sort.Search(len(m.reported), func(i int) bool { return m.lives[m.reported[i]].reported >= m.to })
	return m.reported[first:max(first, end)]
}

// meant tells whether the ticket is.
func (m *match) meant(place int32, l *life) bool {
	if l.deleted || !m.reporters.has(l.reporter) || m.sees != nil && !m.sees(place, l) {
		return false
	}
	if m.then != never {
		return m.meantThen(place, l)
	}
	return m.states.has(int32(l.state)) && m.trackers.has(l.tracker) && m.assignees.has(l.assignee) &&
		l.reported >= m.from && l.reported < m.to && (!m.became || m.becameResolved(place))
}

func (m *match) meantThen(place int32, l *life) bool {
	return l.reported <= m.then && l.reported >= m.from && l.reported < m.to && (l.moved || m.trackers.has(l.tracker)) &&
		(m.states == nil || m.states.has(m.pasts[place].stateAt(m.then))) && (m.assignees == nil || m.assignees.has(m.pasts[place].ownerAt(m.then)))
}

// becameResolved tells whether the ticket did in the time asked for.
func (m *match) becameResolved(place int32) bool {
	return slices.ContainsFunc(m.pasts[place].changes, func(c change) bool {
		return c.resolves() && c.at >= m.becameIn[0] && c.at < m.becameIn[1]
	})
}

// firstResolved is the number of the first state of the resolved list, which those of the open one come before.
const firstResolved = 7

// resolves tells whether the change led from the open list to the resolved one.
func (c change) resolves() bool { return c.from < firstResolved && c.to >= firstResolved }

// stateAt is the state that the ticket was in at the moment; clocks may have run backwards.
func (p *past) stateAt(at int64) int32 {
	for _, c := range slices.Backward(p.changes) {
		if c.at <= at {
			return int32(c.to)
		}
	}
	return 0 // posted
}

// ownerAt is who had the ticket at the moment.
func (p *past) ownerAt(at int64) int32 {
	for _, o := range slices.Backward(p.owners) {
		if o.at <= at {
			return o.to
		}
	}
	return 0 // nobody
}
