package readapi

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"suivi/domain/ticket"
)

// transitions answers GET /tickets/{id}/transitions: what Decide would say.
func (to routes) transitions(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	all, err := to.Transitions(c.UserContext(), s)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"transitions": all})
}

// Transitions tells for each state what Decide would say to a change to it.
func (a *API) Transitions(ctx context.Context, s Sight) ([]ticket.Transition, error) {
	facts := ticket.Facts{Tracker: s.in, Actor: s.actor}
	var err error
	if facts.PrerequisitesOpen, err = a.prerequisitesOpen(ctx, s.ticket.ID); err != nil {
		return nil, err
	}
	return ticket.Transitions(s.ticket, facts), nil
}
