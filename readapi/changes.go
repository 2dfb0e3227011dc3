package readapi

import (
	"context"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

const listStateChanges = `SELECT s.version, s.from_state AS before, s.to_state AS after, s.actor, s.occurred_at
FROM tickets t JOIN state_changes s ON s.ticket = t.id
WHERE t.id = $3 AND ` + seesTicket + ` AND s.version > $4
ORDER BY s.version LIMIT $5`

const listOwnershipChanges = `SELECT o.version, o.from_user AS before, o.to_user AS after, o.actor, o.occurred_at
FROM tickets t JOIN ownership_changes o ON o.ticket = t.id
WHERE t.id = $3 AND ` + seesTicket + ` AND o.version > $4
ORDER BY o.version LIMIT $5`

// change is one change of a ticket's state or assignee, as the API shows it. For
// an assignee, "" is nobody.
type change struct {
	Version    int64         `db:"version" json:"version"`
	From       string        `db:"before" json:"from"`
	To         string        `db:"after" json:"to"`
	Actor      domain.UserID `db:"actor" json:"actor"`
	OccurredAt time.Time     `db:"occurred_at" json:"occurredAt"`
}

// stateHistory answers GET /tickets/{id}/state-history, the first change first.
func (to routes) stateHistory(c *fiber.Ctx) error {
	return to.changes(c, "state-history", listStateChanges)
}

// ownershipHistory answers GET /tickets/{id}/ownership-history, the first change first.
func (to routes) ownershipHistory(c *fiber.Ctx) error {
	return to.changes(c, "ownership-history", listOwnershipChanges)
}

func (to routes) changes(c *fiber.Ctx, name, query string) error {
	p := readParams(c, "limit", "cursor")
	w := p.window(name + " " + c.Params("id"))
	if err := p.err(); err != nil {
		return err
	}
	actor := to.who(c)
	t, err := to.visibleTicket(c.UserContext(), actor, c.Params("id"))
	if err != nil {
		return err
	}
	rows, err := to.listChanges(c.UserContext(), query, actor, t.ID, w)
	if err != nil {
		return err
	}
	return page(c, "changes", rows, w, func(row change) int64 { return row.Version })
}

func (a *API) listChanges(ctx context.Context, query string, actor domain.Actor, id domain.TicketID, w window) ([]change, error) {
	rows := []change{}
	if err := a.db.Read.SelectContext(ctx, &rows, query, actor.ID, actor.Admin, id, w.after, w.limit+1); err != nil {
		return nil, fmt.Errorf("list the changes of %s: %w", id, err)
	}
	for i := range rows {
		rows[i].OccurredAt = rows[i].OccurredAt.UTC()
	}
	return rows, nil
}
