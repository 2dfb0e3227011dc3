package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
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
		key:     []string{"ticket", "version"},
		columns: []string{"ticket", "version", "from_state", "to_state", "actor", "occurred_at"},
	}
}

func writeChanges(ctx context.Context, tx *sqlx.Tx, at place, rows []stateRow) error {
	err := insert(ctx, tx, at.sql(`INSERT INTO state_changes@ (ticket, version, from_state, to_state, actor, occurred_at)
		VALUES (:ticket, :version, :from_state, :to_state, :actor, :occurred_at)`), rows)
	if err != nil {
		return fmt.Errorf("write changes of state: %w", err)
	}
	return nil
}
