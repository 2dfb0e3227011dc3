package readapi

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// mostFiles is more than a ticket can have of one kind.
const mostFiles = 4 * ticket.MaxFiles

const listAttachments = `SELECT a.id, a.ticket, a.comment, 0 AS note, FALSE AS internal, a.name, a.size, a.type, a.hash, a.width, a.height,
	a.thumbnail, a.thumbnail_type, a.field, a.author, a.occurred_at
FROM tickets t JOIN attachments a ON a.ticket = t.id
WHERE t.id = $3 AND ` + seesTicket + ` AND a.removed_at IS NULL
ORDER BY a.occurred_at, a.id LIMIT $4`

const listInternalAttachments = `SELECT a.id, a.ticket, 0 AS comment, a.note, TRUE AS internal, a.name, a.size, a.type, a.hash, a.width, a.height,
	a.thumbnail, a.thumbnail_type, a.field, a.author, a.occurred_at
FROM tickets t JOIN internal_attachments a ON a.ticket = t.id
WHERE t.id = $3 AND ` + seesTicket + ` AND a.removed_at IS NULL
ORDER BY a.occurred_at, a.id LIMIT $4`

// oneAttachment finds a file of either kind on a ticket that the actor sees. Of an
// internal one, and of one that answers a field, the tracker still has to be asked.
const oneAttachment = `SELECT a.id, a.ticket, FALSE AS internal, a.name, a.size, a.type, a.hash, a.width, a.height, a.thumbnail, a.thumbnail_type, a.field
FROM attachments a JOIN tickets t ON t.id = a.ticket
WHERE a.id = $3 AND a.removed_at IS NULL AND ` + seesTicket + `
UNION ALL
SELECT a.id, a.ticket, TRUE AS internal, a.name, a.size, a.type, a.hash, a.width, a.height, a.thumbnail, a.thumbnail_type, a.field
FROM internal_attachments a JOIN tickets t ON t.id = a.ticket
WHERE a.id = $3 AND a.removed_at IS NULL AND ` + seesTicket + `
ORDER BY internal LIMIT 1`

// Attachment is a file of a ticket, as the API shows it.
type Attachment struct {
	ID            domain.AttachmentID `db:"id" json:"id"`
	Ticket        domain.TicketID     `db:"ticket" json:"-"`
	Comment       int                 `db:"comment" json:"comment,omitempty"`
	Note          int                 `db:"note" json:"note,omitempty"`
	Internal      bool                `db:"internal" json:"internal,omitempty"`
	Field         string              `db:"field" json:"field,omitempty"` // whose answer it is
	Name          string              `db:"name" json:"name"`
	Size          int64               `db:"size" json:"size"`
	Type          string              `db:"type" json:"type"`
	Width         int                 `db:"width" json:"width,omitempty"` // of a picture
	Height        int                 `db:"height" json:"height,omitempty"`
	Author        domain.UserID       `db:"author" json:"author"`
	OccurredAt    time.Time           `db:"occurred_at" json:"occurredAt"`
	Hash          string              `db:"hash" json:"-"`
	Thumbnail     string              `db:"thumbnail" json:"-"`
	ThumbnailType string              `db:"thumbnail_type" json:"-"`
}

// Content is what a file holds, and how it is to be shown.
type Content struct {
	Open   func(context.Context) (io.ReadSeekCloser, error)
	Name   string
	Type   string
	Hash   string // of the content
	Inline bool   // a picture that may be shown in a page; all else is for saving
}

// Contents opens what has the hash; blobs.ErrNotFound says that it is not there.
type Contents func(ctx context.Context, hash string) (io.ReadSeekCloser, error)

// WithContents is the API with the content of files.
func (a *API) WithContents(contents Contents) *API {
	with := *a
	with.contents = contents
	return &with
}

// attachments answers GET /tickets/{id}/attachments, the first first: to staff the internal ones too.
func (to routes) attachments(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	files, err := to.Attachments(c.UserContext(), s)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"attachments": files})
}

// Attachments are the files of the ticket that the asker may see.
func (a *API) Attachments(ctx context.Context, s Sight) ([]Attachment, error) {
	queries := []string{listAttachments}
	if s.may(domain.SeeInternal) {
		queries = append(queries, listInternalAttachments)
	}
	all := []Attachment{}
	for _, query := range queries {
		var rows []Attachment
		if err := a.db.Read.SelectContext(ctx, &rows, query, s.actor.ID, s.actor.Admin, s.ticket.ID, mostFiles); err != nil {
			return nil, fmt.Errorf("list the files of %s: %w", s.ticket.ID, err)
		}
		for _, row := range rows {
			row.OccurredAt = row.OccurredAt.UTC()
			if s.sees(row) {
				all = append(all, row)
			}
		}
	}
	return all, nil
}

