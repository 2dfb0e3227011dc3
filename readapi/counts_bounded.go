package readapi

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Count is how many tickets there are: so many at least, where there may be more.
type Count struct {
	N    int64
	More bool
}

// CountsUpTo counts the tickets of each list that the parameters of GET
// /tickets/counts ask for, and stops at so many: what a page says of a long list
// must cost no more than the page.
func (a *API) CountsUpTo(ctx context.Context, actor domain.Actor, query url.Values, most int) (map[tracker.List]Count, error) {
	p := valueParams(query, filterParams()...)
	p.me = actor.ID
	f := p.filter("all")
	if err := p.err(); err != nil {
		return nil, err
	}
	counts, known, err := a.countKeptUpTo(ctx, actor, f, most)
	if err == nil && !known {
		var by seeing
		if by, err = a.seeing(ctx, actor, f); err == nil {
			counts, err = a.countLists(ctx, by, f, most)
		}
	}
	return upTo(counts, most), err
}

// upTo are counts that stopped at so many.
func upTo(counts map[tracker.List]int64, most int) map[tracker.List]Count {
	all := map[tracker.List]Count{}
	for list, n := range counts {
		all[list] = Count{n, n >= int64(most)}
	}
	return all
}

// TicketsAndTabs is what Tickets gives, and how many tickets each list has, whatever the list
// and the states asked for, counted up to so many. What is searched for is found once for both. Words that
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
	counts, known, err := a.countKeptUpTo(ctx, actor, q.filter.ofTabs(), most)
	if err != nil {
		return TicketPage{}, nil, err
	}
	if !known && slices.Contains(by.common, true) {
		page, _, err := a.pageAs(ctx, by, q)
		return page, q.tells(page), err
	}
	if !known {
		q.tabs = most
	}
	page, found, err := a.pageAs(ctx, by, q)
	if !known {
		counts = found
	}
	return page, upTo(counts, most), err
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

// countKeptUpTo counts from what is kept, if that tells: then known.
func (a *API) countKeptUpTo(ctx context.Context, actor domain.Actor, f filter, most int) (counts map[tracker.List]int64, known bool, err error) {
	rows, known, err := a.countKept(ctx, actor, f)
	if !known || err != nil {
		return nil, known, err
	}
	counts = map[tracker.List]int64{}
	for _, row := range rows {
		counts[row.State.List()] = min(counts[row.State.List()]+row.N, int64(most))
	}
	return counts, true, nil
}

// countLists counts the tickets of each list that the filter asks for.
func (a *API) countLists(ctx context.Context, by seeing, f filter, most int) (map[tracker.List]int64, error) {
	counts := map[tracker.List]int64{}
	for _, list := range f.lists() {
		n, err := a.countAtMost(ctx, by, f, list, most)
		if err != nil {
			return nil, err
		}
		counts[list] = n
	}
	return counts, nil
}

// countAtMost counts the tickets of one list.
func (a *API) countAtMost(ctx context.Context, by seeing, f filter, list tracker.List, most int) (n int64, err error) {
	s := by.statement()
	f.countAtMost(s, by, list, most)
	if err := a.db.Read.GetContext(ctx, &n, s.text.String(), s.args...); err != nil {
		return 0, fmt.Errorf("count tickets: %w", err)
	}
	return n, nil
}

func (f filter) countAtMost(s *statement, by seeing, list tracker.List, most int) {
	s.add("SELECT COUNT(*) FROM (SELECT t.id")
	s.fromTickets(by.few)
	s.add("AND t.list = $n", list)
	f.where(s, by.actor)
	s.add("LIMIT $n) c", most)
}
