package commands

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
)

func (to routes) addNote(c *fiber.Ctx) error {
	var body struct {
		Body        string                `json:"body"`
		Attachments []domain.AttachmentID `json:"attachments"` // uploads
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.note(c, body.Body, body.Attachments)
}

func (to routes) note(c *fiber.Ctx, body string, uploads []domain.AttachmentID) error {
	out, err := to.do(c, withFiles(ticket.AddNote{Body: body}, uploads))
	if err != nil {
		return err
	}
	c.Status(fiber.StatusCreated)
	return answer(c, out, fiber.Map{"note": len(out.State.Inner.Notes), "ticket": out.State})
}

func (to routes) editNote(c *fiber.Ctx) error {
	var body struct {
		Body string `json:"body"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.doAndShow(c, ticket.EditNote{Note: remarkNumber(c), Body: body.Body})
}

func (to routes) deleteNote(c *fiber.Ctx) error {
	return to.doAndShow(c, ticket.DeleteNote{Note: remarkNumber(c)})
}
