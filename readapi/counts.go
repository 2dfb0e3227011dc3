package readapi

import (
	"context"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
)

// countTickets counts by tracker first, as the index has them, then puts together.
const countTickets = `SELECT c.state, CAST(SUM(c.n) AS BIGINT) AS n FROM (
SELECT t.tracker, t.list, t.state, COUNT(*) AS n`

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
	counts := Counts{Lists: map[tracker.List]int64{tracker.OpenList: 0, tracker.ResolvedList: 0}, States: map[tracker.State]int64{}}
	for _, state := range tracker.States() {
		counts.States[state] = 0
	}
	few, err := a.visibleFew(ctx, actor, f)
	if err != nil {
		return counts, err
	}
	s, err := a.searching(ctx, actor, f)
	if err != nil {
		return counts, err
	}
	s.add(countTickets)
	f.visible(s, actor, few)
	s.add("GROUP BY t.tracker, t.list, t.state) c GROUP BY c.state LIMIT $n", len(tracker.States()))
	var rows []struct {
		State tracker.State `db:"state"`
		N     int64         `db:"n"`
	}
	if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return counts, fmt.Errorf("count tickets: %w", err)
	}
	for _, row := range rows {
		counts.States[row.State] = row.N
		counts.Lists[row.State.List()] += row.N
	}
	return counts, nil
}
