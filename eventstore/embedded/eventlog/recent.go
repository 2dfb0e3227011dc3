package eventlog

import "github.com/google/uuid"

// How many of the newest events are recognised when they come again without a revision.
const rememberedEvents = 1 << 16

// committed is where an event stands.
type committed struct {
	streamID, rev, pos int64
}

// recentEvents remembers the newest events by id, a bounded number of them: the
// oldest is forgotten first. It is empty after a restart.
type recentEvents struct {
	byID  map[uuid.UUID]committed
	order []uuid.UUID // a ring
	next  int
}

func newRecentEvents(limit int) *recentEvents {
	return &recentEvents{byID: make(map[uuid.UUID]committed), order: make([]uuid.UUID, 0, limit)}
}

func (r *recentEvents) find(id uuid.UUID) (committed, bool) {
	at, ok := r.byID[id]
	return at, ok
}

func (r *recentEvents) add(id uuid.UUID, at committed) {
	_, known := r.byID[id]
	r.byID[id] = at
	switch {
	case known:
	case len(r.order) < cap(r.order):
		r.order = append(r.order, id)
	default:
		delete(r.byID, r.order[r.next])
		r.order[r.next] = id
		r.next = (r.next + 1) % len(r.order)
	}
}
