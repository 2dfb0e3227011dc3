package integration

import (
	"context"
	"errors"
	"fmt"

	"suivi/eventstore"
)

// passes is waits of a reactor to which what is parked of a ticket stands for all that comes later.
func (r *runner) passes(ctx context.Context, event eventstore.Recorded) (bool, error) {
	if !r.isParked(event.Stream) {
		return false, nil
	}
	e, err := decode(event)
	if err != nil {
		return false, nil // React's road says why
	}
	due, err := r.passOver(ctx, e)
	if err != nil || !due {
		return err == nil, err
	}
	stands, err := r.askAgain(ctx, event.Stream)
	if err == nil && !stands { // it was done, or resolved by a person, a moment ago
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.parked, event.Stream)
	}
	return stands, err
}

func (r *runner) isParked(stream string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.parked[stream]
}

// passOver tells the reactor that it will not hear the event.
func (r *runner) passOver(ctx context.Context, e Event) (due bool, err error) {
	defer func() { err = errors.Join(err, caught(recover())) }()
	ctx, cancel := context.WithTimeout(ctx, reactTimeout)
	defer cancel()
	if due, err = r.Passed(ctx, e); err != nil {
		r.holdsUp(e.Recorded, err)
	}
	return due, err
}

// askAgain has what is parked of the stream, if anything is, looked at once more after what
// is being done about it just now.
func (r *runner) askAgain(ctx context.Context, stream string) (stands bool, err error) {
	result, err := r.cfg.DB.Write.ExecContext(ctx, `UPDATE parked SET asked = asked + 1 WHERE reactor = $1 AND stream = $2 AND resolved_at IS NULL`, r.Name, stream)
	if err != nil {
		return false, fmt.Errorf("note that %s is due once more: %w", stream, err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
