package eventlog

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
)

const (
	queuedWrites  = 1024    // writers beyond this wait before they are queued
	groupedWrites = 512     // at most this many share one commit
	groupedBytes  = 8 << 20 // a group takes no further write from here on
)

// sequencer is the one goroutine that writes: it gives every event its place,
// puts the writes that wait into one commit, and answers them when it is on disk.
type sequencer struct {
	journal *journal
	tail    *tail
	log     *slog.Logger
	failed  chan<- error // takes at most one error

	queue  chan *Write
	stop   chan struct{}
	ending sync.WaitGroup
}

// startSequencer starts the goroutine that end waits for.
func startSequencer(journal *journal, tail *tail, log *slog.Logger, failed chan<- error) *sequencer {
	s := &sequencer{
		journal: journal, tail: tail, log: log, failed: failed,
		queue: make(chan *Write, queuedWrites), stop: make(chan struct{}),
	}
	s.ending.Go(s.run)
	return s
}

// do hands w to the sequencer and waits for its outcome. When ctx ends first, the
// Write may still happen: the caller finds out by repeating it with the same ids.
func (s *sequencer) do(ctx context.Context, w *Write) (Outcome, error) {
	w.answer = make(chan Outcome, 1)
	select {
	case s.queue <- w:
	case <-ctx.Done():
		return Outcome{}, ctx.Err()
	case <-s.stop:
		return Outcome{}, ErrClosed
	}
	select {
	case o := <-w.answer:
		return o, o.err
	case <-ctx.Done():
		return Outcome{}, ctx.Err()
	case <-s.stop:
		return Outcome{}, ErrClosed
	}
}

// end stops the goroutine after the group it is at and waits for it.
func (s *sequencer) end() {
	close(s.stop)
	s.ending.Wait()
}

func (s *sequencer) run() {
	var failure error
	for {
		select {
		case <-s.stop:
			return
		case first := <-s.queue:
			if failure != nil {
				first.answer <- Outcome{err: ErrFailed}
				continue
			}
			if failure = s.commit(s.gather(first)); failure != nil {
				s.log.Error("the event log could not be written; appends are refused from now on", "error", failure)
				s.failed <- failure
			}
		}
	}
}

// gather takes what waits in the queue, without waiting for more.
func (s *sequencer) gather(first *Write) []*Write {
	group := append(make([]*Write, 0, 64), first)
	bytes := first.size()
	for len(group) < groupedWrites && bytes < groupedBytes {
		select {
		case w := <-s.queue:
			group = append(group, w)
			bytes += w.size()
		default:
			return group
		}
	}
	return group
}

func (w *Write) size() int {
	size := 0
	for i := range w.Events {
		size += w.Events[i].Size()
	}
	return size
}

// commit writes a group, shows it to the readers, and answers its writers, in this
// order, so that everybody finds what has been acknowledged.
func (s *sequencer) commit(group []*Write) error {
	outcomes, records, err := s.write(group)
	if err != nil {
		for _, w := range group {
			w.answer <- Outcome{err: ErrFailed}
		}
		return err
	}
	s.tail.publish(records)
	for i, w := range group {
		w.answer <- outcomes[i]
	}
	return nil
}

func (s *sequencer) write(group []*Write) ([]Outcome, []*Record, error) {
	ctx := context.Background() // a commit is never given up half-way
	if err := s.journal.begin(ctx); err != nil {
		return nil, nil, fmt.Errorf("begin commit: %w", err)
	}
	outcomes := make([]Outcome, len(group))
	for i, w := range group {
		var err error
		if outcomes[i], err = s.journal.apply(ctx, w); err != nil {
			return nil, nil, fmt.Errorf("write to stream %s: %w", w.Stream, err)
		}
	}
	records, err := s.journal.commit(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("commit: %w", err)
	}
	return outcomes, records, nil
}
