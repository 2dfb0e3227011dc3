// Package lives holds in memory what counts, reports and lists of the past ask of every ticket: where
// it is, whose it is, what has happened to it, and something of its words. It follows the tables that projections keep, so that it tells what
// they tell, and nothing is lost with it. Each process has its own.
package lives

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"suivi/database"
	"suivi/domain"
	"suivi/domain/tracker"
)

// Lives are those of all tickets. It is safe for concurrent use.
type Lives struct {
	db        *database.DB
	following chan struct{} // holds one: who has taken it follows
	next      *all          // that is being read anew, by who follows

	mu  sync.RWMutex
	all *all

	room sync.Pool // of *durations
}

// New makes Lives that begin to read when they are first asked.
func New(db *database.DB) *Lives {
	l := &Lives{db: db, following: make(chan struct{}, 1), all: newAll(0)}
	l.following <- struct{}{}
	return l
}

// all is what is known, in the order in which it came. Moments are microseconds since 1970, as exact as the tables have them.
type all struct {
	build int64 // of the tables
	upTo  int64 // their changes are known
	ids   []domain.TicketID
	lives []life
	pasts []past

	hashes   hashes
	places   map[domain.TicketID]int32 // of a ticket in the three
	trackers names[domain.TrackerKey]
	people   names[domain.UserID] // nobody is the first
	assigned []int32              // how many tickets each of them has, deleted ones too
	counts   []Counts             // of the tickets of each tracker
	numbered []int32              // places, by the numbers of tickets
	reported []int32              // by when they were reported
	updated  []int32              // by when they last changed
}

// life is what most questions ask of a ticket. It is small, since they look at all of them.
type life struct {
	reported int64
	updated  int64
	tracker  int32
	reporter int32
	assignee int32
	state    uint8 // in tracker.States
	deleted  bool
	moved    bool // it was in another tracker before
}

// past is what has happened to a ticket.
type past struct {
	number    int64
	responded int64 // by somebody else than its reporter, so many seconds after the report; negative: not
	resolved  int64 // for the last time, of those that are resolved; likewise
	changes   []change
	owners    []owner
	marks     marks // of its words
}

// never is a moment that has not come, and always one that will not.
const (
	never  = math.MinInt64
	always = math.MaxInt64
)

// change is one of state.
type change struct {
	at       int64
	class    uint16 // of how long it was in the state before
	from, to uint8
}

// owner is who has been given the ticket.
type owner struct {
	at int64
	to int32
}

func newAll(build int64) *all {
	a := &all{build: build, hashes: newHashes(), places: map[domain.TicketID]int32{}}
	a.people.place("")
	return a
}

// names are the numbers that stand for names.
type names[T ~string] struct {
	all    []T
	places map[T]int32
}

// place is the number of the name, which is a new one if need be.
func (n *names[T]) place(name T) int32 {
	place, known := n.places[name]
	if !known {
		if n.places == nil {
			n.places = map[T]int32{}
		}
		place = int32(len(n.all))
		n.all = append(n.all, name)
		n.places[name] = place
	}
	return place
}

// among are the numbers that stand for one of the names.
func (n *names[T]) among(some []T) set {
	are := make(set, len(n.all))
	for _, name := range some {
		if place, known := n.places[name]; known {
			are[place] = true
		}
	}
	return are
}

// states are the numbers that stand for states.
func states() map[tracker.State]uint8 {
	numbers := map[tracker.State]uint8{}
	for i, state := range tracker.States() {
		numbers[state] = uint8(i)
	}
	return numbers
}

// View is what the lives tell at one moment.
type View struct {
	*all

	room *sync.Pool
}

// Use has the lives looked at as the tables have them now, or have become since. The view is good until use
// returns, which must not ask for another one.
func (l *Lives) Use(ctx context.Context, use func(View)) error {
	if err := l.catchUp(ctx); err != nil {
		return fmt.Errorf("follow the tickets: %w", err)
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	use(View{l.all, &l.room})
	return nil
}

// Len is how many tickets are known, of which some may have been deleted.
func (l *Lives) Len() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.all.ids)
}

// Follow rests for a second, so that who asks finds little that is new; and so many times as long as it took, so that many changes
// cost little more than they must.
const (
	restBetween = time.Second
	restAfter   = 20
)

// Follow keeps the lives near to the tables until ctx ends.
func (l *Lives) Follow(ctx context.Context, logger *slog.Logger) {
	for {
		began := time.Now()
		if err := l.catchUp(ctx); err != nil && ctx.Err() == nil {
			logger.DebugContext(ctx, "the lives of tickets are not read yet", "error", err) // who asks is told
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(restBetween, restAfter*time.Since(began))):
		}
	}
}
