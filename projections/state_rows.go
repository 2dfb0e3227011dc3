package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// stateRow is a row of state_changes.
type stateRow struct {
	Ticket     domain.TicketID `db:"ticket"`
	Version    uint64          `db:"version"` // of the ticket, after the change
	From       tracker.State   `db:"from_state"`
	To         tracker.State   `db:"to_state"`
	Actor      domain.UserID   `db:"actor"`
	OccurredAt time.Time       `db:"occurred_at"`
}

func stateChangesTable() table {
	return table{
		name: "state_changes",
		create: `CREATE TABLE state_changes@ (
			ticket TEXT NOT NULL,
			version BIGINT NOT NULL,
			from_state TEXT NOT NULL,
			to_state TEXT NOT NULL,
			actor TEXT NOT NULL,
			occurred_at TIMESTAMP NOT NULL,
			PRIMARY KEY (ticket, version)
		)`,
		indexes: []string{
			// For reports, whose months do not end with those of UTC.
			`CREATE INDEX state_changes_at@@ ON state_changes@ (occurred_at, ticket)`,
			// For lists as they were, of a state that few were in.
			`CREATE INDEX state_changes_to@@ ON state_changes@ (to_state, occurred_at, ticket)`,
		},
		key:     []string{"ticket", "version"},
		columns: []string{"ticket", "version", "from_state", "to_state", "actor", "occurred_at"},
	}
}

// readChanges reads the earlier changes of state of those tickets whose figures ask for them.
func readChanges(ctx context.Context, tx *sqlx.Tx, at place, events []event) (map[domain.TicketID][]stateRow, error) {
	asked := map[domain.TicketID]bool{}
	var known []domain.TicketID
	for _, e := range events {
		switch e.ticketEvent.(type) {
		case ticket.StateChanged, ticket.Moved, ticket.Deleted, ticket.Undeleted:
			if !asked[e.ticketID] {
				asked[e.ticketID] = true
				known = append(known, e.ticketID)
			}
		}
	}
	rows, err := selectIn[stateRow](ctx, tx, at.sql(`SELECT ticket, version, from_state, to_state, actor, occurred_at FROM state_changes@
		WHERE ticket IN (?) ORDER BY ticket, version`), known)
	if err != nil {
		return nil, fmt.Errorf("read changes of state: %w", err)
	}
	changes := map[domain.TicketID][]stateRow{}
	for _, r := range rows {
		changes[r.Ticket] = append(changes[r.Ticket], r)
	}
	return changes, nil
}

func writeChanges(ctx context.Context, tx *sqlx.Tx, at place, rows []stateRow) error {
	err := insert(ctx, tx, at.sql(`INSERT INTO state_changes@ (ticket, version, from_state, to_state, actor, occurred_at)
		VALUES (:ticket, :version, :from_state, :to_state, :actor, :occurred_at)`), rows)
	if err != nil {
		return fmt.Errorf("write changes of state: %w", err)
	}
	return nil
}
