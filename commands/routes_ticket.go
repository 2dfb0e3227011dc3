package commands

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

func (to routes) postTicket(c *fiber.Ctx) error {
	var body struct {
		Summary     string                `json:"summary"`
		Description string                `json:"description"`
		Answers     map[string]string     `json:"answers"`
		OnBehalfOf  domain.UserID         `json:"onBehalfOf"`
		Assignee    domain.UserID         `json:"assignee"`
		State       tracker.State         `json:"state"`
		Attachments []domain.AttachmentID `json:"attachments"` // uploads
		Captcha     ticket.Solution       `json:"captcha"`
	}
	key, err := trackerKey(c)
	if err != nil {
		return err
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	caller, req, err := to.begin(c)
	if err != nil {
		return err
	}
	out, err := to.PostTicket(c.UserContext(), caller, req, key, ticket.Post{
		Summary: body.Summary, Description: body.Description, Answers: body.Answers,
		OnBehalfOf: body.OnBehalfOf, Assignee: body.Assignee, State: body.State, Solution: body.Captcha, Files: body.Attachments,
	})
	if err != nil {
		return err
	}
	c.Location("/api/v1/tickets/" + string(out.State.ID))
	return answer(c.Status(fiber.StatusCreated), out, out.State)
}

type editBody struct {
	Summary     *string            `json:"summary"`
	Description *string            `json:"description"`
	Answers     map[string]*string `json:"answers"` // null takes an answer away
	Resolution  *string            `json:"resolution"`
}

func (b editBody) command() ticket.Edit {
	answers := make(map[string]string, len(b.Answers))
	for code, given := range b.Answers {
		answers[code] = ""
		if given != nil {
			answers[code] = *given
		}
	}
	return ticket.Edit{Summary: b.Summary, Description: b.Description, Answers: answers, Resolution: b.Resolution}
}

func (to routes) editTicket(c *fiber.Ctx) error {
	var body editBody
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.doAndShow(c, body.command())
}

type stateBody struct {
	To         tracker.State `json:"to"`
	Comment    string        `json:"comment"`
	Resolution string        `json:"resolution"`
}

func (to routes) changeState(c *fiber.Ctx) error {
	var body struct {
		stateBody
		Attachments []domain.AttachmentID `json:"attachments"` // uploads
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.doAndShow(c, withFiles(ticket.ChangeState(body.stateBody), body.Attachments))
}

type assignBody struct {
	User domain.UserID `json:"user"`
}

func (to routes) assign(c *fiber.Ctx) error {
	var body assignBody
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.doAndShow(c, ticket.Assign(body))
}

func (to routes) unassign(c *fiber.Ctx) error { return to.doAndShow(c, ticket.Unassign{}) }

type moveBody struct {
	Tracker domain.TrackerKey `json:"tracker"`
}

func (to routes) move(c *fiber.Ctx) error {
	var body moveBody
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.doAndShow(c, ticket.Move{To: body.Tracker})
}

func (to routes) deleteTicket(c *fiber.Ctx) error {
	out, err := to.do(c, ticket.Delete{})
	if err != nil {
		return err
	}
	setHeaders(c, out)
	return c.SendStatus(fiber.StatusNoContent)
}

func (to routes) undelete(c *fiber.Ctx) error { return to.doAndShow(c, ticket.Undelete{}) }
