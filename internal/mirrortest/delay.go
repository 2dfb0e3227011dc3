package mirrortest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
)

// Delay measures how long after a ticket is posted, and after something is said on it, its twin
// has it, one after another: alone, and beside a ticket that is parked and spoken on all the time.
// It reports in ms of the median: delay, from the command's answer to the site's answer to the
// write; own, how long the site took for that write alone; and more, what is between the two.
func Delay(b *testing.B, rig func(testing.TB) Rig) {
	b.Helper()
	for _, poisoned := range []bool{false, true} {
		w := newWorld(b, rig(b))
		w.start()
		var bad domain.TicketID
		if poisoned {
			bad = w.post(w.rig.Poison)
		}
		var posted domain.TicketID
		acts := map[string]func(i int){
			"post":    func(i int) { posted = w.post(fmt.Sprintf("Ticket %d", i)) },
			"comment": func(i int) { w.do(posted, ticket.Comment{Body: fmt.Sprintf("Comment %d", i)}) },
		}
		for _, name := range slices.Sorted(maps.Keys(acts)) {
			act := acts[name]
			b.Run(fmt.Sprintf("%s/poisoned=%v", name, poisoned), func(b *testing.B) {
				w.t = b
				posted = w.post("The first")
				var all delays
				for i := range b.N {
					if poisoned {
						w.do(bad, ticket.Comment{Body: fmt.Sprintf("Still %d", i)})
					}
					w.quiet()
					before := w.proxy.writes()
					act(i)
					all.add(time.Now(), w.written(before))
				}
				all.report(b)
			})
		}
	}
}

// quiet waits until the tool has asked for nothing for a while.
func (w *world) quiet() {
	w.t.Helper()
	last, since := -1, time.Now()
	w.eventually("nothing is asked for any more", func() bool {
		if now := w.proxy.soFar(); now != last {
			last, since = now, time.Now()
		}
		return time.Since(since) > 200*time.Millisecond
	})
}

// written waits for the first write after so many, and gives it.
func (w *world) written(before int) (first passage) {
	w.t.Helper()
	w.eventually("something is written there", func() bool {
		w.proxy.mu.Lock()
		defer w.proxy.mu.Unlock()
		if len(w.proxy.written) <= before {
			return false
		}
		first = w.proxy.written[before]
		return true
	})
	return first
}

// passage is when a write came by, and when its answer.
type passage struct{ asked, answered time.Time }

// passed notes a write that the site took.
func (p *proxy) passed(r *http.Request, status int, asked time.Time) {
	if r.Method == http.MethodGet || status >= http.StatusMultipleChoices {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.written = append(p.written, passage{asked: asked, answered: time.Now()})
}

func (p *proxy) writes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.written)
}

type delays struct{ delay, own, more []time.Duration }

func (d *delays) add(acted time.Time, write passage) {
	delay, own := write.answered.Sub(acted), write.answered.Sub(write.asked)
	d.delay, d.own, d.more = append(d.delay, delay), append(d.own, own), append(d.more, delay-own)
}

func (d *delays) report(b *testing.B) {
	b.Helper()
	for name, all := range map[string][]time.Duration{"delay-p50-ms": d.delay, "own-p50-ms": d.own, "more-p50-ms": d.more} {
		slices.Sort(all)
		b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, name)
	}
	b.ReportMetric(0, "ns/op") // the rests between are ours
}
