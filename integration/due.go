package integration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"suivi/domain"
	"suivi/eventstore"
)

// LaterError is a failure with its own time of the next try: now and Pause, which is at most
// lastRetry. Without it the pauses grow.
type LaterError struct {
	Err   error
	Pause time.Duration
}

func (e LaterError) Error() string { return e.Err.Error() }

func (e LaterError) Unwrap() error { return e.Err }

// wait is the pause after a failure, before which there were so many.
func wait(failed error, tries int) time.Duration {
	if later, ok := errors.AsType[LaterError](failed); ok {
		return min(later.Pause, lastRetry)
	}
	return min(firstRetry<<min(tries, 20), lastRetry)
}

// Due has the reactor, on whatever node it runs, look at tickets again soon: it hears their last events as if
// it had not been able to take them. Reason says why, for people; a ticket that is due
// already is due once. Tickets that do not exist are passed over.
func (r *Reactors) Due(ctx context.Context, reactor, reason string, ids ...domain.TicketID) error {
	for _, id := range ids {
		stands, err := r.dueAlready(ctx, reactor, reason, id)
		if err != nil {
			return err
		}
		if stands {
			continue
		}
		last, err := r.last(ctx, id.Stream())
		if errors.Is(err, eventstore.ErrStreamNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		_, err = r.cfg.DB.Write.ExecContext(ctx, `INSERT INTO parked (id, reactor, stream, revision, event_id, type, commit_position, prepare_position,
				reason, tries, asked, parked_at, tried_at, retry_at, resolved_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 1, $10, $10, $10, '')
			ON CONFLICT (id) DO UPDATE SET asked = parked.asked + 1, parked_at = excluded.parked_at, retry_at = excluded.retry_at, resolved_at = NULL, resolved_by = '',
				reason = CASE WHEN parked.resolved_at IS NULL AND parked.tries > 0 THEN parked.reason ELSE excluded.reason END,
				tries = CASE WHEN parked.resolved_at IS NULL THEN parked.tries ELSE 0 END`,
			uuid.NewSHA1(last.ID, []byte(reactor)).String(), reactor, last.Stream, int64(last.Revision), last.ID.String(), last.Type,
			int64(last.Position.Commit), int64(last.Position.Prepare), reason, r.now())
		if err != nil {
			return fmt.Errorf("note that %s is due: %w", id, err)
		}
	}
	r.awake(reactor)
	return nil
}

// dueAlready has what the reactor has parked of the ticket tried soon, where that stands for all later events.
func (r *Reactors) dueAlready(ctx context.Context, reactor, reason string, id domain.TicketID) (stands bool, err error) {
	if !slices.ContainsFunc(r.all, func(one *runner) bool { return one.Name == reactor && one.Passed != nil }) {
		return false, nil
	}
	result, err := r.cfg.DB.Write.ExecContext(ctx, `UPDATE parked SET asked = asked + 1, retry_at = $1, reason = CASE WHEN tries > 0 THEN reason ELSE $2 END
		WHERE reactor = $3 AND stream = $4 AND resolved_at IS NULL`, r.now(), reason, reactor, id.Stream())
	if err != nil {
		return false, fmt.Errorf("note that %s is due: %w", id, err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// Hurry has everything that the reactor has parked tried soon, as once a tool is back.
func (r *Reactors) Hurry(ctx context.Context, reactor string) error {
	_, err := r.cfg.DB.Write.ExecContext(ctx, `UPDATE parked SET retry_at = $1 WHERE reactor = $2 AND resolved_at IS NULL AND retry_at > $1`, r.now(), reactor)
	if err != nil {
		return fmt.Errorf("have the parked work of %s tried: %w", reactor, err)
	}
	r.awake(reactor)
	return nil
}

// last is the stream's last event.
func (r *Reactors) last(ctx context.Context, stream string) (eventstore.Recorded, error) {
	var last eventstore.Recorded
	for e, err := range r.cfg.Store.Read(ctx, stream, 0) {
		if err != nil {
			return last, fmt.Errorf("find the last event of %s: %w", stream, err)
		}
		last = e
	}
	return last, nil
}
