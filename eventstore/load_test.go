package eventstore_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"suivi/eventstore"
)

// How much later than its context a call may return on a machine that is busy with
// other things. Without them it is some milliseconds; what hangs, hangs for longer.
const slack = 5 * time.Second

// pace keeps callers from taking all of the machine.
const pace = 5 * time.Millisecond

// callers runs a function again and again, n at a time, and fails the test when one
// call takes longer than its context.
type callers struct {
	t       *testing.T
	stop    chan struct{}
	once    sync.Once
	running sync.WaitGroup
}

func newCallers(t *testing.T) *callers {
	t.Helper()
	c := &callers{t: t, stop: make(chan struct{})}
	t.Cleanup(c.wait)
	return c
}

func (c *callers) run(n int, timeout time.Duration, call func(ctx context.Context, caller int)) {
	for caller := range n {
		c.running.Go(func() {
			for {
				select {
				case <-c.stop:
					return
				case <-time.After(pace):
				}
				ctx, cancel := context.WithTimeout(context.Background(), timeout)
				begin := time.Now()
				call(ctx, caller)
				cancel()
				if took := time.Since(begin); took > timeout+slack {
					c.t.Errorf("a call took %v with a context of %v", took, timeout)
				}
			}
		})
	}
}

func (c *callers) wait() {
	c.once.Do(func() { close(c.stop) })
	c.running.Wait()
}

// writer appends to a stream of its own and repeats what failed.
type writer struct {
	stream string
	acked  []uuid.UUID
	next   eventstore.Event
	count  atomic.Int64
}

func (w *writer) append(ctx context.Context, s *eventstore.Store) error {
	expected := eventstore.NoStream()
	if n := len(w.acked); n > 0 {
		expected = eventstore.Exactly(uint64(n - 1))
	}
	if w.next.ID == uuid.Nil {
		w.next = newEvent("written")
	}
	if _, err := s.Append(ctx, w.stream, expected, w.next); err != nil {
		return err
	}
	w.acked, w.next = append(w.acked, w.next.ID), eventstore.Event{}
	w.count.Add(1)
	return nil
}

// allAdvance waits until everybody has succeeded again.
func allAdvance(t *testing.T, writers []writer, reads *atomic.Int64) {
	t.Helper()
	for i := range writers {
		before := writers[i].count.Load()
		eventually(t, fmt.Sprintf("writer %d advances", i), func() bool { return writers[i].count.Load() > before })
	}
	before := reads.Load()
	eventually(t, "readers advance", func() bool { return reads.Load() > before+64 })
}
