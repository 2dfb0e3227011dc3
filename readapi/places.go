package readapi

import (
	"context"
	"database/sql/driver"
	"fmt"

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
	stacks := map[domain.TrackerKey][]any{}
	for _, t := range of {
		if t.List == tracker.OpenList {
			stacks[t.Tracker] = append(stacks[t.Tracker], t.ID)
		}
	}
	places := map[domain.TicketID]int64{}
	for key, ids := range stacks {
		if err := a.placesIn(ctx, actor, key, ids, places); err != nil {
			return nil, err
		}
	}
	return places, nil
}

// placesIn adds the places of the tickets in one stack. Between each of them and the one before
// it the index is counted.
func (a *API) placesIn(ctx context.Context, actor domain.Actor, key domain.TrackerKey, ids []any, places map[domain.TicketID]int64) error {
	s := newStatement(actor)
	s.add("SELECT p.id, (SELECT COUNT(*) FROM (SELECT 1 FROM tickets n WHERE n.tracker = $n AND n.list = 'open' AND NOT n.deleted", key)
	s.add("AND (n.rank, n.id) > (p.above, p.above_id) AND (n.rank, n.id) <= (p.rank, p.id) LIMIT $n) c) AS more", mostPlaces+1)
	s.add("FROM (SELECT o.id, o.rank, LAG(o.rank, 1, $n) OVER (ORDER BY o.rank, o.id) AS above, LAG(o.id, 1, '') OVER (ORDER BY o.rank, o.id) AS above_id", rankKey(""))
	s.add("FROM tickets o WHERE o.tracker = $n AND o.list = 'open' AND NOT o.deleted AND "+seesRank, key)
	s.add("AND o.id IN ("+listOfArgs(ids)+")) p ORDER BY p.rank, p.id", ids...)
	s.add("LIMIT $n", len(ids))
	var rows []struct {
		ID   domain.TicketID `db:"id"`
		More int64           `db:"more"`
	}
	if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return fmt.Errorf("count places: %w", err)
	}
	place := int64(0)
	for _, row := range rows {
		if place += row.More; place > mostPlaces {
			break
		}
		places[row.ID] = place
	}
	return nil
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
