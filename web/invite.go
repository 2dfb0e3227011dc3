package web

import (
	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/commands"
)

func (e *edge) invite(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	var body newPerson
	if err := commands.ReadBody(c, &body); err != nil {
		return err
	}
	return e.answerInvitation(c, body.person())
}

func (e *edge) invitePerson(c *fiber.Ctx) error {
	id, err := personToAdminister(c)
	if err != nil {
		return err
	}
	return e.answerInvitation(c, accounts.Person{ID: id})
}

func (e *edge) answerInvitation(c *fiber.Ctx, p accounts.Person) error {
	invitation, secret, err := e.cfg.Accounts.Invite(c.UserContext(), by(c), p)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"invitation": invitation, "secret": secret})
}
