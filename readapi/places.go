package readapi

import (
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// mostPlaces bounds what counting places costs: tickets further down have a
// place in the order, and no number is shown for it.
const mostPlaces = 10_000

// seesRank is tracker.Tracker.May(SeeRank) for the tracker of the ticket o.
const seesRank = `($2 OR o.tracker IN (SELECT m.tracker FROM members m WHERE m.person = $1 AND m.sees_rank))`

// rankKey is a rank.Key as the databases take it: as bytes.
type rankKey string

// Value makes bytes of it.
func (k rankKey) Value() (driver.Value, error) { return []byte(k), nil }

// places tells the place of each of the tickets in its tracker's stack: 1 on
// top, counted over all open tickets of the tracker. It leaves out those that are
// closed, and those whose rank the actor may not see.
func (a *API) places(ctx context.Context, actor domain.Actor, of []ticket.Ticket) (map[domain.TicketID]int64, error) {
	trackers := map[domain.TrackerKey]bool{}
	var ids []any
	for _, t := range of {
		if t.List == tracker.OpenList {
			trackers[t.Tracker] = true
			ids = append(ids, t.ID)
		}
	}
	if len(ids) == 0 {
		return map[domain.TicketID]int64{}, nil
	}
	s := newStatement(actor)
	s.add("SELECT p.id, p.place FROM (")
	for i, key := range slices.Sorted(maps.Keys(trackers)) {
		if i > 0 {
			s.add("UNION ALL")
		}
		s.add("SELECT n.id, ROW_NUMBER() OVER (ORDER BY n.rank, n.id) AS place FROM (SELECT o.id, o.rank FROM tickets o")
		s.add("WHERE o.tracker = $n AND o.list = 'open' AND NOT o.deleted AND "+seesRank, key)
		s.add("ORDER BY o.rank, o.id LIMIT $n) n", mostPlaces)
	}
	s.add(") p WHERE p.id IN ("+strings.TrimPrefix(strings.Repeat(", $n", len(ids)), ", ")+")", ids...)
	s.add("LIMIT $n", len(ids))
	var rows []struct {
		ID    domain.TicketID `db:"id"`
		Place int64           `db:"place"`
	}
	if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("count places: %w", err)
	}
	places := make(map[domain.TicketID]int64, len(rows))
	for _, row := range rows {
		places[row.ID] = row.Place
	}
	return places, nil
}

// rankAll fills in the places of a page.
func (a *API) rankAll(ctx context.Context, actor domain.Actor, rows []Listed) error {
	tickets := make([]ticket.Ticket, len(rows))
	for i, row := range rows {
		tickets[i] = row.Ticket
	}
	places, err := a.places(ctx, actor, tickets)
	for i := range rows {
		rows[i].Rank = places[rows[i].ID]
	}
	return err
}

// checkRankSort keeps the order of a stack from those who may not see ranks. A
// tracker that does not exist answers like one where one may not.
func (a *API) checkRankSort(ctx context.Context, actor domain.Actor, q question) error {
	if !q.order.ranks() {
		return nil
	}
	key := q.filter.Tracker[0]
	in, err := a.trackerOf(ctx, key)
	if err != nil && domain.KindOf(err) != domain.NotFound {
		return err
	}
	if !in.May(actor, domain.SeeRank) {
		return domain.Errorf(domain.Forbidden, "right-missing", "none of your roles may see ranks in %s", key)
	}
	return nil
}
