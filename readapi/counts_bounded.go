package readapi

import (
	"context"
	"fmt"
	"net/url"

	"suivi/domain"
	"suivi/domain/tracker"
)

// CountsUpTo counts the tickets of each list that the parameters of GET
// /tickets/counts ask for, and stops at so many: what a page says of a long list
// must cost no more than the page.
func (a *API) CountsUpTo(ctx context.Context, actor domain.Actor, query url.Values, most int) (map[tracker.List]int64, error) {
	p := valueParams(query, filterParams()...)
	p.me = actor.ID
	f := p.filter("all")
	if err := p.err(); err != nil {
		return nil, err
	}
	counts := map[tracker.List]int64{}
	rows, known, err := a.countKept(ctx, actor, f)
	if known || err != nil {
		for _, row := range rows {
			counts[row.State.List()] = min(counts[row.State.List()]+row.N, int64(most))
		}
		return counts, err
	}
	by, err := a.seeing(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	for _, list := range f.lists() {
		if counts[list], err = a.countAtMost(ctx, by, f, list, most); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// countAtMost counts the tickets of one list.
func (a *API) countAtMost(ctx context.Context, by seeing, f filter, list tracker.List, most int) (n int64, err error) {
	s := by.statement()
	s.add("SELECT COUNT(*) FROM (SELECT t.id")
	s.fromTickets(by.few)
	s.add("AND t.list = $n", list)
	f.where(s, by.actor)
	s.add("LIMIT $n) c", most)
	if err := a.db.Read.GetContext(ctx, &n, s.text.String(), s.args...); err != nil {
		return 0, fmt.Errorf("count tickets: %w", err)
	}
	return n, nil
}
