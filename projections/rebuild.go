package projections

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"suivi/database"
	"suivi/domain"
	"suivi/eventstore"
)

// Rebuild makes a projection's tables anew from the first event on. The live
// ones are served and kept up to date meanwhile, and replaced in one step at the
// end. progress may be nil. An unknown name is domain.NotFound.
func (p *Projections) Rebuild(ctx context.Context, name string, progress func(done, total uint64)) error {
	model, ok := find(name)
	if !ok {
		return domain.Errorf(domain.NotFound, "projection-not-found", "there is no projection %q; there are %v", name, names(models()))
	}
	if err := p.prepare(ctx); err != nil {
		return err
	}
	release, err := p.peers.lockBuilds(ctx, next)
	if err != nil {
		return fmt.Errorf("rebuild %s: %w", name, err)
	}
	defer release()
	if err := p.rebuild(ctx, []projection{model}, progress); err != nil {
		return fmt.Errorf("rebuild %s: %w", name, err)
	}
	return nil
}

// rebuild builds and swaps; the caller holds the lock of builds.
func (p *Projections) rebuild(ctx context.Context, models []projection, progress Progress) error {
	defer p.health.builds(names(models))()
	b, err := p.newBuild(ctx, models, next, progress)
	if err != nil {
		return err
	}
	p.logger.Info("projections are being built", "names", names(models))
	if err := b.fill(ctx, eventstore.Position{}); err != nil {
		return err
	}
	if err := b.index(ctx); err != nil {
		return err
	}
	if err := b.fill(ctx, eventstore.Position{}); err != nil { // what came meanwhile
		return err
	}
	if err := b.swap(ctx); err != nil {
		return err
	}
	b.tell(eventstore.Position{}, true)
	p.logger.Info("projections built", "names", names(models), "events", b.done)
	return nil
}

// swap takes the last few events that the live tables have and puts the new
// tables in their place.
func (b *build) swap(ctx context.Context) error {
	b.applying.Lock()
	defer b.applying.Unlock()
	var rest []event
	err := within(ctx, b.db, func(tx *sqlx.Tx) error {
		upTo, err := b.holdLive(ctx, tx)
		if err != nil {
			return err
		}
		if rest, err = b.rest(ctx, upTo); err != nil {
			return err
		}
		if err := b.applyIn(ctx, tx, rest); err != nil {
			return err
		}
		for _, m := range b.models {
			if err := b.rename(ctx, tx, m, rest); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("put the new tables in place: %w", err)
	}
	b.moved(rest)
	return nil
}

// holdLive locks the live checkpoints, as whoever applies events does, and tells
// the furthest of them.
func (b *build) holdLive(ctx context.Context, tx *sqlx.Tx) (eventstore.Position, error) {
	var furthest eventstore.Position
	for _, m := range b.models {
		if _, err := tx.ExecContext(ctx, `UPDATE projections SET events = events WHERE name = $1 AND suffix = $2`, m.name(), live); err != nil {
			return furthest, fmt.Errorf("hold the live tables: %w", err)
		}
	}
	at, err := liveCheckpoints(ctx, tx)
	if err != nil {
		return furthest, err
	}
	for _, m := range b.models {
		if c := at[m.name()]; c.position().Compare(furthest) > 0 {
			furthest = c.position()
		}
	}
	return furthest, nil
}

// rest is the events that the build lacks up to a position.
func (b *build) rest(ctx context.Context, upTo eventstore.Position) ([]event, error) {
	var rest []eventstore.Recorded
	if upTo.Compare(b.position()) <= 0 {
		return nil, nil
	}
	for recorded, err := range b.store.ReadAll(ctx, b.position(), filter()) {
		if err != nil {
			return nil, err
		}
		if recorded.Position.Compare(upTo) > 0 {
			break
		}
		rest = append(rest, recorded)
	}
	return decodeAll(rest)
}

// rename makes the built tables of a projection the live ones. The stored
// checkpoint of the build must be where this build left it: if another process
// has begun the build anew, there is none.
func (b *build) rename(ctx context.Context, tx *sqlx.Tx, m projection, rest []event) error {
	c := b.at[m.name()]
	if len(rest) > 0 {
		c.Events += int64(len(rest))
		c.Commit, c.Prepare = int64(rest[len(rest)-1].Position.Commit), int64(rest[len(rest)-1].Position.Prepare)
	}
	if err := c.move(ctx, tx, c.position(), 0); err != nil {
		return err
	}
	if err := (place{live, 0}).drop(ctx, tx, m); err != nil {
		return err
	}
	for _, t := range m.tables() {
		if _, err := tx.ExecContext(ctx, c.place().sql("ALTER TABLE "+t.name+"@ RENAME TO "+t.name)); err != nil {
			return fmt.Errorf("rename the table %s%s: %w", t.name, c.Suffix, err)
		}
		for _, words := range t.wordIndexes() {
			if err := c.place().exec(ctx, tx, words.Rename(database.DialectOf(tx), database.WordIndex(t.name))); err != nil {
				return fmt.Errorf("rename the words of %s%s: %w", t.name, c.Suffix, err)
			}
		}
	}
	if err := c.remove(ctx, tx); err != nil {
		return err
	}
	c.Suffix = live
	if err := c.place().describe(ctx, tx, m); err != nil {
		return err
	}
	return c.store(ctx, tx)
}
