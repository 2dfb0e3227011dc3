package readapi

import (
	"context"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

// listDeleted takes from the history who deleted it, and when: no event comes after that.
const listDeleted = `SELECT t.id, t.tracker, t.summary, t.reporter, h.actor, h.occurred_at
FROM tickets t JOIN history h ON h.ticket = t.id AND h.version = t.version
WHERE ` + seesDeleted + ` AND t.id > $3
ORDER BY t.id LIMIT $4`

const oneDeleted = wholeTicket + `WHERE t.id = $3 AND ` + seesDeleted

// DeletedTicket is a deleted ticket in the list for administrators.
type DeletedTicket struct {
	Ticket    domain.TicketID   `db:"id" json:"ticket"`
	Tracker   domain.TrackerKey `db:"tracker" json:"tracker"`
	Summary   string            `db:"summary" json:"summary"`
	Reporter  domain.UserID     `db:"reporter" json:"reporter"`
	DeletedBy domain.UserID     `db:"actor" json:"deletedBy"`
	DeletedAt time.Time         `db:"occurred_at" json:"deletedAt"`
}

// deletedTickets answers GET /admin/deleted-tickets, by id.
func (to routes) deletedTickets(c *fiber.Ctx) error {
	p := readParams(c, "limit", "cursor")
	limit := p.limit()
	var after string
	p.cursor("deleted", &after)
	if err := p.err(); err != nil {
		return err
	}
	actor, err := to.admin(c)
	if err != nil {
		return err
	}
	rows, err := to.listDeleted(c.UserContext(), actor, after, limit)
	if err != nil {
		return err
	}
	return pageByText(c, "tickets", rows, "deleted", limit, func(row DeletedTicket) string { return string(row.Ticket) })
}

// listDeleted reads one ticket more than the limit, if there are more.
func (a *API) listDeleted(ctx context.Context, actor domain.Actor, after string, limit int) ([]DeletedTicket, error) {
	rows := []DeletedTicket{}
	if err := a.db.Read.SelectContext(ctx, &rows, listDeleted, actor.ID, actor.Admin, after, limit+1); err != nil {
		return nil, fmt.Errorf("list deleted tickets: %w", err)
	}
	for i := range rows {
		rows[i].DeletedAt = rows[i].DeletedAt.UTC()
	}
	return rows, nil
}

// deletedTicket answers GET /admin/deleted-tickets/{id}.
func (to routes) deletedTicket(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	s, err := to.deletedSight(c)
	if err != nil {
		return err
	}
	t := s.ticket.SeenAs(s.actor, s.in, s.before...)
	return c.JSON(ReadTicket{Ticket: t, Fields: s.fieldsOf(t, s.in)})
}

// deletedHistory answers GET /admin/deleted-tickets/{id}/history, the first event first.
func (to routes) deletedHistory(c *fiber.Ctx) error {
	p := readParams(c, "limit", "cursor")
	s, err := to.deletedSight(c)
	if err != nil {
		return err
	}
	return to.answerHistory(c, p, "deleted history ", historyOf(seesDeleted, true), s)
}

// deletedSight is what an administrator sees of the deleted ticket in the path.
func (to routes) deletedSight(c *fiber.Ctx) (Sight, error) {
	var s Sight
	var err error
	if s.actor, err = to.admin(c); err != nil {
		return s, err
	}
	if s.ticket, err = to.readTicket(c.UserContext(), oneDeleted, s.actor, c.Params("id")); err != nil {
		return s, err
	}
	err = to.place(c.UserContext(), &s)
	return s, err
}

// admin is the asker, if they administer the site.
func (to routes) admin(c *fiber.Ctx) (domain.Actor, error) {
	actor := to.who(c)
	if !actor.Admin {
		return actor, domain.Errorf(domain.Forbidden, "admin-only", "this is for administrators")
	}
	return actor, nil
}
