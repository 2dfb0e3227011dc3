package readapi

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// transition is whether the asker may put the ticket in a state, and if not why.
type transition struct {
	To       tracker.State         `json:"to"`
	Allowed  bool                  `json:"allowed"`
	Requires []tracker.Requirement `json:"requires,omitempty"` // what must be given with the change
	Code     string                `json:"code,omitempty"`
	Reason   string                `json:"reason,omitempty"`
}

// transitions answers GET /tickets/{id}/transitions, in the order of the life cycle.
func (to routes) transitions(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	actor := to.who(c)
	t, err := to.visibleTicket(c.UserContext(), actor, c.Params("id"))
	if err != nil {
		return err
	}
	in, err := to.trackerOf(c.UserContext(), t.Tracker)
	if err != nil {
		return err
	}
	list := []transition{}
	for _, state := range in.EnabledStates() {
		list = append(list, judge(in, t, actor, state))
	}
	return c.JSON(fiber.Map{"transitions": list})
}

// judge asks the tracker as a command would that gives all the actor can give:
// a comment, and a resolution.
func judge(in tracker.Tracker, t ticket.Ticket, actor domain.Actor, to tracker.State) transition {
	change := tracker.Change{
		From: t.State, To: to, Roles: in.RolesOf(actor), Own: actor.ID == t.Reporter,
		Comment:    in.May(actor, domain.CommentOn),
		Resolution: t.Resolution != "" || in.May(actor, domain.WriteResolution),
		Assignee:   t.Assignee != "",
	}
	if err := in.CheckChange(change); err != nil {
		refusal, _ := errors.AsType[*domain.Error](err)
		return transition{To: to, Code: refusal.Code, Reason: refusal.Message}
	}
	answer := transition{To: to, Allowed: true}
	without := change
	if without.Comment = false; in.CheckChange(without) != nil {
		answer.Requires = append(answer.Requires, tracker.RequiresComment)
	}
	without = change
	if without.Resolution = t.Resolution != ""; in.CheckChange(without) != nil {
		answer.Requires = append(answer.Requires, tracker.RequiresResolution)
	}
	return answer
}
