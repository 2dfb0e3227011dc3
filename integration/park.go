package integration

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"suivi/eventstore"
)

// A parked event is tried again after firstRetry, then after twice as long each
// time, up to lastRetry. Whether something is due is looked at every lookEvery: a
// person may have asked for it on another node.
const (
	firstRetry = time.Second
	lastRetry  = 10 * time.Minute
	lookEvery  = time.Second
	retries    = 4 // tickets at a time
)

const behind = "waits for what was parked of this ticket before it"

// load finds out of which streams something is parked.
func (r *runner) load(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var streams []string
	err := r.cfg.DB.Read.SelectContext(ctx, &streams, `SELECT DISTINCT stream FROM parked WHERE reactor = $1 AND resolved_at IS NULL LIMIT 1000000`, r.Name)
	if err != nil {
		return fmt.Errorf("list what %s has parked: %w", r.Name, err)
	}
	r.parked = make(map[string]bool, len(streams))
	for _, stream := range streams {
		r.parked[stream] = true
	}
	return nil
}

// waits parks the event behind an earlier one of its stream, if one is parked, or passes it over.
func (r *runner) waits(ctx context.Context, event eventstore.Recorded) (bool, error) {
	if r.Passed != nil {
		return r.passes(ctx, event)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.parked[event.Stream] {
		return false, nil
	}
	return true, r.insert(ctx, event, behind, 0, r.now())
}

// park puts an event aside that the reactor has failed at.
func (r *runner) park(ctx context.Context, event eventstore.Recorded, why error) error {
	r.logger.Warn("parked what failed; it is tried again", "ticket", ticketOf(event.Stream), "event", event.Type, "position", event.Position, "error", why)
	r.mu.Lock()
	defer r.mu.Unlock()
	stands, err := false, error(nil)
	if r.Passed != nil { // it may be due for another reason, and is tried by that
		stands, err = r.askAgain(ctx, event.Stream)
	}
	if err == nil && !stands {
		err = r.insert(ctx, event, why.Error(), 1, r.now().Add(wait(why, 0)))
	}
	if err != nil {
		return err
	}
	r.parked[event.Stream] = true
	return nil
}

// insert parks an event once, however often it comes.
func (r *runner) insert(ctx context.Context, event eventstore.Recorded, reason string, tries int, retryAt time.Time) error {
	_, err := r.cfg.DB.Write.ExecContext(ctx, `INSERT INTO parked (id, reactor, stream, revision, event_id, type, commit_position, prepare_position,
			reason, tries, asked, parked_at, tried_at, retry_at, resolved_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $11, $12, '') ON CONFLICT (id) DO NOTHING`,
		uuid.NewSHA1(event.ID, []byte(r.Name)).String(), r.Name, event.Stream, int64(event.Revision), event.ID.String(), event.Type,
		int64(event.Position.Commit), int64(event.Position.Prepare), reason, tries, r.now(), retryAt)
	if err != nil {
		return fmt.Errorf("park %s of %s: %w", event.Type, event.Stream, err)
	}
	return nil
}

// retry tries what is parked, until ctx ends.
func (r *runner) retry(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.wake:
		}
		for more := true; more && ctx.Err() == nil; {
			var err error
			if more, err = r.retryDue(ctx); err != nil && ctx.Err() == nil {
				r.logger.Warn("what is parked cannot be looked at", "error", err)
			}
		}
	}
}

// dueRow is a parked event whose time has come.
type dueRow struct {
	ID       string `db:"id"`
	Stream   string `db:"stream"`
	Revision int64  `db:"revision"`
	Reason   string `db:"reason"`
	Tries    int    `db:"tries"`
	// Asked tells whether the ticket has become due once more meanwhile.
	Asked int64 `db:"asked"`
}

// retryDue tries the first parked event of each stream whose time has come. more
// tells whether some succeeded, so that others may be due now.
func (r *runner) retryDue(ctx context.Context) (more bool, err error) {
	var due []dueRow
	err = r.cfg.DB.Read.SelectContext(ctx, &due, `SELECT p.id, p.stream, p.revision, p.reason, p.tries, p.asked FROM parked p
		WHERE p.reactor = $1 AND p.resolved_at IS NULL AND p.retry_at <= $2 AND NOT EXISTS (SELECT 1 FROM parked q
			WHERE q.reactor = p.reactor AND q.stream = p.stream AND q.revision < p.revision AND q.resolved_at IS NULL)
		ORDER BY p.retry_at, p.id LIMIT 100`, r.Name, r.now())
	if err != nil {
		return false, fmt.Errorf("list what is due: %w", err)
	}
	if len(due) == 0 && !r.holds() {
		return false, nil
	}
	succeeded := make([]bool, len(due))
	var group errgroup.Group
	group.SetLimit(retries)
	for i, row := range due {
		group.Go(func() error {
			var err error
			succeeded[i], err = r.tryAgain(ctx, row)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return false, err
	}
	for _, yes := range succeeded {
		more = more || yes
	}
	return more, r.load(ctx)
}

// holds tells whether anything is known to be parked; a person may have resolved it.
func (r *runner) holds() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.parked) > 0
}

func (r *runner) tryAgain(ctx context.Context, row dueRow) (succeeded bool, err error) {
	failed := r.reactTo(ctx, row)
	if failed != nil && ctx.Err() != nil {
		return false, ctx.Err() // we are ending: that is no failure of the event
	}
	if failed == nil {
		if _, err := r.cfg.DB.Write.ExecContext(ctx, `DELETE FROM parked WHERE id = $1 AND asked = $2`, row.ID, row.Asked); err != nil {
			return false, fmt.Errorf("note that parked work is done: %w", err)
		}
		return true, nil
	}
	_, err = r.cfg.DB.Write.ExecContext(ctx, `UPDATE parked SET reason = $1, tries = tries + 1, tried_at = $2, retry_at = $3 WHERE id = $4`,
		failed.Error(), r.now(), r.now().Add(wait(failed, row.Tries)), row.ID)
	if err != nil {
		return false, fmt.Errorf("note a failure: %w", err)
	}
	return false, nil
}

func (r *runner) reactTo(ctx context.Context, row dueRow) error {
	for event, err := range r.cfg.Store.Read(ctx, row.Stream, uint64(row.Revision)) {
		if err != nil {
			return fmt.Errorf("read the event: %w", err)
		}
		return r.react(ctx, event, row.Reason != behind)
	}
	return fmt.Errorf("the event %d of %s is gone", row.Revision, row.Stream)
}
