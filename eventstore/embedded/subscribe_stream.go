package embedded

import (
	"context"
	"math"
	"time"

	"github.com/google/uuid"
)

// subscribeStream sends every event of a stream after a revision, in order and
// once each, for as long as the client listens. The stream need not exist yet.
//
// It reads the stream up to a position of the log and follows the log from there,
// so that nothing is missed or sent twice where one becomes the other.
func (s *streamsService) subscribeStream(r *readRequest, out *readResponses) error {
	ctx := out.call.Context()
	f := &streamSubscription{service: s, stream: r.stream, out: out, last: noEvents}
	pos := s.store.tail.end()
	switch r.start {
	case startFirst:
	case startAt:
		f.last = r.from
	case startEnd:
		st, err := s.store.reader.findStream(ctx, r.stream)
		if err != nil {
			return err
		}
		f.last = st.last
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
		pos = s.store.tail.end()
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
	st, err := f.service.store.reader.findStream(ctx, f.stream)
	if err != nil {
		return err
	}
	if st.tombstoned {
		return &deletedError{stream: f.stream}
	}
	if !st.readable() {
		return nil
	}
	first, oldest := st.window(time.Now())
	from := first
	if f.last < math.MaxInt64 {
		from = max(first, f.last+1)
	}
	part := span{from: from, to: st.last, oldest: oldest}
	if _, err := f.service.sendRevisions(ctx, st, part, math.MaxInt64, f.out); err != nil {
		return err
	}
	f.last = max(f.last, st.last)
	return nil
}

// live says that the client has caught up and sends events as they come. It
// returns without error when the client has fallen behind the tail.
func (f *streamSubscription) live(ctx context.Context, pos int64) error {
	for caughtUp := false; ; {
		page, grown, ok := f.service.store.tail.after(pos, pageRows)
		if !ok {
			return nil
		}
		for _, rec := range page {
			if err := f.consider(rec); err != nil {
				return err
			}
			pos = rec.pos
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

func (f *streamSubscription) consider(rec *record) error {
	switch {
	case rec.stream != f.stream:
		return f.endOfMetastream(rec)
	case rec.rev == tombstoneRevision:
		return &deletedError{stream: f.stream}
	case rec.rev <= f.last:
		return nil
	}
	f.last = rec.rev
	return f.out.event(rec)
}

// endOfMetastream notices that a stream whose metadata is followed has ended.
func (f *streamSubscription) endOfMetastream(rec *record) error {
	if rec.rev != tombstoneRevision {
		return nil
	}
	if original, isMeta := originalOf(f.stream); isMeta && original == rec.stream {
		return &deletedError{stream: f.stream}
	}
	return nil
}
