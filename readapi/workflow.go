package readapi

import (
	"context"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
)

// countInStates takes no actor: whoever configures a tracker may know how full it is.
const countInStates = `SELECT t.state, COUNT(*) AS n FROM tickets t WHERE t.tracker = $1 AND NOT t.deleted GROUP BY t.state LIMIT 11`

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

// previewed is what other rules would change for whom.
type previewed struct {
	tracker.Difference
	Tickets int64 `json:"tickets"` // that stand in the state now
}

// previewWorkflow answers POST /trackers/{key}/workflow/preview. It changes nothing.
func (to routes) previewWorkflow(c *fiber.Ctx) error {
	body := struct {
		Workflow tracker.Workflow `json:"workflow"`
		Rules    *[]tracker.Rule  `json:"rules"`
	}{Workflow: tracker.Strict}
	if err := to.edge.Body(c, &body); err != nil {
		return err
	}
	actor := to.who(c)
	now, _, err := to.visibleTracker(c.UserContext(), actor, domain.TrackerKey(c.Params("key")))
	if err != nil {
		return err
	}
	then := now
	then.Workflow, then.ChosenRules = body.Workflow, body.Rules
	if err := checkProposal(now, actor, then); err != nil {
		return err
	}
	changes, err := to.preview(c.UserContext(), now, then)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"changes": changes})
}

func checkProposal(now tracker.Tracker, actor domain.Actor, then tracker.Tracker) error {
	if !now.May(actor, domain.Configure) {
		return domain.Errorf(domain.Forbidden, "right-missing", "only managers configure the tracker %s", now.Key)
	}
	if !then.Workflow.Valid() {
		var problems domain.Problems
		problems.Add("workflow", "unknown-workflow", "relaxed or strict")
		return problems.Err()
	}
	return tracker.CheckRules(then.Rules())
}

// preview is bounded: 11 states, 4 roles, MaxRules rules, and one count by the index.
func (a *API) preview(ctx context.Context, now, then tracker.Tracker) ([]previewed, error) {
	var rows []struct {
		State tracker.State `db:"state"`
		N     int64         `db:"n"`
	}
	if err := a.db.Read.SelectContext(ctx, &rows, countInStates, now.Key); err != nil {
		return nil, fmt.Errorf("count the tickets of %s: %w", now.Key, err)
	}
	tickets := map[tracker.State]int64{}
	for _, row := range rows {
		tickets[row.State] = row.N
	}
	changes := []previewed{}
	for _, d := range now.Compare(then) {
		changes = append(changes, previewed{d, tickets[d.From]})
	}
	return changes, nil
}
