package lives

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Order is one way to sort tickets. Those alike stand in the order of their ids.
type Order struct {
	By         By
	Descending bool
	Names      map[domain.UserID]string // ByAssignee goes by these; who has an empty one comes after the others
}

// By is what tickets are sorted by.
type By int

// What tickets are sorted by.
const (
	ByNumber By = iota
	ByReport
	ByUpdate
	ByState    // in the order of the life cycle, and then by update
	ByAssignee // nobody first, and then by update
)

// Key is where a ticket stands in an order. What the order does not go by is left out.
type Key struct {
	Number   int64
	At       time.Time // of the report, or of the last change
	State    tracker.State
	Assignee domain.UserID
	ID       domain.TicketID
}

// sorting is an order in the numbers of a view.
type sorting struct {
	*all
	Order

	ranks []int64 // of people
}

// sorted is a ticket in an order.
type sorted struct {
	major, minor int64
	id           domain.TicketID
	at           int32
}

// Page is at most so many of the tickets, in order, after the one with the key if there is one.
func (v View) Page(w Which, o Order, after *Key, most int) []Key {
	by, m := v.sorting(o), v.match(w)
	if walks := by.walks(); walks != nil && w.Among == nil {
		return by.keys(by.walk(m, by.from(walks, after), most))
	}
	return by.keys(by.first(m, after, most))
}

// Lanes are pages of the tickets in each of the states asked for, in the order of tracker.States, and how many tickets are in
// each state, whichever are asked for.
func (v View) Lanes(w Which, o Order, most int) ([][]Key, Counts) {
	by, m := v.sorting(o), v.match(w)
	whatever := *m
	whatever.states = nil
	counts := whatever.count()
	var lanes [len(counts)][]sorted
	if walks := by.walks(); walks != nil && w.Among == nil {
		lanes = by.walkLanes(m, by.from(walks, nil), most, counts)
	} else {
		for state := range lanes {
			if counts[state] > 0 && m.states.has(int32(state)) {
				one := *m
				one.states = make(set, len(lanes))
				one.states[state] = true
				lanes[state] = by.first(&one, nil, most)
			}
		}
	}
	keys := make([][]Key, len(lanes))
	for state, lane := range lanes {
		keys[state] = by.keys(lane)
	}
	return keys, counts
}

// walkLanes takes the tickets as they come, until all lanes are full or have all that there are.
func (s *sorting) walkLanes(m *match, places iter.Seq[int32], most int, counts Counts) (lanes [len(Counts{})][]sorted) {
	var left [len(Counts{})]int // of each lane
	lacking := 0                // lanes
	for state, n := range counts {
		if left[state] = int(min(n, int64(most))); !m.states.has(int32(state)) {
			left[state] = 0
		}
		if left[state] > 0 {
			lacking++
		}
	}
	for at := range places {
		if lacking == 0 {
			break
		}
		l := &s.lives[at]
		if left[l.state] == 0 || !m.meant(at, l) || !m.mayHave(at) {
			continue
		}
		lanes[l.state] = append(lanes[l.state], s.place(at, l))
		left[l.state]--
		if left[l.state] == 0 {
			lacking--
		}
	}
	return lanes
}

// walk takes the tickets as they come.
func (s *sorting) walk(m *match, places iter.Seq[int32], most int) []sorted {
	page := make([]sorted, 0, most)
	for at := range places {
		if l := &s.lives[at]; m.meant(at, l) && m.mayHave(at) {
			if page = append(page, s.place(at, l)); len(page) == most {
				break
			}
		}
	}
	return page
}

// first looks at all tickets for those that come first after the key.
func (s *sorting) first(m *match, after *Key, most int) []sorted {
	begin, later := s.key(after)
	page := make([]sorted, 0, most)
	last, full := int64(0), false // what comes after the last one of a full page is out of question
	for at, l := range m.each() {
		if full {
			if major, _ := s.numbers(at, l); major != last && (major > last) != s.Descending {
				continue
			}
		}
		p := s.place(at, l)
		if later && s.compare(p, begin) <= 0 || full && s.compare(p, page[most-1]) > 0 || !m.mayHave(at) {
			continue
		}
		page = page[:min(len(page), most-1)]
		i, _ := slices.BinarySearchFunc(page, p, s.compare)
		page = slices.Insert(page, i, p)
		last, full = page[len(page)-1].major, len(page) == most
	}
	return page
}

// Assignees are all people who have tickets.
func (v View) Assignees() []domain.UserID {
	var some []domain.UserID
	for person, n := range v.assigned {
		if n > 0 && person > 0 {
			some = append(some, v.people.all[person])
		}
	}
	return some
}

