package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"golang.org/x/sync/errgroup"

	"suivi/eventstore"
)

// buildBatch is how many events go into one transaction of a build.
const buildBatch = 1000

// Progress hears how many events are done, and how many there will be as far as
// the positions tell. It is called a few times per second.
type Progress func(done, total uint64)

// build makes the tables of projections anew, beside the live ones, from the
// first event on.
type build struct {
	*Projections

	models   []projection
	at       map[string]checkpoint
	done     uint64 // events read
	progress Progress
	told     time.Time
}

// newBuild begins a build; the caller holds the lock of builds with the suffix.
func (p *Projections) newBuild(ctx context.Context, models []projection, suffix string, progress Progress) (*build, error) {
	b := &build{Projections: p, models: models, at: map[string]checkpoint{}, progress: progress}
	number := time.Now().UnixMicro()
	err := within(ctx, p.db, func(tx *sqlx.Tx) error {
		for _, m := range models {
			c := checkpoint{Name: m.name(), Suffix: suffix, Version: m.version(), Build: number}
			if err := c.place().create(ctx, tx, m); err != nil {
				return err
			}
			if err := c.store(ctx, tx); err != nil {
				return err
			}
			b.at[c.Name] = c
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("begin a build: %w", err)
	}
	return b, nil
}

// position is where the build is; all of its projections are there.
func (b *build) position() eventstore.Position { return b.at[b.models[0].name()].position() }

// fill applies what the store has, up to a position; a zero one means all. The
// next events are read and decoded while those before are applied.
func (b *build) fill(ctx context.Context, upTo eventstore.Position) error {
	head, err := b.store.Head(ctx, filter())
	if err != nil {
		return err
	}
	from := b.position()
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan []event, 1)
	group.Go(func() error {
		defer close(batches)
		return b.read(ctx, from, upTo, batches)
	})
	group.Go(func() error {
		for events := range batches {
			if err := b.apply(ctx, events); err != nil {
				return err
			}
			b.tell(head, false)
		}
		return nil
	})
	return group.Wait()
}

// read sends the events after from, in batches.
func (b *build) read(ctx context.Context, from, upTo eventstore.Position, batches chan<- []event) error {
	events := make([]event, 0, buildBatch)
	send := func() error {
		select {
		case batches <- events:
			events = make([]event, 0, buildBatch)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for recorded, err := range b.store.ReadAll(ctx, from, filter()) {
		if err != nil {
			return err
		}
		if !upTo.IsZero() && recorded.Position.Compare(upTo) > 0 {
			break
		}
		some, err := decodeAll([]eventstore.Recorded{recorded})
		if err != nil {
			return err
		}
		if events = append(events, some...); len(events) == buildBatch {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return send()
}

// apply applies events in a transaction of their own.
func (b *build) apply(ctx context.Context, events []event) error {
	err := within(ctx, b.db, func(tx *sqlx.Tx) error { return b.applyIn(ctx, tx, events) })
	if err != nil {
		return err
	}
	b.moved(events)
	return nil
}

func (b *build) applyIn(ctx context.Context, tx *sqlx.Tx, events []event) error {
	for _, m := range b.models {
		if err := advance(ctx, tx, m, b.at[m.name()], events); err != nil {
			return err
		}
	}
	return nil
}

// moved notes what has been committed.
func (b *build) moved(events []event) {
	if len(events) == 0 {
		return
	}
	last := events[len(events)-1].Position
	for name, c := range b.at {
		c.Events += int64(len(c.new(events)))
		c.Commit, c.Prepare = int64(last.Commit), int64(last.Prepare)
		b.at[name] = c
	}
	b.done += uint64(len(events))
}

// tell reports the progress. Positions grow evenly enough to guess the total.
func (b *build) tell(head eventstore.Position, last bool) {
	if b.progress == nil || !last && time.Since(b.told) < 200*time.Millisecond {
		return
	}
	b.told = time.Now()
	total := b.done
	if at := b.position().Commit; !last && at > 0 && head.Commit > at {
		total = uint64(float64(b.done) / float64(at) * float64(head.Commit))
	}
	b.progress(b.done, total)
}

// index makes the indexes of the tables.
func (b *build) index(ctx context.Context) error {
	return within(ctx, b.db, func(tx *sqlx.Tx) error {
		for _, m := range b.models {
			if err := b.at[m.name()].place().index(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// discard removes the tables of the build.
func (b *build) discard(ctx context.Context) error {
	return within(ctx, b.db, func(tx *sqlx.Tx) error {
		for _, m := range b.models {
			c := b.at[m.name()]
			if err := c.place().drop(ctx, tx, m); err != nil {
				return err
			}
			if err := c.remove(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}
