package groups

import (
	"context"
	"math"
	"time"

	"suivi/eventstore/embedded/eventlog"
)

// source reads what a group follows, from where it stands.
type source interface {
	// page is the next events, at most limit; none with a channel that is closed when
	// the log has grown. It may also be empty without one: ask again.
	page(ctx context.Context, limit int) (page []*eventlog.Record, grown <-chan struct{}, err error)
	// read is how far it has read: a revision or a position.
	read() int64
	// place is the revision or position of an event.
	place(r *eventlog.Record) int64
}

// allSource follows the log.
type allSource struct {
	log    *eventlog.Log
	after  int64
	filter *Matcher
	ahead  []*eventlog.Record // what the log's page had after that
}

func (s *allSource) read() int64                    { return s.after }
func (s *allSource) place(r *eventlog.Record) int64 { return r.Pos }

func (s *allSource) page(ctx context.Context, limit int) ([]*eventlog.Record, <-chan struct{}, error) {
	if len(s.ahead) == 0 {
		page, grown, err := s.log.Following(ctx, s.after)
		if err != nil || len(page) == 0 {
			return nil, grown, err
		}
		s.ahead = page
	}
	var matching []*eventlog.Record
	for len(s.ahead) > 0 && len(matching) < limit {
		r := s.ahead[0]
		s.after, s.ahead = r.Pos, s.ahead[1:]
		if s.filter.Matches(r) {
			matching = append(matching, r)
		}
	}
	return matching, nil, nil
}

// streamSource follows one stream: it reads what the stream holds, and then follows
// the log from the position at which it looked.
type streamSource struct {
	log    *eventlog.Log
	stream string
	last   int64 // highest revision read or not wanted
	live   bool
	pos    int64 // while live: how far the log is followed
}

func (s *streamSource) read() int64                    { return s.last }
func (s *streamSource) place(r *eventlog.Record) int64 { return r.Rev }

func (s *streamSource) page(ctx context.Context, limit int) ([]*eventlog.Record, <-chan struct{}, error) {
	if s.live {
		return s.follow(limit)
	}
	pos := s.log.End()
	st, err := s.log.FindStream(ctx, s.stream)
	if err != nil {
		return nil, nil, err
	}
	first, oldest := st.Window(time.Now())
	from := max(first, s.last+1)
	if st.Tombstoned || !st.Readable() || from > st.Last {
		s.live, s.pos = true, pos
		return nil, nil, nil
	}
	page, err := s.log.Revisions(ctx, st, from, st.Last, false, min(limit, eventlog.PageRows))
	if err != nil {
		return nil, nil, err
	}
	if len(page) == 0 { // all of it is scavenged
		s.last = st.Last
		return nil, nil, nil
	}
	s.last = page[len(page)-1].Rev
	young := page[:0:0]
	for _, r := range page {
		if r.Created >= oldest {
			young = append(young, r)
		}
	}
	return young, nil, nil
}

func (s *streamSource) follow(limit int) ([]*eventlog.Record, <-chan struct{}, error) {
	page, grown, ok := s.log.After(s.pos, eventlog.PageRows)
	if !ok {
		s.live = false
		return nil, nil, nil
	}
	if len(page) == 0 {
		return nil, grown, nil
	}
	var own []*eventlog.Record
	for _, r := range page {
		if len(own) == limit {
			break
		}
		s.pos = r.Pos
		if r.Stream == s.stream && r.Rev > s.last && r.Rev < math.MaxInt64 {
			s.last = r.Rev
			own = append(own, r)
		}
	}
	return own, nil, nil
}
