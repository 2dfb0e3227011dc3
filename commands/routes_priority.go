package commands

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"suivi/domain/rank"
	"suivi/domain/ticket"
)

// readMove reads where a ticket is to go.
func readMove(c *fiber.Ctx) (rank.Move, error) {
	var body struct {
		Move   rank.Step `json:"move"`
		Before string    `json:"before"`
		After  string    `json:"after"`
	}
	err := ReadBody(c, &body)
	return rank.Move{Step: body.Move, Before: body.Before, After: body.After}, err
}

func (to routes) rank(c *fiber.Ctx) error {
	move, err := readMove(c)
	if err != nil {
		return err
	}
	return to.doAndShow(c, ticket.Rank{Move: move})
}

func (to routes) requestRaise(c *fiber.Ctx) error {
	var body struct {
		Reason string `json:"reason"`
		Urgent bool   `json:"urgent"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	out, err := to.do(c, ticket.RequestRaise{Reason: body.Reason, Urgent: body.Urgent})
	if err != nil {
		return err
	}
	c.Status(fiber.StatusCreated)
	return answer(c, out, fiber.Map{"request": len(out.State.Inner.Raises), "ticket": out.State})
}

func (to routes) grantRaise(c *fiber.Ctx) error {
	move, err := readMove(c)
	if err != nil {
		return err
	}
	return to.doAndShow(c, ticket.GrantRaise{Request: requestNumber(c), Move: move})
}

func (to routes) refuseRaise(c *fiber.Ctx) error {
	var body struct {
		Answer string `json:"answer"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.doAndShow(c, ticket.RefuseRaise{Request: requestNumber(c), Answer: body.Answer})
}

// requestNumber is the number in the path; 0, which no request has, when it is none.
func requestNumber(c *fiber.Ctx) int {
	number, err := strconv.Atoi(c.Params("rid"))
	if err != nil {
		return 0
	}
	return number
}
