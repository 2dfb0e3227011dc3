package projections

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"suivi/domain/ticket"
)

// twinsTable has the twins that tickets have in tools now.
func twinsTable() table {
	return table{
		name: "twins",
		create: `CREATE TABLE twins@ (
			ticket TEXT NOT NULL,
			tool TEXT NOT NULL,
			site TEXT NOT NULL,
			twin TEXT NOT NULL,
			url TEXT NOT NULL,
			since TIMESTAMP NOT NULL,
			PRIMARY KEY (ticket, tool)
		)`,
		indexes: []string{`CREATE INDEX twins_twin@@ ON twins@ (tool, site, twin)`},
		key:     []string{"ticket", "tool"},
		columns: []string{"ticket", "tool", "site", "twin", "url", "since"},
	}
}

const (
	insertTwin = `INSERT INTO twins@ (ticket, tool, site, twin, url, since) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (ticket, tool) DO UPDATE SET site = excluded.site, twin = excluded.twin, url = excluded.url, since = excluded.since`
	deleteTwin = `DELETE FROM twins@ WHERE ticket = $1 AND tool = $2 AND twin = $3`
)

func applyTwin(ctx context.Context, tx *sqlx.Tx, at place, e event) error {
	var err error
	switch t := e.ticketEvent.(type) {
	case ticket.Mirrored:
		_, err = tx.ExecContext(ctx, at.sql(insertTwin), e.ticketID, t.Tool, t.Site, t.ID, t.URL, e.meta.OccurredAt)
	case ticket.Unmirrored:
		_, err = tx.ExecContext(ctx, at.sql(deleteTwin), e.ticketID, t.Tool, t.ID)
	}
	if err != nil {
		return fmt.Errorf("write twins: %w", err)
	}
	return nil
}
