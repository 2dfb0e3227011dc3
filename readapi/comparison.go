package readapi

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
)

// comparison answers GET /trackers/{key}/parent/comparison: the fields of a tracker
// beside those of its parent, as far as the asker sees both.
func (to routes) comparison(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	actor := to.who(c)
	t, _, err := to.visibleTracker(c.UserContext(), actor, domain.TrackerKey(c.Params("key")))
	if err != nil {
		return err
	}
	if t.Parent == "" {
		return domain.Errorf(domain.NotFound, "no-parent", "the tracker %s stands alone", t.Key)
	}
	parent, _, err := to.visibleTracker(c.UserContext(), actor, t.Parent)
	if err != nil {
		return err
	}
	fields := t.SeenAs(actor).CompareFields(parent.SeenAs(actor))
	counts := map[tracker.Verdict]int{tracker.FieldEqual: 0, tracker.FieldConflicting: 0, tracker.FieldOnlyHere: 0, tracker.FieldOnlyAbove: 0}
	for _, f := range fields {
		counts[f.Verdict]++
	}
	return c.JSON(fiber.Map{
		"tracker": t.Key, "parent": parent.Key, "fields": fields, "counts": counts,
		"match": counts[tracker.FieldEqual] == len(fields),
	})
}
