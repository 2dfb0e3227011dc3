package commands

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"suivi/domain/ticket"
)

type commentBody struct {
	Body     string `json:"body"`
	Internal bool   `json:"internal"` // an internal note instead
}

func (to routes) comment(c *fiber.Ctx) error {
	var body commentBody
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	if body.Internal {
		return to.note(c, body.Body)
	}
	out, err := to.do(c, ticket.Comment{Body: body.Body})
	if err != nil {
		return err
	}
	c.Status(fiber.StatusCreated)
	return answer(c, out, fiber.Map{"comment": out.State.Comments, "ticket": out.State})
}

func (to routes) editComment(c *fiber.Ctx) error {
	var body struct {
		Body string `json:"body"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.doAndShow(c, ticket.EditComment{Comment: remarkNumber(c), Body: body.Body})
}

func (to routes) deleteComment(c *fiber.Ctx) error {
	return to.doAndShow(c, ticket.DeleteComment{Comment: remarkNumber(c)})
}

// remarkNumber is the number in the path; 0, which nothing has, when it is none.
func remarkNumber(c *fiber.Ctx) int {
	number, err := strconv.Atoi(c.Params("cid"))
	if err != nil {
		return 0
	}
	return number
}
