package embedded

import (
	"context"

	"suivi/eventstore/embedded/eventlog"
)

// readAll reads $all: forwards from a position on, backwards from the last event before it.
func (s *streamsService) readAll(ctx context.Context, r *readRequest, out *readResponses) error {
	after, upTo := int64(0), s.log.End() // what is written from now on is not part of it
	switch {
	case r.start == startAt && r.backwards:
		upTo = min(upTo, r.from-1)
	case r.start == startAt:
		after = r.from - 1
	case r.start == startEnd && !r.backwards, r.start == startFirst && r.backwards:
		return nil
	}
	for left := r.count; left > 0; {
		limit := int64(eventlog.PageRows)
		if r.filter == nil {
			limit = min(limit, left)
		}
		page, err := s.log.All(ctx, after, upTo, r.backwards, int(limit))
		if err != nil || len(page) == 0 {
			return err
		}
		sent, err := out.matching(page, r.filter, left)
		if err != nil {
			return err
		}
		left -= sent
		if end := page[len(page)-1].Pos; r.backwards {
			upTo = end - 1
		} else {
			after = end
		}
	}
	return nil
}
