package readapi

import (
	"context"
	"fmt"
	"net/url"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi/lives"
)

// Count is how many tickets there are: so many at least, where there may be more.
type Count struct {
	N    int64
	More bool
}

// countUpTo counts the tickets of each list that the filter asks for. Where tickets must be read to be counted it
// stops at so many: what a page says of a long list must cost no more than the page.
func (a *API) countUpTo(ctx context.Context, by seeing, f filter, most int) (map[tracker.List]Count, error) {
	if by.reads(f) {
		return a.countLists(ctx, by, f, most)
	}
	counts, err := a.countAll(ctx, by, f)
	if err != nil {
		return nil, err
	}
	return f.ofLists(counts), nil
}

// ofLists are the counts of the lists and states that the filter asks for.
func (f filter) ofLists(counts lives.Counts) map[tracker.List]Count {
	lists := map[tracker.List]Count{}
	for _, list := range f.lists() {
		lists[list] = Count{}
	}
	for i, state := range tracker.States() {
		if f.asksFor(state) {
			lists[state.List()] = Count{N: lists[state.List()].N + counts[i]}
		}
	}
	return lists
}

// TicketsAndTabs is what Tickets gives, and how many tickets each list has, whatever the list
// and the states asked for, which where tickets must be read to be counted is up to so many. Words that
// many tickets have are looked for in one after the other, so that of them the page alone is told, and a
// list that it does not tell of is left out. It is not for lists of the past.
func (a *API) TicketsAndTabs(ctx context.Context, actor domain.Actor, query url.Values, most int) (TicketPage, map[tracker.List]Count, error) {
	p := valueParams(query, filterParams(pageParams()...)...)
	p.me = actor.ID
	q, err := a.askedFor(ctx, actor, p)
	if err != nil {
		return TicketPage{}, nil, err
	}
	by, err := a.seeing(ctx, actor, q.filter)
	if err != nil {
		return TicketPage{}, nil, err
	}
	page, err := a.pageAs(ctx, by, q)
	if err != nil {
		return page, nil, err
	}
	if by.looksFor(q.filter, true) {
		return page, q.tells(page), nil
	}
	counts, err := a.countUpTo(ctx, by, q.filter.ofTabs(), most)
	return page, counts, err
}

// tells is how many tickets a page shows that the lists have.
func (q question) tells(page TicketPage) map[tracker.List]Count {
	counts := map[tracker.List]Count{}
	if q.key != nil || len(q.filter.State) > 0 { // others come before it, or are left out
		return counts
	}
	for _, list := range q.filter.lists() {
		counts[list] = Count{0, page.Next != ""}
	}
	for _, t := range page.Tickets {
		count := counts[t.List]
		count.N++
		counts[t.List] = count
	}
	return counts
}

// ofTabs is the filter whatever the list and states.
func (f filter) ofTabs() filter {
	f.List, f.State = allLists, nil
	return f
}

// countLists counts the tickets of each list that the filter asks for by reading, up to so many.
func (a *API) countLists(ctx context.Context, by seeing, f filter, most int) (map[tracker.List]Count, error) {
	counts := map[tracker.List]Count{}
	for _, list := range f.lists() {
		n, err := a.countAtMost(ctx, by, f, list, most)
		if err != nil {
			return nil, err
		}
		counts[list] = Count{n, n >= int64(most)}
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
