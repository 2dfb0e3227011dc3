package readapi

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

const listComments = `SELECT c.comment, c.version, c.author, c.body, c.occurred_at
FROM tickets t JOIN comments c ON c.ticket = t.id
WHERE t.id = $3 AND ` + seesTicket + ` AND c.comment > $4
ORDER BY c.comment LIMIT $5`

// comment is one comment, as the API shows it.
type comment struct {
	Comment    int           `db:"comment" json:"comment"` // its number on the ticket
	Version    uint64        `db:"version" json:"version"` // of the ticket, with this comment
	Author     domain.UserID `db:"author" json:"author"`
	Body       string        `db:"body" json:"body"` // Markdown
	OccurredAt time.Time     `db:"occurred_at" json:"occurredAt"`
}

// comments answers GET /tickets/{id}/comments[?at=], the first comment first.
func (to routes) comments(c *fiber.Ctx) error {
	p := readParams(c, "at", "limit", "cursor")
	at := p.moment()
	w := p.window("comments " + c.Params("id") + " " + p.given["at"])
	if err := p.err(); err != nil {
		return err
	}
	t, err := to.visibleTicket(c.UserContext(), to.who(c), c.Params("id"))
	if err != nil {
		return err
	}
	var rows []comment
	if at != nil {
		rows, err = to.commentsAsOf(c.UserContext(), t.ID, *at, w)
	} else {
		rows, err = to.commentsNow(c.UserContext(), to.who(c), t.ID, w)
	}
	if err != nil {
		return err
	}
	return page(c, "comments", rows, w, func(row comment) int64 { return int64(row.Comment) })
}

func (a *API) commentsNow(ctx context.Context, actor domain.Actor, id domain.TicketID, w window) ([]comment, error) {
	rows := []comment{}
	if err := a.db.Read.SelectContext(ctx, &rows, listComments, actor.ID, actor.Admin, id, w.after, w.limit+1); err != nil {
		return nil, fmt.Errorf("list the comments of %s: %w", id, err)
	}
	for i := range rows {
		rows[i].OccurredAt = rows[i].OccurredAt.UTC()
	}
	return rows, nil
}

func (a *API) commentsAsOf(ctx context.Context, id domain.TicketID, m moment, w window) ([]comment, error) {
	_, rows, err := a.asOf(ctx, id, m)
	rows = slices.DeleteFunc(rows, func(row comment) bool { return int64(row.Comment) <= w.after })
	return rows[:min(len(rows), w.limit+1)], err
}
