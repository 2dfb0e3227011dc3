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

// Destination is a tracker beside that of a ticket, and whether the asker may
// move the ticket there, or why not.
type Destination struct {
	Tracker domain.TrackerKey `json:"tracker"`
	Name    string            `json:"name"`
	Allowed bool              `json:"allowed"`
	Code    string            `json:"code,omitempty"`
	Reason  string            `json:"reason,omitempty"`
}

// destinations answers GET /tickets/{id}/destinations.
func (to routes) destinations(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	list, err := to.Destinations(c.UserContext(), s)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"destinations": list})
}

// Destinations are the trackers around that of the ticket, with what Decide would say to each move.
func (a *API) Destinations(ctx context.Context, s Sight) ([]Destination, error) {
	targets, err := a.around(ctx, s)
	if err != nil {
		return nil, err
	}
	list := []Destination{}
	for _, target := range targets {
		facts := ticket.Facts{Tracker: s.in, Target: target, Before: s.before, Actor: s.actor, OccurredAt: s.ticket.UpdatedAt}
		_, err := ticket.Decide(s.ticket, ticket.Move{To: target.Key}, facts)
		d := Destination{Tracker: target.Key, Name: target.Name, Allowed: err == nil}
		if refusal, ok := errors.AsType[*domain.Error](err); ok {
			d.Code, d.Reason = refusal.Code, refusal.Message
		} else if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

func (a *API) around(ctx context.Context, s Sight) ([]tracker.Tracker, error) {
	var rows []trackerRow
	if err := a.db.Read.SelectContext(ctx, &rows, around, s.actor.ID, s.actor.Admin, s.in.Key, s.in.Parent); err != nil {
		return nil, fmt.Errorf("list the trackers around %s: %w", s.in.Key, err)
	}
	targets := make([]tracker.Tracker, len(rows))
	for i, row := range rows {
		var err error
		if targets[i], err = a.trackerIn(row); err != nil {
			return nil, err
		}
		if err := a.whole(ctx, &targets[i]); err != nil {
			return nil, err
		}
	}
	return targets, nil
}
