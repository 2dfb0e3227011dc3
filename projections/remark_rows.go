package projections

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// remarkRow is a row of comments or of notes.
type remarkRow struct {
	Ticket     domain.TicketID `db:"ticket"`
	Number     int             `db:"number"`
	Version    uint64          `db:"version"` // of the ticket, with it
	Author     domain.UserID   `db:"author"`
	Body       string          `db:"body"` // the present text; none once deleted
	OccurredAt time.Time       `db:"occurred_at"`
	EditedAt   *time.Time      `db:"edited_at"` // the last time
	EditedBy   domain.UserID   `db:"edited_by"`
	DeletedAt  *time.Time      `db:"deleted_at"`
	DeletedBy  domain.UserID   `db:"deleted_by"`
}

const selectComment = `SELECT ticket, comment AS number, version, author, body, occurred_at, edited_at, edited_by, deleted_at, deleted_by
	FROM comments@ WHERE ticket = $1 AND comment = $2`

const upsertComments = `INSERT INTO comments@ (ticket, comment, version, author, body, occurred_at, edited_at, edited_by, deleted_at, deleted_by)
	VALUES (:ticket, :number, :version, :author, :body, :occurred_at, :edited_at, :edited_by, :deleted_at, :deleted_by)
	ON CONFLICT (ticket, comment) DO UPDATE SET body = excluded.body, edited_at = excluded.edited_at, edited_by = excluded.edited_by,
		deleted_at = excluded.deleted_at, deleted_by = excluded.deleted_by`

const selectNote = `SELECT ticket, note AS number, version, author, body, occurred_at, edited_at, edited_by, deleted_at, deleted_by
	FROM notes@ WHERE ticket = $1 AND note = $2`

const upsertNotes = `INSERT INTO notes@ (ticket, note, version, author, body, occurred_at, edited_at, edited_by, deleted_at, deleted_by)
	VALUES (:ticket, :number, :version, :author, :body, :occurred_at, :edited_at, :edited_by, :deleted_at, :deleted_by)
	ON CONFLICT (ticket, note) DO UPDATE SET body = excluded.body, edited_at = excluded.edited_at, edited_by = excluded.edited_by,
		deleted_at = excluded.deleted_at, deleted_by = excluded.deleted_by`

// remarks are the rows of one table that a batch adds and changes.
type remarks struct {
	one, upsert string // SQL
	rows        map[remarkKey]*remarkRow
	order       []remarkKey
}

type remarkKey struct {
	ticket domain.TicketID
	number int
}

func newRemarks(one, upsert string) *remarks {
	return &remarks{one: one, upsert: upsert, rows: map[remarkKey]*remarkRow{}}
}

// add takes in a new one, said by the event's actor.
func (r *remarks) add(e event, number int, body string, version uint64) {
	r.keep(&remarkRow{
		Ticket: e.ticketID, Number: number, Version: version, Author: e.meta.Actor, Body: body, OccurredAt: e.meta.OccurredAt,
	})
}

func (r *remarks) keep(row *remarkRow) {
	key := remarkKey{row.Ticket, row.Number}
	r.rows[key] = row
	r.order = append(r.order, key)
}

// change changes the one of the number, which may have been said before the batch.
func (r *remarks) change(ctx context.Context, tx *sqlx.Tx, at place, e event, number int, change func(*remarkRow)) error {
	key := remarkKey{e.ticketID, number}
	if r.rows[key] == nil {
		var row remarkRow
		err := tx.GetContext(ctx, &row, at.sql(r.one), key.ticket, key.number)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%s is of number %d, which %s does not have", e.Type, number, e.ticketID)
		}
		if err != nil {
			return fmt.Errorf("read number %d of %s: %w", number, e.ticketID, err)
		}
		r.keep(&row)
	}
	change(r.rows[key])
	return nil
}

func (r *remarks) reword(ctx context.Context, tx *sqlx.Tx, at place, e event, number int, body string) error {
	return r.change(ctx, tx, at, e, number, func(row *remarkRow) {
		row.Body, row.EditedAt, row.EditedBy = body, &e.meta.OccurredAt, e.meta.Actor
	})
}

func (r *remarks) withdraw(ctx context.Context, tx *sqlx.Tx, at place, e event, number int) error {
	return r.change(ctx, tx, at, e, number, func(row *remarkRow) {
		row.Body, row.DeletedAt, row.DeletedBy = "", &e.meta.OccurredAt, e.meta.Actor
	})
}

func (r *remarks) write(ctx context.Context, tx *sqlx.Tx, at place) error {
	rows := make([]remarkRow, len(r.order))
	for i, key := range r.order {
		rows[i] = *r.rows[key]
	}
	return insert(ctx, tx, at.sql(r.upsert), rows)
}
