package readapi

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Comparison is the fields of a tracker beside those of its parent.
type Comparison struct {
	Tracker domain.TrackerKey         `json:"tracker"`
	Parent  domain.TrackerKey         `json:"parent"`
	Fields  []tracker.FieldComparison `json:"fields"`
	Counts  map[tracker.Verdict]int   `json:"counts"`
	Match   bool                      `json:"match"` // all are equal
}

// comparison answers GET /trackers/{key}/parent/comparison.
func (to routes) comparison(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	compared, err := to.CompareWithParent(c.UserContext(), to.who(c), domain.TrackerKey(c.Params("key")))
	if err != nil {
		return err
	}
	return c.JSON(compared)
}

// CompareWithParent compares as far as the actor sees both trackers; NotFound where
// there is no parent, or none that they see.
func (a *API) CompareWithParent(ctx context.Context, actor domain.Actor, key domain.TrackerKey) (Comparison, error) {
	t, _, err := a.visibleTracker(ctx, actor, key)
	if err != nil {
		return Comparison{}, err
	}
	if t.Parent == "" {
		return Comparison{}, domain.Errorf(domain.NotFound, "no-parent", "the tracker %s stands alone", t.Key)
	}
	parent, _, err := a.visibleTracker(ctx, actor, t.Parent)
	if err != nil {
		return Comparison{}, err
	}
	compared := Comparison{Tracker: t.Key, Parent: parent.Key, Fields: t.SeenAs(actor).CompareFields(parent.SeenAs(actor)),
		Counts: map[tracker.Verdict]int{tracker.FieldEqual: 0, tracker.FieldConflicting: 0, tracker.FieldOnlyHere: 0, tracker.FieldOnlyAbove: 0}}
	for _, f := range compared.Fields {
		compared.Counts[f.Verdict]++
	}
	compared.Match = compared.Counts[tracker.FieldEqual] == len(compared.Fields)
	return compared, nil
}
