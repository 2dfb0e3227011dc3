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

// unwatchAll answers for each ticket that the caller watched, as a command on many
// tickets does. A request that is cut off has ended some watches, and can be sent again.
func (to routes) unwatchAll(c *fiber.Ctx) error {
	asked := c.Context().QueryArgs()
	key := domain.TrackerKey(c.Query("tracker"))
	if asked.Has("tracker") && !key.Valid() || asked.Len() > 1 || asked.Len() == 1 && !asked.Has("tracker") {
		var problems domain.Problems
		problems.Add("tracker", "bad-key", "the key of one tracker is all that can be named")
		return problems.Err()
	}
	caller, req, err := to.begin(c)
	if err != nil {
		return err
	}
	results, err := to.UnwatchAll(c.UserContext(), caller, req, key)
	if err != nil {
		return err
	}
	return answerBulk(c, results)
}
