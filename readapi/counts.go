package readapi

import (
	"context"
	"fmt"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/jmoiron/sqlx"

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
	rows, known, err := a.countKept(ctx, actor, f)
	if err == nil && !known {
		var by seeing
		if by, err = a.seeing(ctx, actor, f); err == nil {
			rows, err = a.countSeen(ctx, by, f)
		}
	}
	for _, row := range rows {
		counts.States[row.State] += row.N
		counts.Lists[row.State.List()] += row.N
	}
	return counts, err
}

// countSeen counts by reading.
func (a *API) countSeen(ctx context.Context, by seeing, f filter) ([]stateCount, error) {
	s := by.statement()
	f.countStates(s, by.actor, by.few)
	var rows []stateCount
	if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("count tickets: %w", err)
	}
	return rows, nil
}

func (f filter) countStates(s *statement, actor domain.Actor, few []any) {
	s.add(countTickets)
	f.visible(s, actor, few)
	s.add("GROUP BY t.tracker, t.list, t.state) c GROUP BY c.state LIMIT $n", len(tracker.States()))
}

// countKept counts from what is kept, if that tells: then known.
func (a *API) countKept(ctx context.Context, actor domain.Actor, f filter) (rows []stateCount, known bool, err error) {
	of, told := f.counted(actor.ID)
	if !told {
		return nil, false, nil
	}
	known, err = a.fromKept(ctx, actor, f, func(tx *sqlx.Tx, k *kept) (err error) {
		if rows, err = keptStates(ctx, tx, k, of); err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(r stateCount) bool { return !f.asksFor(r.State) })
		if len(k.beside) == 0 {
			return nil
		}
		s := newStatement(actor)
		f.countStates(s, actor, k.beside)
		beside, err := selectKept[stateCount](ctx, tx, s)
		rows = append(rows, beside...)
		return err
	})
	return rows, known, err
}
