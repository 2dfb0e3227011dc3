package eventstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// Read yields the events of stream from a revision on, inclusive, to its end. Beyond
// the end there is nothing to yield; a stream without events that can be read yields
// ErrStreamNotFound once. When the server is lost in between, reading goes on with
// the next event once it is back, as long as ctx allows; an error is the last thing
// yielded: ErrStreamDeleted or ErrUnavailable, as a rule. Ending the loop early is fine.
func (s *Store) Read(ctx context.Context, stream string, from uint64) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		open := func(ctx context.Context, client *esdb.Client) (*esdb.ReadStream, error) {
			return client.ReadStream(ctx, stream, esdb.ReadStreamOptions{From: esdb.Revision(from)}, math.MaxInt64)
		}
		err := s.read(ctx, open, func(event Recorded) bool {
			from = event.Revision + 1
			return yield(event, nil)
		})
		if err != nil {
			yield(Recorded{}, fmt.Errorf("read %s: %w", stream, err))
		}
	}
}

// ReadAll yields the events of $all that f chooses, after a position, exclusive, to
// the end as it is at the call. It outlives a lost server as Read does. The choice
// is made here, not by the server, so that foreign events cost their transfer.
func (s *Store) ReadAll(ctx context.Context, from Position, f Filter) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		if err := s.readAll(ctx, from, f, yield); err != nil {
			yield(Recorded{}, fmt.Errorf("read $all: %w", err))
		}
	}
}

func (s *Store) readAll(ctx context.Context, from Position, f Filter, yield func(Recorded, error) bool) error {
	if err := f.check(); err != nil {
		return err
	}
	end, err := s.Head(ctx, Filter{})
	if err != nil {
		return err
	}
	if from.Compare(end) >= 0 {
		return nil
	}
	open := func(ctx context.Context, client *esdb.Client) (*esdb.ReadStream, error) {
		return client.ReadAll(ctx, esdb.ReadAllOptions{From: after(from)}, math.MaxInt64)
	}
	return s.read(ctx, open, func(event Recorded) bool {
		if event.Position.Compare(from) <= 0 {
			return true // the server begins with the position asked for
		}
		if event.Position.Compare(end) > 0 {
			return false
		}
		from = event.Position
		if f.matches(&event) && !yield(event, nil) {
			return false
		}
		return from.Compare(end) < 0
	})
}

// Head is the position of the last event in $all that f chooses, zero when there is
// none. It looks at the very last event first; only when that is a foreign one does
// it read on backwards, and not further than it has done before: an event that was
// deleted since may still be the head.
func (s *Store) Head(ctx context.Context, f Filter) (Position, error) {
	if err := f.check(); err != nil {
		return Position{}, err
	}
	ctx, cancel := s.bound(ctx)
	defer cancel()
	before, _ := s.heads.Get(f.key())
	var now head
	for _, count := range []uint64{1, 16, 256, math.MaxInt64} { // a server sends what it is asked for
		found := true
		open := func(ctx context.Context, client *esdb.Client) (*esdb.ReadStream, error) {
			return client.ReadAll(ctx, esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}, count)
		}
		err := s.read(ctx, open, func(event Recorded) bool {
			if now.end.IsZero() {
				now.end = event.Position
			}
			now.last, found = before.at(f, &event, now.end)
			return !found
		})
		if err != nil {
			return Position{}, fmt.Errorf("find the end of $all: %w", err)
		}
		if found {
			break
		}
	}
	s.heads.Add(f.key(), now)
	return now.last, nil
}

// head is where the last event was that a filter chose, when the last of all stood at the end.
type head struct{ end, last Position }

// at tells the last event that the filter chooses, if the event shows it: it is the one, or the one that stood at
// the end before. A log that has become shorter is another one.
func (before head) at(f Filter, event *Recorded, end Position) (last Position, found bool) {
	switch {
	case f.matches(event):
		return event.Position, true
	case !before.end.IsZero() && end.Compare(before.end) >= 0 && event.Position.Compare(before.end) <= 0:
		return before.last, true
	}
	return Position{}, false
}

// keptHeads is for how many filters the head is remembered.
const keptHeads = 64

// opener starts a read in the client where the last one ended.
type opener func(context.Context, *esdb.Client) (*esdb.ReadStream, error)

// read hands events to visit until it answers false, the end or an error. Failures
// that may pass make it open the read again. If ctx has no deadline, each wait for
// the server is bounded, though not the time that the caller takes for its events.
func (s *Store) read(ctx context.Context, open opener, visit func(Recorded) bool) error {
	_, bounded := ctx.Deadline()
	ctx, cancel, free := s.live(ctx)
	defer free()
	pauses := newBackoff(firstPause, longPause)
	watched := func(event Recorded) bool {
		pauses.Reset()
		return visit(event)
	}
	if !bounded {
		stall := time.AfterFunc(patience, func() { cancel(context.DeadlineExceeded) })
		defer stall.Stop()
		watched = func(event Recorded) bool {
			stall.Stop()
			pauses.Reset()
			more := visit(event)
			stall.Reset(patience)
			return more
		}
	}
	for {
		err := s.tryRead(ctx, open, watched)
		if err == nil || errors.Is(err, ErrUnavailable) {
			return err
		}
		if trouble := diagnose(err); !trouble.passing() {
			return withSentinel(trouble, err)
		}
		if !sleep(ctx, pauses.NextBackOff()) {
			return unavailable(ctx, err)
		}
	}
}

// tryRead is one read.
func (s *Store) tryRead(ctx context.Context, open opener, visit func(Recorded) bool) error {
	entered, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer func() { entered.leave(err) }()
	events, err := open(entered, entered.conn.client) //nolint:contextcheck // entered is ctx
	if err != nil {
		return err
	}
	defer events.Close()
	for {
		var received *esdb.ResolvedEvent
		if received, err = events.Recv(); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return err
		}
		if event, ok := fromClient(received); ok && !visit(event) {
			return nil
		}
	}
}
