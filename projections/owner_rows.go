package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// ownerRow is a row of ownership_changes.
type ownerRow struct {
	Ticket     domain.TicketID `db:"ticket"`
	Version    uint64          `db:"version"` // of the ticket, after the change
	From       domain.UserID   `db:"from_user"`
	To         domain.UserID   `db:"to_user"`
	Actor      domain.UserID   `db:"actor"`
	OccurredAt time.Time       `db:"occurred_at"`
}

func ownershipChangesTable() table {
	return table{
		name: "ownership_changes",
		create: `CREATE TABLE ownership_changes@ (
			ticket TEXT NOT NULL,
			version BIGINT NOT NULL,
			from_user TEXT NOT NULL,
			to_user TEXT NOT NULL,
			actor TEXT NOT NULL,
			occurred_at TIMESTAMP NOT NULL,
			PRIMARY KEY (ticket, version)
		)`,
		indexes: []string{`CREATE INDEX ownership_changes_actor@@ ON ownership_changes@ (actor, ticket)`},
		key:     []string{"ticket", "version"},
		columns: []string{"ticket", "version", "from_user", "to_user", "actor", "occurred_at"},
	}
}

func writeOwners(ctx context.Context, tx *sqlx.Tx, at place, rows []ownerRow) error {
	err := insert(ctx, tx, at.sql(`INSERT INTO ownership_changes@ (ticket, version, from_user, to_user, actor, occurred_at)
		VALUES (:ticket, :version, :from_user, :to_user, :actor, :occurred_at)`), rows)
	if err != nil {
		return fmt.Errorf("write changes of assignee: %w", err)
	}
	return nil
}
