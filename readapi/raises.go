package readapi

import (
	"context"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

// Whoever asked hears of their own requests, also when they are no longer concerned.
const listRaises = `SELECT r.request, r.asker, r.reason, r.urgent, r.occurred_at, r.outcome, r.answer, r.answered_by, r.answered_at
FROM tickets t JOIN raise_requests r ON r.ticket = t.id
WHERE t.id = $3 AND ` + seesTicket + ` AND ($4 OR r.asker = $1) AND r.request > $5
ORDER BY r.request LIMIT $6`

// RaiseRequest is a request for a better rank, as the API shows it.
type RaiseRequest struct {
	Request    int           `db:"request" json:"request"`
	Asker      domain.UserID `db:"asker" json:"asker"`
	Reason     string        `db:"reason" json:"reason"`
	Urgent     bool          `db:"urgent" json:"urgent"`
	OccurredAt time.Time     `db:"occurred_at" json:"occurredAt"`
	Outcome    string        `db:"outcome" json:"outcome"`
	Answer     string        `db:"answer" json:"answer,omitempty"` // to one that was refused
	AnsweredBy domain.UserID `db:"answered_by" json:"answeredBy,omitempty"`
	AnsweredAt *time.Time    `db:"answered_at" json:"answeredAt,omitempty"`
}

// raiseRequests answers GET /tickets/{id}/raise-requests, the first request first.
func (to routes) raiseRequests(c *fiber.Ctx) error {
	p := readParams(c, "limit", "cursor")
	w := p.window("raise-requests " + c.Params("id"))
	if err := p.err(); err != nil {
		return err
	}
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	rows, err := to.raisesOf(c.UserContext(), s, w)
	if err != nil {
		return err
	}
	return page(c, "raiseRequests", rows, w, func(row RaiseRequest) int64 { return int64(row.Request) })
}

// RaiseRequests are the requests to raise the ticket that the asker hears of; at most the limit.
func (a *API) RaiseRequests(ctx context.Context, s Sight, limit int) ([]RaiseRequest, error) {
	rows, err := a.raisesOf(ctx, s, window{limit: limit})
	rows, _ = cut(rows, limit)
	return rows, err
}

// raisesOf reads one request more than the limit, if there are more.
func (a *API) raisesOf(ctx context.Context, s Sight, w window) ([]RaiseRequest, error) {
	rows := []RaiseRequest{}
	if err := a.db.Read.SelectContext(ctx, &rows, listRaises, s.actor.ID, s.actor.Admin, s.ticket.ID, s.concerned(), w.after, w.limit+1); err != nil {
		return nil, fmt.Errorf("list the raise requests of %s: %w", s.ticket.ID, err)
	}
	for i := range rows {
		rows[i].OccurredAt, rows[i].AnsweredAt = rows[i].OccurredAt.UTC(), inUTC(rows[i].AnsweredAt)
	}
	return rows, nil
}
