package commands

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
)

// cascade sends a ticket to the parent tracker. Its copy is there a moment later.
func (to routes) cascade(c *fiber.Ctx) error {
	var body struct {
		Comment string `json:"comment"`
	}
	if len(c.Body()) > 0 {
		if err := ReadBody(c, &body); err != nil {
			return err
		}
	}
	id, err := domain.ParseTicketID(c.Params("id"))
	if err != nil {
		return err
	}
	caller, req, err := to.begin(c)
	if err != nil {
		return err
	}
	out, err := to.ChangeTicket(c.UserContext(), caller, req, id, ticket.Cascade{Link: req.Link(id), Comment: body.Comment})
	if err != nil {
		return err
	}
	return answer(c, out, out.State)
}

func (to routes) recall(c *fiber.Ctx) error { return to.doAndShow(c, ticket.Recall{}) }

func (to routes) refuse(c *fiber.Ctx) error {
	var body struct {
		Reason string `json:"reason"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.doAndShow(c, ticket.Refuse{Reason: body.Reason})
}
