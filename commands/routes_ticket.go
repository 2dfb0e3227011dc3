package commands

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

func (to routes) postTicket(c *fiber.Ctx) error {
	var body struct {
		Summary     string            `json:"summary"`
		Description string            `json:"description"`
		Answers     map[string]string `json:"answers"`
		OnBehalfOf  domain.UserID     `json:"onBehalfOf"`
		Assignee    domain.UserID     `json:"assignee"`
		State       tracker.State     `json:"state"`
		Captcha     ticket.Solution   `json:"captcha"`
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
		OnBehalfOf: body.OnBehalfOf, Assignee: body.Assignee, State: body.State, Solution: body.Captcha,
	})
	if err != nil {
		return err
	}
	c.Location("/api/v1/tickets/" + string(out.State.ID))
	return answer(c.Status(fiber.StatusCreated), out, out.State)
}

func (to routes) editTicket(c *fiber.Ctx) error {
	var body struct {
		Summary     *string            `json:"summary"`
		Description *string            `json:"description"`
		Answers     map[string]*string `json:"answers"` // null takes an answer away
		Resolution  *string            `json:"resolution"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	answers := make(map[string]string, len(body.Answers))
	for code, given := range body.Answers {
		answers[code] = ""
		if given != nil {
			answers[code] = *given
		}
	}
	return to.doAndShow(c, ticket.Edit{
		Summary: body.Summary, Description: body.Description, Answers: answers, Resolution: body.Resolution,
	})
}

func (to routes) changeState(c *fiber.Ctx) error {
	var body struct {
		To         tracker.State `json:"to"`
		Comment    string        `json:"comment"`
		Resolution string        `json:"resolution"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.doAndShow(c, ticket.ChangeState{To: body.To, Comment: body.Comment, Resolution: body.Resolution})
}

func (to routes) assign(c *fiber.Ctx) error {
	var body struct {
		User domain.UserID `json:"user"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.doAndShow(c, ticket.Assign{User: body.User})
}

func (to routes) unassign(c *fiber.Ctx) error { return to.doAndShow(c, ticket.Unassign{}) }