func (a *all) sorting(o Order) *sorting {
	s := &sorting{all: a, Order: o}
	if o.By == ByAssignee {
		s.ranks = a.ranks(o.Names)
	}
	return s
}

// ranks are the places of people by their names, as dictionaries have them. Nobody's is before all.
func (a *all) ranks(names map[domain.UserID]string) []int64 {
	type named struct {
		person domain.UserID
		key    string
	}
	collator, buffer := collate.New(language.Und, collate.Loose), &collate.Buffer{}
	people := make([]named, 0, len(names))
	for person, name := range names {
		people = append(people, named{person, string(collator.KeyFromString(buffer, name))})
		buffer.Reset()
	}
	slices.SortFunc(people, func(x, y named) int {
		if (x.key == "") != (y.key == "") {
			return -strings.Compare(x.key, y.key)
		}
		return cmp.Or(strings.Compare(x.key, y.key), strings.Compare(string(x.person), string(y.person)))
	})
	ranks := slices.Repeat([]int64{int64(len(people))}, len(a.people.all))
	ranks[0] = -1
	for i, p := range people {
		if place, known := a.people.places[p.person]; known && place != 0 {
			ranks[place] = int64(i)
		}
	}
	return ranks
}

func (s *sorting) compare(x, y sorted) int {
	order := cmp.Compare(x.major, y.major)
	if order == 0 {
		order = cmp.Compare(x.minor, y.minor)
	}
	if order == 0 {
		order = strings.Compare(string(x.id), string(y.id))
	}
	if s.Descending {
		return -order
	}
	return order
}

func (s *sorting) place(at int32, l *life) sorted {
	major, minor := s.numbers(at, l)
	return sorted{major, minor, s.ids[at], at}
}

// numbers are what the order goes by, before ids.
func (s *sorting) numbers(at int32, l *life) (major, minor int64) {
	switch s.By {
	case ByNumber:
		return s.pasts[at].number, 0
	case ByReport:
		return l.reported, 0
	case ByState:
		return int64(l.state), l.updated
	case ByAssignee:
		return s.ranks[l.assignee], l.updated
	case ByUpdate:
	}
	return l.updated, 0
}

// key is the place that a key names, if there is one.
func (s *sorting) key(after *Key) (begin sorted, given bool) {
	if after == nil {
		return sorted{}, false
	}
	begin.id = after.ID
	at := after.At.UnixMicro()
	switch s.By {
	case ByNumber:
		begin.major = after.Number
	case ByReport, ByUpdate:
		begin.major = at
	case ByState:
		begin.major, begin.minor = int64(slices.Index(tracker.States(), after.State)), at
	case ByAssignee:
		begin.major, begin.minor = s.ranks[s.people.places[after.Assignee]], at // of somebody who never had a ticket: from the first on
	}
	return begin, true
}

// walks are all places in the order, or in the opposite one, where that is kept.
func (s *sorting) walks() []int32 {
	switch s.By {
	case ByNumber:
		return s.numbered
	case ByReport:
		return s.reported
	case ByUpdate:
		return s.updated
	case ByState, ByAssignee:
	}
	return nil
}

// from is every place after the key, in order.
func (s *sorting) from(places []int32, after *Key) iter.Seq[int32] {
	begin, later := s.key(after)
	ascending := *s
	ascending.Descending = false
	compare := func(at int32, begin sorted) int { return ascending.compare(s.place(at, &s.lives[at]), begin) }
	first, end := 0, len(places)
	if later {
		i, found := slices.BinarySearchFunc(places, begin, compare)
		if s.Descending {
			end = i
		} else if first = i; found {
			first++
		}
	}
	return func(yield func(int32) bool) {
		some := places[first:end]
		for i := range some {
			at := some[i]
			if s.Descending {
				at = some[len(some)-1-i]
			}
			if !yield(at) {
				return
			}
		}
	}
}

func (s *sorting) keys(page []sorted) []Key {
	keys := make([]Key, len(page))
	for i, p := range page {
		l := &s.lives[p.at]
		keys[i].ID = p.id
		switch s.By {
		case ByNumber:
			keys[i].Number = s.pasts[p.at].number
		case ByReport:
			keys[i].At = time.UnixMicro(l.reported).UTC()
		case ByUpdate:
			keys[i].At = time.UnixMicro(l.updated).UTC()
		case ByState:
			keys[i].At, keys[i].State = time.UnixMicro(l.updated).UTC(), tracker.States()[l.state]
		case ByAssignee:
			keys[i].At, keys[i].Assignee = time.UnixMicro(l.updated).UTC(), s.people.all[l.assignee]
		}
	}
	return keys
}
