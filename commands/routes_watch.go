package commands

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
)

func (to routes) watch(c *fiber.Ctx) error {
	var body struct {
		Events *[]domain.Topic `json:"events"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	user := domain.UserID(c.Params("user"))
	out, err := to.do(c, ticket.Watch{User: user, Topics: body.Events})
	if err != nil {
		return err
	}
	return answer(c, out, fiber.Map{"user": user, "events": out.State.Inner.Watches[user]})
}

func (to routes) unwatch(c *fiber.Ctx) error {
	user := domain.UserID(c.Params("user"))
	out, err := to.do(c, ticket.Unwatch{User: user})
	if err != nil {
		return err
	}
	return answer(c, out, fiber.Map{"user": user})
}
