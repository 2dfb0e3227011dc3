package embedded

import (
	"context"

	"github.com/google/uuid"

	"suivi/eventstore/embedded/eventlog"
)

// subscribeAll sends every event of $all after a position that matches, in order
// and once each, for as long as the client listens. It goes at the client's pace:
// from the tail while the client keeps up, else from the database.
func (s *streamsService) subscribeAll(r *readRequest, out *readResponses) error {
	ctx := out.call.Context()
	pos := s.log.End()
	switch r.start {
	case startAt:
		pos = r.from
	case startFirst:
		pos = 0
	case startEnd:
	}
	if err := out.confirmation(uuid.NewString()); err != nil {
		return err
	}
	f := &allSubscription{request: r, out: out}
	for {
		page, grown, err := s.log.Following(ctx, pos)
		if err != nil {
			return err
		}
		if len(page) > 0 {
			if err := f.send(page); err != nil {
				return err
			}
			pos = page[len(page)-1].Pos
			if grown == nil && f.live {
				f.live = false
				s.metrics.fellBehind.Inc()
			}
			continue
		}
		if err := f.caughtUp(pos); err != nil {
			return err
		}
		if err := s.await(ctx, grown); err != nil {
			return err
		}
	}
}

// await waits for more events, for the client to go, or for the server to close.
func (s *streamsService) await(ctx context.Context, grown <-chan struct{}) error {
	select {
	case <-grown:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.quit:
		return eventlog.ErrClosed
	}
}

// allSubscription counts what a subscription considers and sends what matches.
type allSubscription struct {
	request    *readRequest
	out        *readResponses
	considered int64 // since the last checkpoint
	live       bool
}

func (f *allSubscription) send(page []*eventlog.Record) error {
	for _, rec := range page {
		if f.request.filter.Matches(rec) {
			if err := f.out.event(rec); err != nil {
				return err
			}
		}
		if f.request.interval == 0 {
			continue
		}
		f.considered++
		if f.considered == f.request.interval {
			f.considered = 0
			if err := f.out.checkpoint(rec.Pos); err != nil {
				return err
			}
		}
	}
	return nil
}

// caughtUp tells the client once that it has all there is; a filtered one learns
// where that is, so that it need not come this way again.
func (f *allSubscription) caughtUp(pos int64) error {
	if f.live {
		return nil
	}
	f.live = true
	if f.request.interval > 0 && f.considered > 0 {
		f.considered = 0
		if err := f.out.checkpoint(pos); err != nil {
			return err
		}
	}
	return f.out.caughtUp()
}
