package eventlog

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	queuedWrites  = 1024    // writers beyond this wait before they are queued
	groupedWrites = 512     // at most this many share one commit
	groupedBytes  = 8 << 20 // a group takes no further write from here on
)

// retryDisk is how often a disk that refused a commit is tried again.
const retryDisk = time.Second

// sequencer is the one goroutine that writes: it gives every event its place,
// puts the writes that wait into one commit, and answers them when it is on disk.
// When the disk fails it refuses writes and tries until it can go on.
type sequencer struct {
	writer  *writer // nil while the disk fails
	tail    *tail
	log     *slog.Logger
	reopen  func(context.Context) (*writer, error)
	observe func(Commit)
	failing atomic.Pointer[UnwritableError] // why, while the disk fails

	queue  chan *Write
	stop   chan struct{}
	ending sync.WaitGroup
}

// Commit tells what one commit has done.
type Commit struct {
	Writes, Events, Bytes int // writes include those that were refused
	Took                  time.Duration
	Err                   error // the disk's
}

// start starts the goroutine that end waits for.
func (s *sequencer) start() {
	s.queue, s.stop = make(chan *Write, queuedWrites), make(chan struct{})
	s.ending.Go(s.run)
}

// do hands w to the sequencer and waits for its outcome. When ctx ends first, the
// Write may still happen: the caller finds out by repeating it with the same ids.
func (s *sequencer) do(ctx context.Context, w *Write) (Outcome, error) {
	if err := s.submit(ctx, w); err != nil {
		return Outcome{}, err
	}
	return s.await(ctx, w)
}

// submit queues w: writes are decided in the order in which they were submitted.
func (s *sequencer) submit(ctx context.Context, w *Write) error {
	w.answer = make(chan Outcome, 1)
	select {
	case s.queue <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stop:
		return ErrClosed
	}
}

// await waits for the outcome of a write that was submitted.
func (s *sequencer) await(ctx context.Context, w *Write) (Outcome, error) {
	select {
	case o := <-w.answer:
		return o, o.err
	case <-ctx.Done():
		return Outcome{}, ctx.Err()
	case <-s.stop:
		return Outcome{}, ErrClosed
	}
}

// end stops the goroutine after the group it is at, waits for it, and closes the file.
func (s *sequencer) end() error {
	close(s.stop)
	s.ending.Wait()
	if s.writer == nil {
		return nil
	}
	return s.writer.close(context.Background())
}

func (s *sequencer) run() {
	retry := time.NewTicker(retryDisk)
	defer retry.Stop()
	for {
		select {
		case <-s.stop:
			return
		case first := <-s.queue:
			s.take(first)
		case <-retry.C:
			if s.writer == nil {
				s.recover()
			}
		}
	}
}

func (s *sequencer) take(first *Write) {
	if failing := s.failing.Load(); failing != nil {
		first.answer <- Outcome{err: failing}
		return
	}
	if err := s.commit(s.gather(first)); err != nil {
		s.fail(err)
		return
	}
	if err := s.writer.checkpoint(context.Background()); err != nil {
		s.fail(err)
	}
}

// fail gives the file up until recover opens it anew.
func (s *sequencer) fail(err error) {
	s.log.Error("the event log could not be written; appends are refused until the disk takes them again", "error", err)
	s.failing.CompareAndSwap(nil, &UnwritableError{Cause: err})
	if err := s.writer.abandon(); err != nil {
		s.log.Debug("close the event log after a failure", "error", err)
	}
	s.writer = nil
}

// recover opens the file anew. What of the last group has reached the disk after
// all is shown to the readers; its writers were told that nobody knew.
func (s *sequencer) recover() {
	w, err := s.reopen(context.Background())
	if err != nil {
		s.log.Debug("the event log still cannot be written", "error", err)
		return
	}
	s.writer = w
	s.failing.Store(nil)
	s.log.Info("the event log is written again", "position", w.lastPos)
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
	for i := range w.Placed {
		size += w.Placed[i].Size()
	}
	return size
}

// commit writes a group, shows it to the readers, and answers its writers, in this
// order, so that everybody finds what has been acknowledged.
func (s *sequencer) commit(group []*Write) error {
	began := time.Now()
	outcomes, records, err := s.write(group)
	s.report(group, records, time.Since(began), err)
	if err != nil {
		failing := &UnwritableError{Cause: err}
		s.failing.Store(failing) // before the first of them tries again
		for _, w := range group {
			w.answer <- Outcome{err: failing}
		}
		return err
	}
	s.tail.publish(records)
	for i, w := range group {
		w.answer <- outcomes[i]
	}
	return nil
}

func (s *sequencer) report(group []*Write, records []*Record, took time.Duration, err error) {
	if s.observe == nil {
		return
	}
	c := Commit{Writes: len(group), Events: len(records), Took: took, Err: err}
	for _, r := range records {
		c.Bytes += r.Size()
	}
	s.observe(c)
}

func (s *sequencer) write(group []*Write) ([]Outcome, []*Record, error) {
	ctx := context.Background() // a commit is never given up half-way
	if err := s.writer.begin(ctx); err != nil {
		return nil, nil, fmt.Errorf("begin commit: %w", err)
	}
	outcomes := make([]Outcome, len(group))
	for i, w := range group {
		var err error
		if outcomes[i], err = s.writer.apply(ctx, w); err != nil {
			return nil, nil, fmt.Errorf("write to stream %s: %w", w.Stream, err)
		}
	}
	records, err := s.writer.commit(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("commit: %w", err)
	}
	return outcomes, records, nil
}
