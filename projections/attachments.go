package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/ticket"
)

// attachments are the files of tickets, those that have been removed too. Internal
// ones have a table of their own, so that no query on the others can show one.
type attachments struct{}

func (attachments) name() string { return "attachments" }
func (attachments) version() int { return 3 }

func (attachments) tables() []table {
	columns := []string{"id", "ticket", "comment", "name", "size", "type", "hash", "width", "height", "thumbnail", "thumbnail_type",
		"field", "author", "occurred_at", "removed_at", "removed_by"}
	inner := append([]string{"id", "ticket", "note"}, columns[3:]...)
	return []table{attachmentsTable("attachments", "comment", columns), attachmentsTable("internal_attachments", "note", inner)}
}

// attachmentsTable has files, each with the number of the comment or note that it came with.
func attachmentsTable(name, number string, columns []string) table {
	return table{
		name: name,
		create: `CREATE TABLE ` + name + `@ (
			id TEXT NOT NULL PRIMARY KEY,
			ticket TEXT NOT NULL,
			` + number + ` BIGINT NOT NULL,
			name TEXT NOT NULL,
			size BIGINT NOT NULL,
			type TEXT NOT NULL,
			hash TEXT NOT NULL,
			width BIGINT NOT NULL,
			height BIGINT NOT NULL,
			thumbnail TEXT NOT NULL,
			thumbnail_type TEXT NOT NULL,
			field TEXT NOT NULL,
			author TEXT NOT NULL,
			occurred_at TIMESTAMP NOT NULL,
			removed_at TIMESTAMP,
			removed_by TEXT NOT NULL
		)`,
		indexes: []string{
			`CREATE INDEX ` + name + `_ticket@@ ON ` + name + `@ (ticket, id)`,
			`CREATE INDEX ` + name + `_hash@@ ON ` + name + `@ (hash)`,
			`CREATE INDEX ` + name + `_thumbnail@@ ON ` + name + `@ (thumbnail)`,
		},
		key:     []string{"id"},
		columns: columns,
	}
}

// attachmentRow is a row of either table.
type attachmentRow struct {
	ID            domain.AttachmentID `db:"id"`
	Ticket        domain.TicketID     `db:"ticket"`
	Number        int                 `db:"number"` // of the comment or note that it is on; 0: none
	Name          string              `db:"name"`
	Size          int64               `db:"size"`
	Type          string              `db:"type"`
	Hash          string              `db:"hash"`
	Width         int                 `db:"width"` // 0: no picture
	Height        int                 `db:"height"`
	Thumbnail     string              `db:"thumbnail"`
	ThumbnailType string              `db:"thumbnail_type"`
	Field         string              `db:"field"` // whose answer it is; "": none's
	Author        domain.UserID       `db:"author"`
	OccurredAt    time.Time           `db:"occurred_at"`
}

func newAttachmentRow(e event, file ticket.FileAttached) attachmentRow {
	r := attachmentRow{
		ID: file.ID, Ticket: e.ticketID, Number: max(file.Comment, file.Note), Name: file.Name, Size: file.Size,
		Type: file.Type, Hash: file.Hash, Field: file.Field, Author: e.meta.Actor, OccurredAt: e.meta.OccurredAt,
	}
	if p := file.Picture; p != nil {
		r.Width, r.Height, r.Thumbnail, r.ThumbnailType = p.Width, p.Height, p.Thumbnail, p.ThumbnailType
	}
	return r
}

// An id is attached once: uploads are claimed by one command. Should the store
// hold a second from elsewhere, the first counts.
const (
	insertAttachments = `INSERT INTO attachments@ (id, ticket, comment, name, size, type, hash, width, height, thumbnail, thumbnail_type, field, author, occurred_at, removed_by)
		VALUES (:id, :ticket, :number, :name, :size, :type, :hash, :width, :height, :thumbnail, :thumbnail_type, :field, :author, :occurred_at, '')
		ON CONFLICT (id) DO NOTHING`
	insertInternal = `INSERT INTO internal_attachments@ (id, ticket, note, name, size, type, hash, width, height, thumbnail, thumbnail_type, field, author, occurred_at, removed_by)
		VALUES (:id, :ticket, :number, :name, :size, :type, :hash, :width, :height, :thumbnail, :thumbnail_type, :field, :author, :occurred_at, '')
		ON CONFLICT (id) DO NOTHING`
	removeAttachment = `UPDATE attachments@ SET removed_at = $1, removed_by = $2 WHERE id = $3 AND ticket = $4`
	removeInternal   = `UPDATE internal_attachments@ SET removed_at = $1, removed_by = $2 WHERE id = $3 AND ticket = $4`
)

func (attachments) apply(ctx context.Context, tx *sqlx.Tx, at place, events []event) error {
	var open, internal []attachmentRow
	for _, e := range events {
		if file, ok := e.ticketEvent.(ticket.FileAttached); ok && file.Internal {
			internal = append(internal, newAttachmentRow(e, file))
		} else if ok {
			open = append(open, newAttachmentRow(e, file))
		}
	}
	if err := insert(ctx, tx, at.sql(insertAttachments), open); err != nil {
		return fmt.Errorf("write attachments: %w", err)
	}
	if err := insert(ctx, tx, at.sql(insertInternal), internal); err != nil {
		return fmt.Errorf("write internal attachments: %w", err)
	}
	for _, e := range events { // a file is removed after it was attached, and for good
		gone, ok := e.ticketEvent.(ticket.FileRemoved)
		if !ok {
			continue
		}
		text := removeAttachment
		if gone.Internal {
			text = removeInternal
		}
		if _, err := tx.ExecContext(ctx, at.sql(text), e.meta.OccurredAt, e.meta.Actor, gone.Attachment, e.ticketID); err != nil {
			return fmt.Errorf("remove the attachment %s: %w", gone.Attachment, err)
		}
	}
	return nil
}
