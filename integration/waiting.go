package integration

import (
	"context"
	"fmt"
	"time"

	"suivi/domain"
)

// Waiting tells of which tickets something is parked or due, and whether it has failed
// since the time. It takes all there is: an import has all tickets of a tracker in it.
func (r *Reactors) Waiting(ctx context.Context, reactor string, since time.Time) (failed map[domain.TicketID]bool, err error) {
	var rows []struct {
		Stream string `db:"stream"`
		Failed int64  `db:"failed"`
	}
	err = r.cfg.DB.Read.SelectContext(ctx, &rows, `SELECT stream, SUM(CASE WHEN tries > 0 AND tried_at >= $2 THEN 1 ELSE 0 END) AS failed
		FROM parked WHERE reactor = $1 AND resolved_at IS NULL GROUP BY stream LIMIT 1000000`, reactor, since.UTC())
	if err != nil {
		return nil, fmt.Errorf("list what waits for %s: %w", reactor, err)
	}
	failed = make(map[domain.TicketID]bool, len(rows))
	for _, row := range rows {
		failed[ticketOf(row.Stream)] = row.Failed > 0
	}
	return failed, nil
}

// ParkedOf lists what the reactor has failed at of a ticket, the first first.
func (r *Reactors) ParkedOf(ctx context.Context, reactor string, id domain.TicketID) ([]Parked, error) {
	var rows []parkedRow
	err := r.cfg.DB.Read.SelectContext(ctx, &rows, `SELECT id, reactor, stream, type, commit_position, prepare_position, reason, tries, parked_at, tried_at, retry_at
		FROM parked WHERE reactor = $1 AND stream = $2 AND resolved_at IS NULL AND tries > 0 ORDER BY revision LIMIT 100`, reactor, id.Stream())
	if err != nil {
		return nil, fmt.Errorf("list what is parked of %s: %w", id, err)
	}
	return parkedRows(rows), nil
}

func parkedRows(rows []parkedRow) []Parked {
	all := make([]Parked, len(rows))
	for i, row := range rows {
		all[i] = row.parked()
	}
	return all
}
