package embedded

import (
	"context"
	"math"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"suivi/eventstore/embedded/eventlog"
)

// readStream reads a stream from a revision on, including it, in either direction.
func (s *streamsService) readStream(ctx context.Context, r *readRequest, out *readResponses) error {
	st, err := s.log.FindStream(ctx, r.stream)
	if err != nil {
		return err
	}
	if st.Tombstoned {
		return &eventlog.DeletedError{Stream: r.stream}
	}
	if !st.Readable() {
		return out.streamNotFound(r.stream)
	}
	first, oldest := st.Window(time.Now())
	part := span{from: 0, to: st.Last, oldest: oldest, backwards: r.backwards}
	switch {
	case r.backwards && r.start == startFirst:
		part.to = 0
	case r.backwards && r.start == startAt:
		part.to = min(part.to, r.from)
	case !r.backwards && r.start == startEnd:
		part.from = math.MaxInt64
	case !r.backwards && r.start == startAt:
		part.from = r.from
	}
	asked := part.from
	part.from = max(part.from, first)
	sent, err := s.sendRevisions(ctx, st, part, r.count, out)
	if err != nil || !r.bounds || sent == r.count {
		return err
	}
	if !r.backwards && sent == 0 && asked < first {
		if err := out.send(&streams.ReadResp{Content: &streams.ReadResp_FirstStreamPosition{FirstStreamPosition: uint64(first)}}); err != nil {
			return err
		}
	}
	return out.send(&streams.ReadResp{Content: &streams.ReadResp_LastStreamPosition{LastStreamPosition: uint64(st.Last)}})
}

// span is a part of a stream: revisions, both included, not older than a time in ticks.
type span struct {
	from, to, oldest int64
	backwards        bool
}

// sendRevisions sends a part of a stream, at most count events of it.
func (s *streamsService) sendRevisions(ctx context.Context, st eventlog.StreamState, part span, count int64, out *readResponses) (sent int64, err error) {
	for sent < count && part.from <= part.to {
		page, err := s.log.Revisions(ctx, st, part.from, part.to, part.backwards, int(min(count-sent, eventlog.PageRows)))
		if err != nil || len(page) == 0 {
			return sent, err
		}
		for _, rec := range page {
			if rec.Created < part.oldest {
				continue
			}
			if err := out.event(rec); err != nil {
				return sent, err
			}
			sent++
		}
		if end := page[len(page)-1].Rev; part.backwards {
			part.to = end - 1
		} else {
			part.from = end + 1
		}
	}
	return sent, nil
}
