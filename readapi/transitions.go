package readapi

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain/ticket"
)

// transitions answers GET /tickets/{id}/transitions: what Decide would say.
func (to routes) transitions(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	actor := to.who(c)
	t, err := to.visibleTicket(c.UserContext(), actor, c.Params("id"))
	if err != nil {
		return err
	}
	in, err := to.trackerOf(c.UserContext(), t.Tracker)
	if err != nil {
		return err
	}
	facts := ticket.Facts{Tracker: in, Actor: actor}
	if facts.PrerequisitesOpen, err = to.prerequisitesOpen(c.UserContext(), t.ID); err != nil {
		return err
	}
	return c.JSON(fiber.Map{"transitions": ticket.Transitions(t, facts)})
}
