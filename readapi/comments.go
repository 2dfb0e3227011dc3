package readapi

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

const listComments = `SELECT c.comment AS number, c.version, c.author, c.body, c.occurred_at, c.edited_at, c.edited_by, c.deleted_at, c.deleted_by
FROM tickets t JOIN comments c ON c.ticket = t.id
WHERE t.id = $3 AND ` + seesTicket + ` AND c.comment > $4
ORDER BY c.comment LIMIT $5`

// Remark is what a person said on a ticket. A deleted one has no text.
type Remark struct {
	Number     int           `db:"number" json:"-"`
	Version    uint64        `db:"version" json:"version"` // of the ticket, with it
	Author     domain.UserID `db:"author" json:"author"`
	Body       string        `db:"body" json:"body"` // Markdown
	HTML       string        `db:"-" json:"html"`
	OccurredAt time.Time     `db:"occurred_at" json:"occurredAt"`
	EditedAt   *time.Time    `db:"edited_at" json:"editedAt,omitempty"` // the last time
	EditedBy   domain.UserID `db:"edited_by" json:"editedBy,omitempty"`
	DeletedAt  *time.Time    `db:"deleted_at" json:"deletedAt,omitempty"`
	DeletedBy  domain.UserID `db:"deleted_by" json:"deletedBy,omitempty"`
}

// Comment is a comment, as the API shows it.
type Comment struct {
	Comment int `json:"comment"` // its number on the ticket
	Remark
}

// comments answers GET /tickets/{id}/comments[?at=], the first comment first.
func (to routes) comments(c *fiber.Ctx) error {
	p := readParams(c, "at", "limit", "cursor")
	at := p.moment()
	w := p.window("comments " + c.Params("id") + " " + p.given["at"])
	if err := p.err(); err != nil {
		return err
	}
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	rows, err := to.said(c.UserContext(), s, at, w, listComments, ofComments)
	if err != nil {
		return err
	}
	return page(c, "comments", asComments(rows), w, func(row Comment) int64 { return int64(row.Comment) })
}

func asComments(rows []Remark) []Comment {
	comments := make([]Comment, len(rows))
	for i, row := range rows {
		comments[i] = Comment{row.Number, row}
	}
	return comments
}

// Comments are at most the limit of comments after the number, and whether there are more.
func (a *API) Comments(ctx context.Context, s Sight, after, limit int) (comments []Comment, more bool, err error) {
	rows, err := a.remarks(ctx, listComments, s, window{after: int64(after), limit: limit})
	rows, more = cut(rows, limit)
	return asComments(rows), more, err
}

func ofComments(p past) remarkFold { return p.comments }

// said is a page of what the query finds, or of what had been said at the moment, if there is one.
func (a *API) said(ctx context.Context, s Sight, at *moment, w window, query string, of func(past) remarkFold) ([]Remark, error) {
	if at == nil {
		return a.remarks(ctx, query, s, w)
	}
	then, err := a.asOf(ctx, s.ticket.ID, *at)
	if err != nil {
		return nil, err
	}
	return a.past(ctx, s, of(then), w)
}

// remarks reads what the query finds, and renders it.
func (a *API) remarks(ctx context.Context, query string, s Sight, w window) ([]Remark, error) {
	rows := []Remark{}
	if err := a.db.Read.SelectContext(ctx, &rows, query, s.actor.ID, s.actor.Admin, s.ticket.ID, w.after, w.limit+1); err != nil {
		return nil, fmt.Errorf("list what was said on %s: %w", s.ticket.ID, err)
	}
	for i := range rows {
		r := &rows[i]
		r.OccurredAt, r.EditedAt, r.DeletedAt = r.OccurredAt.UTC(), inUTC(r.EditedAt), inUTC(r.DeletedAt)
	}
	return rows, a.render(ctx, s, rows)
}

func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC())
}

// past is a page of what had been said. What was deleted since has no text any
// more, but for those who manage comments: they may read it in its revisions as well.
func (a *API) past(ctx context.Context, s Sight, all remarkFold, w window) ([]Remark, error) {
	rows := slices.DeleteFunc(all.then, func(r Remark) bool { return int64(r.Number) <= w.after })
	rows = rows[:min(len(rows), w.limit+1)]
	if !s.may(domain.ManageComments) {
		for i := range rows {
			if all.withdrawn[rows[i].Number] {
				rows[i].Body = ""
			}
		}
	}
	return rows, a.render(ctx, s, rows)
}

// commentRevisions answers GET /tickets/{id}/comments/{cid}/revisions, the first text first.
func (to routes) commentRevisions(c *fiber.Ctx) error {
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	return to.revisions(c, s, ofComments, domain.ErrNoComment)
}

// revisions answers with every text that something said has had.
func (to routes) revisions(c *fiber.Ctx, s Sight, of func(past) remarkFold, none func(domain.TicketID, int) *domain.Error) error {
	p := readParams(c, "limit", "cursor")
	number, _ := strconv.Atoi(c.Params("cid")) // 0 when it is none: there is no such
	w := p.window("revisions " + c.Path())
	if err := p.err(); err != nil {
		return err
	}
	rows, err := to.textsOf(c.UserContext(), s, number, of, none)
	if err != nil {
		return err
	}
	rows = rows[min(len(rows), int(w.after)):]
	rows = rows[:min(len(rows), w.limit+1)]
	if err := to.renderRevisions(c.UserContext(), s, rows); err != nil {
		return err
	}
	return page(c, "revisions", rows, w, func(row Revision) int64 { return int64(row.Revision) })
}

// textsOf are all texts that the comment or note has had, if the asker may read them.
func (a *API) textsOf(ctx context.Context, s Sight, number int, of func(past) remarkFold, none func(domain.TicketID, int) *domain.Error) ([]Revision, error) {
	all, err := a.asOf(ctx, s.ticket.ID, moment{time: endOfTime()})
	if err != nil {
		return nil, err
	}
	said := of(all)
	rows := said.texts[number]
	if len(rows) == 0 || said.withdrawn[number] && !s.may(domain.ManageComments) {
		return nil, none(s.ticket.ID, number)
	}
	return rows, nil
}

// CommentRevisions are the texts that a comment has had, the first first; at most the limit.
func (a *API) CommentRevisions(ctx context.Context, s Sight, number, limit int) ([]Revision, error) {
	return a.revisionsOf(ctx, s, number, limit, ofComments, domain.ErrNoComment)
}

func (a *API) revisionsOf(ctx context.Context, s Sight, number, limit int, of func(past) remarkFold, none func(domain.TicketID, int) *domain.Error) ([]Revision, error) {
	rows, err := a.textsOf(ctx, s, number, of, none)
	if err != nil {
		return nil, err
	}
	rows = rows[:min(len(rows), limit)]
	return rows, a.renderRevisions(ctx, s, rows)
}
