package readapi

import (
	"context"
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// around are the parent of a tracker and those right below it that the actor sees.
const around = `SELECT k.document, k.version FROM trackers k
WHERE ` + seesTracker + ` AND (k.parent = $3 OR k.key = $4)
ORDER BY k.key LIMIT 10000`

// destination is a tracker beside that of a ticket, and whether the asker may
// move the ticket there, or why not.
type destination struct {
	Tracker domain.TrackerKey `json:"tracker"`
	Name    string            `json:"name"`
	Allowed bool              `json:"allowed"`
	Code    string            `json:"code,omitempty"`
	Reason  string            `json:"reason,omitempty"`
}

// destinations answers GET /tickets/{id}/destinations: what Decide would say to each move.
func (to routes) destinations(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	targets, err := to.around(c.UserContext(), s)
	if err != nil {
		return err
	}
	list := []destination{}
	for _, target := range targets {
		facts := ticket.Facts{Tracker: s.in, Target: target, Before: s.before, Actor: s.actor, OccurredAt: s.ticket.UpdatedAt}
		_, err := ticket.Decide(s.ticket, ticket.Move{To: target.Key}, facts)
		d := destination{Tracker: target.Key, Name: target.Name, Allowed: err == nil}
		if refusal, ok := errors.AsType[*domain.Error](err); ok {
			d.Code, d.Reason = refusal.Code, refusal.Message
		} else if err != nil {
			return err
		}
		list = append(list, d)
	}
	return c.JSON(fiber.Map{"destinations": list})
}

func (a *API) around(ctx context.Context, s Sight) ([]tracker.Tracker, error) {
	var rows []trackerRow
	if err := a.db.Read.SelectContext(ctx, &rows, around, s.actor.ID, s.actor.Admin, s.in.Key, s.in.Parent); err != nil {
		return nil, fmt.Errorf("list the trackers around %s: %w", s.in.Key, err)
	}
	targets := make([]tracker.Tracker, len(rows))
	for i, row := range rows {
		var err error
		if targets[i], err = row.tracker(); err != nil {
			return nil, err
		}
		if err := a.whole(ctx, &targets[i]); err != nil {
			return nil, err
		}
	}
	return targets, nil
}
