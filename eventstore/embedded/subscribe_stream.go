package embedded

import (
	"context"
	"math"
	"time"

	"github.com/google/uuid"

	"suivi/eventstore/embedded/eventlog"
)

// subscribeStream sends every event of a stream after a revision, in order and
// once each, for as long as the client listens. The stream need not exist yet.
//
// It reads the stream up to a position of the log and follows the log from there,
// so that nothing is missed or sent twice where one becomes the other.
func (s *streamsService) subscribeStream(r *readRequest, out *readResponses) error {
	ctx := out.call.Context()
	f := &streamSubscription{service: s, stream: r.stream, out: out, last: eventlog.NoEvents}
	pos := s.log.End()
	switch r.start {
	case startFirst:
	case startAt:
		f.last = r.from
	case startEnd:
		st, err := s.log.FindStream(ctx, r.stream)
		if err != nil {
			return err
		}
		f.last = st.Last
	}
	if err := out.confirmation(uuid.NewString()); err != nil {
		return err
	}
	for {
		if err := f.catchUp(ctx); err != nil {
			return err
		}
		if err := f.live(ctx, pos); err != nil {
			return err
		}
		pos = s.log.End()
	}
}

// streamSubscription is one follower of a stream.
type streamSubscription struct {
	service *streamsService
	stream  string
	out     *readResponses
	last    int64 // highest revision sent or not asked for
}

// catchUp sends what the stream holds now. Later events may be among it: live
// knows them by their revision.
func (f *streamSubscription) catchUp(ctx context.Context) error {
	st, err := f.service.log.FindStream(ctx, f.stream)
	if err != nil {
		return err
	}
	if st.Tombstoned {
		return &eventlog.DeletedError{Stream: f.stream}
	}
	if !st.Readable() {
		return nil
	}
	first, oldest := st.Window(time.Now())
	from := first
	if f.last < math.MaxInt64 {
		from = max(first, f.last+1)
	}
	part := span{from: from, to: st.Last, oldest: oldest}
	if _, err := f.service.sendRevisions(ctx, st, part, math.MaxInt64, f.out); err != nil {
		return err
	}
	f.last = max(f.last, st.Last)
	return nil
}

// live says that the client has caught up and sends events as they come. It
// returns without error when the client has fallen behind the tail.
func (f *streamSubscription) live(ctx context.Context, pos int64) error {
	for caughtUp := false; ; {
		page, grown, ok := f.service.log.After(pos, eventlog.PageRows)
		if !ok {
			if caughtUp {
				f.service.metrics.fellBehind.Inc()
			}
			return nil
		}
		for _, rec := range page {
			if err := f.consider(rec); err != nil {
				return err
			}
			pos = rec.Pos
		}
		if len(page) > 0 {
			continue
		}
		if !caughtUp {
			caughtUp = true
			if err := f.out.caughtUp(); err != nil {
				return err
			}
		}
		if err := f.service.await(ctx, grown); err != nil {
			return err
		}
	}
}

func (f *streamSubscription) consider(rec *eventlog.Record) error {
	switch {
	case rec.Stream != f.stream:
		return f.endOfMetastream(rec)
	case rec.Rev == eventlog.TombstoneRevision:
		return &eventlog.DeletedError{Stream: f.stream}
	case rec.Rev <= f.last:
		return nil
	}
	f.last = rec.Rev
	return f.out.event(rec)
}

// endOfMetastream notices that a stream whose metadata is followed has ended.
func (f *streamSubscription) endOfMetastream(rec *eventlog.Record) error {
	if rec.Rev != eventlog.TombstoneRevision {
		return nil
	}
	if original, isMeta := eventlog.OriginalOf(f.stream); isMeta && original == rec.Stream {
		return &eventlog.DeletedError{Stream: f.stream}
	}
	return nil
}
