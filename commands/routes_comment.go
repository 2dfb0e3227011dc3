package commands

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
)

type commentBody struct {
	Body     string `json:"body"`
	Internal bool   `json:"internal"` // an internal note instead
}

func (to routes) comment(c *fiber.Ctx) error {
	var body struct {
		commentBody
		Attachments []domain.AttachmentID `json:"attachments"` // uploads
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	if body.Internal {
		return to.note(c, body.Body, body.Attachments)
	}
	out, err := to.do(c, withFiles(ticket.Comment{Body: body.Body}, body.Attachments))
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

func (to routes) branch(c *fiber.Ctx) error {
	var body struct {
		Tracker domain.TrackerKey `json:"tracker"`
		Summary string            `json:"summary"`
		Answers map[string]string `json:"answers"`
		Captcha ticket.Solution   `json:"captcha"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	id, err := domain.ParseTicketID(c.Params("id"))
	if err != nil {
		return err
	}
	if body.Tracker != "" && !body.Tracker.Valid() {
		return domain.ErrNoTracker(body.Tracker)
	}
	caller, req, err := to.begin(c)
	if err != nil {
		return err
	}
	out, err := to.BranchTicket(c.UserContext(), caller, req, id, remarkNumber(c), NewBranch(body))
	if err != nil {
		return err
	}
	c.Location("/api/v1/tickets/" + string(out.State.ID))
	return answer(c.Status(fiber.StatusCreated), out, out.State)
}
