package projections

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"suivi/domain/ticket"
)

// cascadesTable has the links between tickets and their copies in a parent
// tracker. A copy tells of its original in its first event, so a row has the copy
// once that is there.
func cascadesTable() table {
	return table{
		name: "cascades",
		create: `CREATE TABLE cascades@ (
			link TEXT NOT NULL PRIMARY KEY,
			original TEXT NOT NULL,
			copy TEXT NOT NULL,
			ended TEXT NOT NULL,
			refused BOOLEAN NOT NULL,
			told BOOLEAN NOT NULL,
			sent_at TIMESTAMP NOT NULL
		)`,
		indexes: []string{
			`CREATE INDEX cascades_original@@ ON cascades@ (original, sent_at)`,
			`CREATE INDEX cascades_copy@@ ON cascades@ (copy)`,
		},
		key:     []string{"link"},
		columns: []string{"link", "original", "copy", "ended", "refused", "told", "sent_at"},
	}
}

// The copy hears last of a link's end; told is whether it has.
const (
	insertCascade = `INSERT INTO cascades@ (link, original, copy, ended, refused, told, sent_at) VALUES ($1, $2, '', '', $4, $4, $3) ON CONFLICT (link) DO NOTHING`
	copyCascade   = `UPDATE cascades@ SET copy = $1 WHERE link = $2 AND original = $3`
	endCascade    = `UPDATE cascades@ SET ended = $1 WHERE link = $2 AND original = $3`
	refuseCascade = `UPDATE cascades@ SET refused = TRUE WHERE link = $1 AND copy = $2`
	tellCascade   = `UPDATE cascades@ SET told = TRUE WHERE link = $1 AND copy = $2`
)

func applyCascade(ctx context.Context, tx *sqlx.Tx, at place, e event) error {
	exec := func(text string, args ...any) error {
		if _, err := tx.ExecContext(ctx, at.sql(text), args...); err != nil {
			return fmt.Errorf("write cascades: %w", err)
		}
		return nil
	}
	switch c := e.ticketEvent.(type) {
	case ticket.Cascaded:
		return exec(insertCascade, c.Link, e.ticketID, e.meta.OccurredAt, false)
	case ticket.Posted:
		if c.CopyOf != nil {
			return exec(copyCascade, e.ticketID, c.CopyOf.Link, c.CopyOf.Ticket)
		}
	case ticket.CascadeRefused:
		return exec(refuseCascade, c.Link, e.ticketID)
	case ticket.CascadeEnded:
		if err := exec(endCascade, c.Why, c.Link, e.ticketID); err != nil {
			return err
		}
		return exec(tellCascade, c.Link, e.ticketID)
	}
	return nil
}
