package commands

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
)

func (to routes) addPrerequisite(c *fiber.Ctx) error { return to.depend(c, to.AddPrerequisite) }

func (to routes) removePrerequisite(c *fiber.Ctx) error { return to.depend(c, to.RemovePrerequisite) }

// depend reads the path's two tickets and the headers, and does the deed.
func (to routes) depend(c *fiber.Ctx, do func(context.Context, Caller, Request, domain.TicketID, domain.TicketID) (Outcome[ticket.Ticket], error)) error {
	id, err := domain.ParseTicketID(c.Params("id"))
	if err != nil {
		return err
	}
	other, err := domain.ParseTicketID(c.Params("other"))
	if err != nil {
		return err
	}
	caller, req, err := to.begin(c)
	if err != nil {
		return err
	}
	out, err := do(c.UserContext(), caller, req, id, other)
	if err != nil {
		return err
	}
	return answer(c, out, out.State)
}
