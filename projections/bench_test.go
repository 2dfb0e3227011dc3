package projections_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/internal/testdb"
)

// BenchmarkRebuild rebuilds each projection, then all, from the events of 5000 tickets.
func BenchmarkRebuild(b *testing.B) {
	for _, database := range []struct {
		name string
		url  func(testing.TB) string
	}{{"sqlite", testdb.SQLite}, {"postgres", testdb.Postgres}} {
		b.Run(database.name, func(b *testing.B) {
			w := newWorld(b, database.url(b))
			events := w.fill(b, 5000)
			p, stop := w.run(b)
			w.settle(b, p)
			stop()
			for _, name := range []string{"tickets", "history", "trackers", "search", "attachments"} {
				b.Run(name, func(b *testing.B) {
					before := cpu(b)
					for b.Loop() {
						if err := p.Rebuild(b.Context(), name, nil); err != nil {
							b.Fatal(err)
						}
					}
					report(b, events, before)
				})
			}
			b.Run("all", func(b *testing.B) {
				before := cpu(b)
				for b.Loop() {
					b.StopTimer()
					if _, err := w.db.Write.ExecContext(b.Context(), "DELETE FROM projections"); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
					p, stop := w.run(b)
					w.settle(b, p)
					stop()
				}
				report(b, events, before)
			})
		})
	}
}

// report tells the speed by the clock, and by this process's time on the CPUs,
// which other load does not change.
func report(b *testing.B, events int, before time.Duration) {
	b.Helper()
	n := float64(events * b.N)
	b.ReportMetric(n/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/n, "cpu-µs/event")
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// fill tells the lives of so many tickets, four events each.
func (w *world) fill(b testing.TB, tickets int64) (events int) {
	b.Helper()
	w.configure(b, "HELP", tracker.Created{Key: "HELP", Name: "Help desk", Mode: domain.Bugtracker, Workflow: tracker.Relaxed})
	const at = 50
	slots := make(chan struct{}, at)
	for n := int64(1); n <= tickets; n++ {
		id := domain.NewTicketID("HELP", n)
		var encoded []eventstore.Event
		for _, e := range []ticket.Event{posted(n), ticket.Assigned{Assignee: person(1)},
			ticket.Commented{Comment: 1, Body: fmt.Sprintf("I had a look at %s and found the cause. More tomorrow.", id)},
			ticket.StateChanged{From: tracker.Posted, To: tracker.Working}} {
			name, data, err := ticket.Encode(e)
			if err != nil {
				b.Fatal(err)
			}
			encoded = append(encoded, w.event(b, name, data, w.meta(person(1))))
		}
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			if _, err := w.store.Append(b.Context(), id.Stream(), eventstore.NoStream(), encoded...); err != nil {
				b.Error(err)
			}
		}()
		events += len(encoded)
	}
	for range at {
		slots <- struct{}{}
	}
	head, err := w.store.Head(b.Context(), eventstore.Filter{})
	if err != nil {
		b.Fatal(err)
	}
	w.last = head
	return events
}
