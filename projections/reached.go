package projections

import (
	"context"
	"sync"
	"time"

	"suivi/domain"
	"suivi/eventstore"
)

// reached is the position that all live tables have, as far as this process knows.
type reached struct {
	mu      sync.Mutex
	at      eventstore.Position
	changed chan struct{} // closed at the next change
}

func newReached() *reached { return &reached{changed: make(chan struct{})} }

// set notes p; less than what is known already changes nothing.
func (r *reached) set(p eventstore.Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.Compare(r.at) > 0 {
		r.at = p
		close(r.changed)
		r.changed = make(chan struct{})
	}
}

// reset forgets what was known: the tables begin anew.
func (r *reached) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = eventstore.Position{}
}

func (r *reached) get() (eventstore.Position, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at, r.changed
}

// Reached is the position that all live tables have, as far as this process knows;
// the zero one before that is known.
func (p *Projections) Reached() eventstore.Position {
	at, _ := p.reached.get()
	return at
}

// News is closed when the read models next have more than now.
func (p *Projections) News() <-chan struct{} {
	_, changed := p.reached.get()
	return changed
}

// The pause after which Wait looks whether only foreign events are in between.
const (
	firstLook = 50 * time.Millisecond
	lastLook  = time.Second
)

// Wait returns when every live read model has the events up to p. Events of
// other streams count as had. When ctx ends first, it is domain.Unavailable,
// "read-model-behind".
func (p *Projections) Wait(ctx context.Context, until eventstore.Position) error {
	pause := firstLook
	look := time.NewTimer(pause)
	defer look.Stop()
	for {
		at, changed := p.reached.get()
		if at.Compare(until) >= 0 {
			return nil
		}
		select {
		case <-changed:
		case <-look.C:
			if p.nothingBetween(ctx, at, until) {
				return nil
			}
			pause = min(2*pause, lastLook)
			look.Reset(pause)
		case <-ctx.Done():
			return domain.Errorf(domain.Unavailable, "read-model-behind",
				"the lists are still behind: they have %s of the event store, not yet %s", at, until)
		}
	}
}

// nothingBetween tells whether the store is past until and has no event of ours
// between the two. A zero position is before all builds: that is no answer.
func (p *Projections) nothingBetween(ctx context.Context, at, until eventstore.Position) bool {
	if at.IsZero() && !p.follows(ctx) {
		return false
	}
	head, err := p.store.Head(ctx, eventstore.Filter{})
	if err != nil || head.Compare(until) < 0 {
		return false
	}
	for e, err := range p.store.ReadAll(ctx, at, filter()) {
		return err == nil && e.Position.Compare(until) > 0
	}
	return ctx.Err() == nil
}

// follows tells whether all read models are built.
func (p *Projections) follows(ctx context.Context) bool {
	built, err := liveCheckpoints(ctx, p.db.Read)
	return err == nil && len(p.outdated(built)) == 0
}
