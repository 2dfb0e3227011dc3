package integration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"suivi/domain"
	"suivi/eventstore"
)

// Parked is an event that a reactor has failed at, or that waits behind one.
type Parked struct {
	ID       string          `json:"id"`
	Reactor  string          `json:"reactor"`
	Ticket   domain.TicketID `json:"ticket"`
	Event    string          `json:"event"` // its stored name
	Position string          `json:"position"`
	Reason   string          `json:"reason"`
	Tries    int             `json:"tries"` // 0: it only waits
	ParkedAt time.Time       `json:"parkedAt"`
	TriedAt  time.Time       `json:"triedAt"`
	RetryAt  time.Time       `json:"retryAt"`
}

type parkedRow struct {
	ID       string    `db:"id"`
	Reactor  string    `db:"reactor"`
	Stream   string    `db:"stream"`
	Event    string    `db:"type"`
	Commit   int64     `db:"commit_position"`
	Prepare  int64     `db:"prepare_position"`
	Reason   string    `db:"reason"`
	Tries    int       `db:"tries"`
	ParkedAt time.Time `db:"parked_at"`
	TriedAt  time.Time `db:"tried_at"`
	RetryAt  time.Time `db:"retry_at"`
}

func (r parkedRow) parked() Parked {
	at := eventstore.Position{Commit: uint64(r.Commit), Prepare: uint64(r.Prepare)}
	return Parked{
		ID: r.ID, Reactor: r.Reactor, Ticket: ticketOf(r.Stream), Event: r.Event, Position: at.String(), Reason: r.Reason, Tries: r.Tries,
		ParkedAt: r.ParkedAt.UTC(), TriedAt: r.TriedAt.UTC(), RetryAt: r.RetryAt.UTC(),
	}
}

// Parked lists the events that are parked, the oldest first, at most a thousand.
func (r *Reactors) Parked(ctx context.Context) ([]Parked, error) {
	var rows []parkedRow
	err := r.cfg.DB.Read.SelectContext(ctx, &rows, `SELECT id, reactor, stream, type, commit_position, prepare_position, reason, tries, parked_at, tried_at, retry_at
		FROM parked WHERE resolved_at IS NULL AND (tries > 0 OR reason = $1) ORDER BY commit_position, prepare_position, id LIMIT 1000`, behind)
	if err != nil {
		return nil, fmt.Errorf("list what is parked: %w", err)
	}
	return parkedRows(rows), nil
}

// Unsettled lists what the reactor has parked and, with no tries, what is only due: the
// failed ones first, at most a thousand.
func (r *Reactors) Unsettled(ctx context.Context, reactor string) ([]Parked, error) {
	var rows []parkedRow
	err := r.cfg.DB.Read.SelectContext(ctx, &rows, `SELECT id, reactor, stream, type, commit_position, prepare_position, reason, tries, parked_at, tried_at, retry_at
		FROM parked WHERE reactor = $1 AND resolved_at IS NULL ORDER BY CASE WHEN tries > 0 THEN 0 ELSE 1 END, commit_position, prepare_position, id LIMIT 1000`, reactor)
	if err != nil {
		return nil, fmt.Errorf("list what waits for %s: %w", reactor, err)
	}
	return parkedRows(rows), nil
}

// Due tells whether it has not failed, nor waits behind what has: it is looked at soon.
func (p Parked) Due() bool { return p.Tries == 0 && p.Reason != behind }

// ParkedUnder is the parked event of the id.
func (r *Reactors) ParkedUnder(ctx context.Context, id string) (Parked, error) {
	row, err := r.find(ctx, id)
	if err != nil {
		return Parked{}, err
	}
	return row.parked(), nil
}

// Retry has a parked event tried soon, with what is parked of the same ticket. The
// answer is as it was before.
func (r *Reactors) Retry(ctx context.Context, id string) (Parked, error) {
	row, err := r.find(ctx, id)
	if err != nil {
		return Parked{}, err
	}
	_, err = r.cfg.DB.Write.ExecContext(ctx, `UPDATE parked SET retry_at = $1 WHERE reactor = $2 AND stream = $3 AND resolved_at IS NULL`,
		r.now(), row.Reactor, row.Stream)
	if err != nil {
		return Parked{}, fmt.Errorf("have %s tried: %w", id, err)
	}
	r.awake(row.Reactor)
	return row.parked(), nil
}

// Resolve says that a person has dealt with a parked event: nothing more is done
// about it, and what waited behind it goes on.
func (r *Reactors) Resolve(ctx context.Context, id string, by domain.UserID) (Parked, error) {
	row, err := r.find(ctx, id)
	if err != nil {
		return Parked{}, err
	}
	_, err = r.cfg.DB.Write.ExecContext(ctx, `UPDATE parked SET resolved_at = $1, resolved_by = $2 WHERE id = $3 AND resolved_at IS NULL`, r.now(), by, id)
	if err != nil {
		return Parked{}, fmt.Errorf("resolve %s: %w", id, err)
	}
	r.cfg.Logger.Info("parked work was resolved by a person", "id", id, "reactor", row.Reactor, "ticket", ticketOf(row.Stream), "event", row.Event, "by", by)
	r.awake(row.Reactor)
	return row.parked(), nil
}

func (r *Reactors) find(ctx context.Context, id string) (parkedRow, error) {
	var row parkedRow
	err := r.cfg.DB.Read.GetContext(ctx, &row, `SELECT id, reactor, stream, type, commit_position, prepare_position, reason, tries, parked_at, tried_at, retry_at
		FROM parked WHERE id = $1 AND resolved_at IS NULL`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return row, domain.Errorf(domain.NotFound, "parked-not-found", "nothing is parked under %s", id)
	}
	if err != nil {
		return row, fmt.Errorf("find the parked %s: %w", id, err)
	}
	return row, nil
}

func (r *Reactors) now() time.Time { return r.cfg.Now().UTC().Truncate(time.Microsecond) }

// awake has the reactor look at what it has parked at once, if it runs in this process.
func (r *Reactors) awake(name string) {
	for _, one := range r.all {
		if one.Name == name {
			select {
			case one.wake <- struct{}{}:
			default: // it is about to look
			}
		}
	}
}