// sees tells whether the asker may see a file of the ticket, which is not internal
// or they may see such: one that answers a field, as far as they see the answer.
func (s Sight) sees(a Attachment) bool {
	if a.Field == "" {
		return true
	}
	t := s.ticket.SeenAs(s.actor, s.in, s.before...)
	if f, _ := s.in.Ever(a.Field); f.Type == tracker.File && t.Answers[a.Field] == string(a.ID) {
		return true
	}
	return slices.ContainsFunc(t.Brought, func(b ticket.Brought) bool {
		f, _ := s.now(b.From).Ever(b.Code)
		return f.Type == tracker.File && b.Code == a.Field && b.Answer == string(a.ID)
	})
}

// content answers GET /attachments/{aid}.
func (to routes) content(c *fiber.Ctx) error { return to.send(c, to.Content) }

// thumbnail answers GET /attachments/{aid}/thumbnail. Only pictures have one.
func (to routes) thumbnail(c *fiber.Ctx) error { return to.send(c, to.Thumbnail) }

func (to routes) send(c *fiber.Ctx, of func(context.Context, domain.Actor, domain.AttachmentID) (Content, error)) error {
	if err := noParams(c); err != nil {
		return err
	}
	content, err := of(c.UserContext(), to.who(c), domain.AttachmentID(c.Params("aid")))
	if err != nil {
		return err
	}
	return to.edge.Send(c, content)
}

// Content is what a file holds that the actor may see; else domain.NotFound.
func (a *API) Content(ctx context.Context, actor domain.Actor, id domain.AttachmentID) (Content, error) {
	file, err := a.visibleAttachment(ctx, actor, id)
	return a.contentOf(file.Hash, Content{Name: file.Name, Type: file.Type, Inline: file.Thumbnail != ""}), err
}

// Thumbnail is the small picture of a picture that the actor may see; else domain.NotFound.
func (a *API) Thumbnail(ctx context.Context, actor domain.Actor, id domain.AttachmentID) (Content, error) {
	file, err := a.visibleAttachment(ctx, actor, id)
	if err == nil && file.Thumbnail == "" {
		err = domain.ErrNoAttachment(id)
	}
	return a.contentOf(file.Thumbnail, Content{Name: file.Name, Type: file.ThumbnailType, Inline: true}), err
}

func (a *API) contentOf(hash string, content Content) Content {
	content.Hash = hash
	content.Open = func(ctx context.Context) (io.ReadSeekCloser, error) { return a.contents(ctx, hash) }
	return content
}

// visibleAttachment is the file of the id. One that does not exist, one that has
// been removed and one that the actor may not see are answered alike.
func (a *API) visibleAttachment(ctx context.Context, actor domain.Actor, id domain.AttachmentID) (Attachment, error) {
	if !id.Valid() {
		return Attachment{}, domain.ErrNoAttachment(id)
	}
	var row Attachment
	err := a.db.Read.GetContext(ctx, &row, oneAttachment, actor.ID, actor.Admin, id)
	if errors.Is(err, sql.ErrNoRows) {
		return row, domain.ErrNoAttachment(id)
	}
	if err != nil {
		return row, fmt.Errorf("read the attachment %s: %w", id, err)
	}
	if !row.Internal && row.Field == "" {
		return row, nil
	}
	s := Sight{actor: actor}
	if s.ticket, err = a.visibleTicket(ctx, actor, string(row.Ticket)); err != nil {
		return row, err
	}
	if err := a.place(ctx, &s); err != nil {
		return row, err
	}
	if row.Internal && !s.may(domain.SeeInternal) || !s.sees(row) {
		return row, domain.ErrNoAttachment(id)
	}
	return row, nil
}

// withoutHash is the event as people may read it.
func withoutHash(e ticket.FileAttached) ticket.FileAttached {
	e.Hash = ""
	if e.Picture != nil {
		picture := *e.Picture
		picture.Thumbnail = ""
		e.Picture = &picture
	}
	return e
}

// BlobsInUse tells which of the hashes are the content of a file that is attached,
// or was removed after the moment: of any ticket, deleted ones too, as they may come back.
func (a *API) BlobsInUse(ctx context.Context, hashes []string, removedAfter time.Time) (map[string]bool, error) {
	used := make(map[string]bool, len(hashes))
	if len(hashes) == 0 {
		return used, nil
	}
	args := []any{removedAfter}
	for _, hash := range hashes {
		args = append(args, hash)
	}
	in := strings.Repeat(", $n", len(hashes)-1)
	for _, from := range []string{"hash FROM attachments", "thumbnail FROM attachments", "hash FROM internal_attachments", "thumbnail FROM internal_attachments"} {
		column, _, _ := strings.Cut(from, " ")
		s := &statement{}
		s.add("SELECT DISTINCT "+from+" WHERE (removed_at IS NULL OR removed_at >= $n) AND "+column+" IN ($n"+in+") LIMIT 1000", args...)
		var rows []string
		if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
			return nil, fmt.Errorf("look for blobs in use: %w", err)
		}
		for _, hash := range rows {
			used[hash] = true
		}
	}
	return used, nil
}
