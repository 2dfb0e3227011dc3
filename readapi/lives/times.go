package lives

import (
	"math/bits"
	"slices"
	"time"
)

// Spread is of so many durations the median and the 90th percentile, in whole seconds: the smallest one that half
// of them, or nine in ten, do not exceed.
type Spread struct{ N, Median, P90 int64 }

// Times are how long it took with tickets.
type Times struct {
	Response Spread                // from the report to the first that somebody else did
	Resolve  Spread                // from the report to when those that are resolved became so for the last time
	Age      Spread                // from the report to now, of those that are open
	Stays    [len(Counts{})]Spread // in states, in the order of tracker.States, each by itself, of those that have been left
}

// What lasts, after stays in states.
const (
	untilResponse = len(Counts{}) + iota
	untilResolved
	untilNow
	kinds
)

// Times measures how long it took with the tickets. Where clocks ran backwards it took no time.
func (v View) Times(w Which, at time.Time) Times {
	m, now := v.match(w), at.UnixMicro()
	d, kept := v.room.Get().(*durations)
	if !kept {
		d = &durations{}
	}
	defer v.room.Put(d)
	*d = durations{}
	d.count(m, now)
	d.find()
	d.gather(m, now)
	times := Times{Response: d.spread(untilResponse), Resolve: d.spread(untilResolved), Age: d.spread(untilNow)}
	for state := range times.Stays {
		times.Stays[state] = d.spread(state)
	}
	return times
}

// stay is how long the ticket was in the state that the change ended.
func (p *past) stay(l *life, change int) int64 {
	if change == 0 {
		return seconds(l.reported, p.changes[0].at)
	}
	return seconds(p.changes[change-1].at, p.changes[change].at)
}

// seconds is how many whole ones lie between, none where clocks ran backwards.
func seconds(from, to int64) int64 { return max(second(to)-second(from), 0) }

// second is the one that a moment is in.
func second(at int64) int64 {
	whole := at / microseconds
	if at%microseconds < 0 {
		whole--
	}
	return whole
}

const microseconds = int64(time.Second / time.Microsecond)

// durations are how many of each kind are about as long, and those that are about as long as a percentile.
type durations struct {
	counts      [kinds][classes]int32
	n           [kinds]int64
	median, p90 [kinds]place
	about       [kinds][2][]int64
}

// place is the one of a duration among those of its class, from 1.
type place struct {
	class uint16
	nth   int64
}

// Durations are told apart by so many bits after the first, up to those of so many bits.
const (
	keptBits = 6
	mostBits = 48 // of seconds, which is longer than calendars
	classes  = (mostBits - keptBits + 1) << keptBits
)

// class is the one of a duration. Longer durations have none that is less.
func class(long int64) uint16 {
	more := max(bits.Len64(uint64(long))-keptBits-1, 0)
	return uint16(int64(more)<<keptBits + long>>more)
}

// count counts how many are about as long.
func (d *durations) count(m *match, now int64) {
	for place, l := range m.each() {
		p := &m.pasts[place]
		for i := range p.changes {
			d.counts[p.changes[i].from][p.changes[i].class]++
		}
		if p.responded >= 0 {
			d.counts[untilResponse][class(p.responded)]++
		}
		if p.resolved >= 0 {
			d.counts[untilResolved][class(p.resolved)]++
		}
		if l.state < firstResolved {
			d.counts[untilNow][class(seconds(l.reported, now))]++
		}
	}
}

// gather notes those that are about as long as the percentiles.
func (d *durations) gather(m *match, now int64) {
	for place, l := range m.each() {
		p := &m.pasts[place]
		for i := range p.changes {
			if c := &p.changes[i]; c.class == d.median[c.from].class || c.class == d.p90[c.from].class {
				d.add(int(c.from), p.stay(l, i))
			}
		}
		if p.responded >= 0 {
			d.add(untilResponse, p.responded)
		}
		if p.resolved >= 0 {
			d.add(untilResolved, p.resolved)
		}
		if l.state < firstResolved {
			d.add(untilNow, seconds(l.reported, now))
		}
	}
}

// find finds the places of the percentiles.
func (d *durations) find() {
	for kind := range d.counts {
		for _, n := range &d.counts[kind] {
			d.n[kind] += int64(n)
		}
		d.median[kind], d.p90[kind] = d.place(kind, (d.n[kind]+1)/2), d.place(kind, (9*d.n[kind]+9)/10)
	}
}

// place is that of the nth duration, from 1.
func (d *durations) place(kind int, nth int64) place {
	for class, n := range &d.counts[kind] {
		if nth <= int64(n) {
			return place{uint16(class), nth}
		}
		nth -= int64(n)
	}
	return place{}
}

// add notes a duration that may be about as long as a percentile.
func (d *durations) add(kind int, long int64) {
	switch class(long) {
	case d.median[kind].class:
		d.about[kind][0] = append(d.about[kind][0], long)
	case d.p90[kind].class:
		d.about[kind][1] = append(d.about[kind][1], long)
	}
}

func (d *durations) spread(kind int) Spread {
	if d.n[kind] == 0 {
		return Spread{}
	}
	lower, upper := d.about[kind][0], d.about[kind][1]
	if d.median[kind].class == d.p90[kind].class {
		upper = lower
	}
	slices.Sort(lower)
	slices.Sort(upper)
	return Spread{d.n[kind], lower[d.median[kind].nth-1], upper[d.p90[kind].nth-1]}
}
