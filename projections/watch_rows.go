package projections

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/ticket"
)

// watchRow is a row of watchers.
type watchRow struct {
	Ticket domain.TicketID `db:"ticket"`
	Person domain.UserID   `db:"person"`
	Topics string          `db:"topics"` // JSON
}

type watchKey struct {
	ticket domain.TicketID
	person domain.UserID
}

// watches are the watches that a batch changes, as they are after it; nil: ended.
type watches struct {
	rows  map[watchKey]*watchRow
	order []watchKey
}

func newWatches() *watches { return &watches{rows: map[watchKey]*watchRow{}} }

func (w *watches) apply(e event) error {
	switch change := e.ticketEvent.(type) {
	case ticket.Watched:
		topics, err := json.Marshal(append([]domain.Topic{}, change.Topics...))
		if err != nil {
			return fmt.Errorf("write a watch of %s: %w", e.ticketID, err)
		}
		w.keep(watchKey{e.ticketID, change.User}, &watchRow{e.ticketID, change.User, string(topics)})
	case ticket.Unwatched:
		w.keep(watchKey{e.ticketID, change.User}, nil)
	}
	return nil
}

func (w *watches) keep(key watchKey, row *watchRow) {
	if _, seen := w.rows[key]; !seen {
		w.order = append(w.order, key)
	}
	w.rows[key] = row
}

func (w *watches) write(ctx context.Context, tx *sqlx.Tx, at place) error {
	var rows []watchRow
	for _, key := range w.order {
		if row := w.rows[key]; row != nil {
			rows = append(rows, *row)
			continue
		}
		if _, err := tx.ExecContext(ctx, at.sql(`DELETE FROM watchers@ WHERE ticket = $1 AND person = $2`), key.ticket, key.person); err != nil {
			return err
		}
	}
	return insert(ctx, tx, at.sql(`INSERT INTO watchers@ (ticket, person, topics) VALUES (:ticket, :person, :topics)
		ON CONFLICT (ticket, person) DO UPDATE SET topics = excluded.topics`), rows)
}
