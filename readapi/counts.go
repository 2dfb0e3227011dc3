package readapi

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi/lives"
)

// Counts are how many of the tickets asked for stand where; every list and state is there.
type Counts struct {
	Lists  map[tracker.List]int64  `json:"lists"`
	States map[tracker.State]int64 `json:"states"`
}

// counts answers GET /tickets/counts.
func (to routes) counts(c *fiber.Ctx) error {
	p, err := to.filterOf(c)
	if err != nil {
		return err
	}
	counts, err := to.countsOf(c.UserContext(), to.who(c), p)
	if err != nil {
		return err
	}
	return c.JSON(counts)
}

func (a *API) countsOf(ctx context.Context, actor domain.Actor, p *params) (Counts, error) {
	f := p.filter("all")
	if err := p.err(); err != nil {
		return Counts{}, err
	}
	return a.count(ctx, actor, f)
}

func (a *API) count(ctx context.Context, actor domain.Actor, f filter) (Counts, error) {
	all := Counts{Lists: map[tracker.List]int64{tracker.OpenList: 0, tracker.ResolvedList: 0}, States: map[tracker.State]int64{}}
	var counts lives.Counts
	err := a.fromLives(ctx, actor, f, func(v lives.View, w lives.Which) { counts = v.Count(w) })
	for i, state := range tracker.States() {
		all.States[state] = counts[i]
		all.Lists[state.List()] += counts[i]
	}
	return all, err
}

// Unassigned is how many open tickets nobody has, of those that the actor sees; trackers without such are left out.
func (a *API) Unassigned(ctx context.Context, actor domain.Actor) (counts map[domain.TrackerKey]int64, err error) {
	which, err := a.which(ctx, seeing{actor: actor}, filter{List: tracker.OpenList, Assignee: []domain.UserID{""}})
	if err != nil {
		return nil, err
	}
	err = a.lives.Use(ctx, func(v lives.View) { counts = v.CountByTracker(which) })
	return counts, err
}
