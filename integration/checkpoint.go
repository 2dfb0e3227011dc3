package integration

import (
	"context"
	"fmt"
	"sync"
	"time"

	"suivi/eventstore"
)

// savedEvery is how often a position that moves is saved. What came after it is
// heard again when the process dies.
const savedEvery = 500 * time.Millisecond

// position is how far a reactor has come.
type position struct {
	mu    sync.Mutex
	at    eventstore.Position
	saved eventstore.Position
}

func (p *position) move(to eventstore.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = to
}

func (p *position) get() eventstore.Position {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

// begin is the position after which the reactor hears events: as it was saved, or
// the store's head the first time. A saved one beyond the head is of another
// store, or of this one before an older copy was restored: then the head counts.
func (r *runner) begin(ctx context.Context) (eventstore.Position, error) {
	head, err := r.cfg.Store.Head(ctx, eventstore.Filter{})
	if err != nil {
		return eventstore.Position{}, fmt.Errorf("read the head: %w", err)
	}
	_, err = r.cfg.DB.Write.ExecContext(ctx, `INSERT INTO reactors (name, commit_position, prepare_position, updated_at)
		VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING`, r.Name, int64(head.Commit), int64(head.Prepare), r.now())
	if err != nil {
		return eventstore.Position{}, fmt.Errorf("begin %s: %w", r.Name, err)
	}
	at, err := r.checkpoint(ctx)
	if err != nil || at.Compare(head) <= 0 {
		return at, err
	}
	r.logger.Warn("the reactor is ahead of the event store, which must be another one or an older copy; it goes on from its end", "position", at, "head", head)
	_, err = r.cfg.DB.Write.ExecContext(ctx, `UPDATE reactors SET commit_position = $1, prepare_position = $2, updated_at = $3 WHERE name = $4`,
		int64(head.Commit), int64(head.Prepare), r.now(), r.Name)
	if err != nil {
		return head, fmt.Errorf("put %s back: %w", r.Name, err)
	}
	return head, nil
}

// checkpoint is the position that was saved.
func (r *runner) checkpoint(ctx context.Context) (eventstore.Position, error) {
	var row struct {
		Commit  int64 `db:"commit_position"`
		Prepare int64 `db:"prepare_position"`
	}
	err := r.cfg.DB.Read.GetContext(ctx, &row, `SELECT commit_position, prepare_position FROM reactors WHERE name = $1`, r.Name)
	if err != nil {
		return eventstore.Position{}, fmt.Errorf("read how far %s is: %w", r.Name, err)
	}
	return eventstore.Position{Commit: uint64(row.Commit), Prepare: uint64(row.Prepare)}, nil
}

// resume is begin for a subscription.
func (r *runner) resume(ctx context.Context) (eventstore.Position, error) {
	at, err := r.begin(ctx)
	r.position.mu.Lock()
	defer r.position.mu.Unlock()
	r.position.at, r.position.saved = at, at
	return at, err
}

// save saves the position, if it has moved. It never goes back: another process may be ahead.
func (r *runner) save(ctx context.Context) error {
	r.position.mu.Lock()
	defer r.position.mu.Unlock()
	at := r.position.at
	if at == r.position.saved {
		return nil
	}
	_, err := r.cfg.DB.Write.ExecContext(ctx, `UPDATE reactors SET commit_position = $1, prepare_position = $2, updated_at = $3
		WHERE name = $4 AND (commit_position, prepare_position) < ($1, $2)`, int64(at.Commit), int64(at.Prepare), r.now(), r.Name)
	if err != nil {
		return fmt.Errorf("save how far %s is: %w", r.Name, err)
	}
	r.position.saved = at
	return nil
}

// keepSaving saves now and then until ctx ends, and once more then.
func (r *runner) keepSaving(ctx context.Context) {
	tick := time.NewTicker(savedEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
		saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
		if err := r.save(saving); err != nil {
			r.logger.Warn("the next saving saves it", "error", err)
		}
		cancel()
	}
}

const saveTimeout = 5 * time.Second
