package readapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	lru "github.com/hashicorp/golang-lru/v2"

	"suivi/domain"
	"suivi/domain/library"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// deskThen is a tracker as it was, folded from its own stream and the library's
// as one goes along. It goes forward only.
type deskThen struct {
	past *deskPast
	told int // so many of its events
}

// deskPast is what a tracker's stream and the library's have told. It is shared, and never changed:
// once they tell more, another takes its place.
type deskPast struct {
	events []deskEvent       // in the order of the log
	next   map[string]uint64 // by stream: the revision that is not read yet
	folded *lru.Cache[int, deskState]
}

// deskState is what so many events come to.
type deskState struct {
	tracker tracker.Tracker
	library library.Library
}

// deskEvent is an event of the tracker or of the library.
type deskEvent struct {
	position eventstore.Position
	meta     domain.Meta
	tracker  tracker.Event
	library  library.Event
}

// How many trackers' pasts are kept, and how many states of each: people slide through one past at a time.
const (
	keptPasts   = 64
	statesOfOne = 64
)

// deskThen reads the streams of the tracker; that of the library only if it shares fields.
// What has been read of them before is remembered, as events never change.
func (a *API) deskThen(ctx context.Context, now tracker.Tracker) (*deskThen, error) {
	past, known := a.pasts.Get(now.Key)
	if !known {
		past = &deskPast{}
	}
	more, err := a.readOn(ctx, past, now)
	if err != nil {
		return nil, err
	}
	if more != nil {
		past = more
		a.pasts.Add(now.Key, past)
	}
	return &deskThen{past: past}, nil
}

// readOn is the past with what the streams tell besides; nil when that is nothing.
func (a *API) readOn(ctx context.Context, past *deskPast, now tracker.Tracker) (*deskPast, error) {
	streams := []string{now.Key.Stream()}
	if now.UsesShared() {
		streams = append(streams, library.Stream)
	}
	var news []deskEvent
	next := map[string]uint64{} // of all streams that were ever read: what was read once must not come again
	maps.Copy(next, past.next)
	for _, stream := range streams {
		for recorded, err := range a.store.Read(ctx, stream, next[stream]) {
			if errors.Is(err, eventstore.ErrStreamNotFound) {
				break
			}
			if err != nil {
				return nil, readStreamError(stream, err)
			}
			e, err := decodeDeskEvent(recorded)
			if err != nil {
				return nil, err
			}
			news, next[stream] = append(news, e), recorded.Revision+1
		}
	}
	if len(news) == 0 && past.folded != nil {
		return nil, nil //nolint:nilnil // nothing new is no error
	}
	events := slices.Concat(past.events, news)
	slices.SortStableFunc(events, func(a, b deskEvent) int { return a.position.Compare(b.position) })
	return &deskPast{events, next, remembered[int, deskState](statesOfOne)}, nil
}

func decodeDeskEvent(r eventstore.Recorded) (e deskEvent, err error) {
	e.position = r.Position
	if r.Stream == library.Stream {
		e.library, err = library.Decode(r.Type, r.Data)
	} else {
		e.tracker, err = tracker.Decode(r.Type, r.Data)
	}
	if err != nil {
		return e, fmt.Errorf("read %s at revision %d: %w", r.Stream, r.Revision, err)
	}
	e.meta, err = decodeMeta(r)
	return e, err
}

// at is the tracker as it was when the log had come to the position.
func (d *deskThen) at(position eventstore.Position) tracker.Tracker {
	return d.until(func(e deskEvent) bool { return e.position.Compare(position) <= 0 })
}

// atMoment is the tracker as it was at the moment of a ticket whose last event
// until then has the position. By a time: also what occurred after that event,
// and at any rate what was there before it was written, as with imports.
func (d *deskThen) atMoment(m moment, last eventstore.Position) tracker.Tracker {
	return d.until(func(e deskEvent) bool {
		return e.position.Compare(last) <= 0 || m.version == 0 && !e.meta.OccurredAt.After(m.time)
	})
}

func (d *deskThen) until(included func(deskEvent) bool) tracker.Tracker {
	from := d.told
	for d.told < len(d.past.events) && included(d.past.events[d.told]) {
		d.told++
	}
	s := d.past.state(from, d.told)
	return s.tracker.With(s.library.Shared())
}

// state is what the first events come to, of which some may have been folded before.
func (p *deskPast) state(before, told int) deskState {
	if s, known := p.folded.Get(told); known {
		return s
	}
	s, known := p.folded.Get(before)
	if !known {
		s, before = deskState{}, 0
	}
	for _, e := range p.events[before:told] {
		switch {
		case e.tracker != nil:
			s.tracker = tracker.Evolve(s.tracker, e.tracker, e.meta)
		case e.library != nil:
			s.library = library.Evolve(s.library, e.library, e.meta)
		}
	}
	p.folded.Add(told, s)
	return s
}
