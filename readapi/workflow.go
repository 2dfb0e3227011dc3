package readapi

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
)

// workflow answers GET /trackers/{key}/workflow: the rules that hold when the tracker is strict.
func (to routes) workflow(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	t, version, err := to.visibleTracker(c.UserContext(), to.who(c), domain.TrackerKey(c.Params("key")))
	if err != nil {
		return err
	}
	setETag(c, version)
	return c.JSON(fiber.Map{"workflow": t.Workflow, "preset": t.ChosenRules == nil, "rules": t.Rules()})
}

// WorkflowChange is what other rules would change for whom.
type WorkflowChange struct {
	tracker.Difference
	Tickets int64 `json:"tickets"` // that stand in the state now
}

// Proposal is a workflow that somebody thinks about.
type Proposal struct {
	Workflow tracker.Workflow `json:"workflow"`
	Rules    *[]tracker.Rule  `json:"rules"` // nil: the preset of the mode
}

// previewWorkflow answers POST /trackers/{key}/workflow/preview. It changes nothing.
func (to routes) previewWorkflow(c *fiber.Ctx) error {
	body := Proposal{Workflow: tracker.Strict}
	if err := to.edge.Body(c, &body); err != nil {
		return err
	}
	changes, err := to.PreviewWorkflow(c.UserContext(), to.who(c), domain.TrackerKey(c.Params("key")), body)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"changes": changes})
}

// PreviewWorkflow tells what the proposal would change for whom, and on how many
// tickets. It is bounded: 11 states, 4 roles, MaxRules rules, and one count by the index.
func (a *API) PreviewWorkflow(ctx context.Context, actor domain.Actor, key domain.TrackerKey, proposal Proposal) ([]WorkflowChange, error) {
	now, _, err := a.Configurable(ctx, actor, key)
	if err != nil {
		return nil, err
	}
	then := now
	then.Workflow, then.ChosenRules = proposal.Workflow, proposal.Rules
	if !then.Workflow.Valid() {
		var problems domain.Problems
		problems.Add("workflow", "unknown-workflow", "relaxed or strict")
		return nil, problems.Err()
	}
	if err := tracker.CheckRules(then.Rules()); err != nil {
		return nil, err
	}
	tickets, err := a.TicketsInStates(ctx, key)
	changes := []WorkflowChange{}
	for _, d := range now.Compare(then) {
		changes = append(changes, WorkflowChange{d, tickets[d.From]})
	}
	return changes, err
}
