package readapi

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
)

// sightsOf are those of the tickets that the actor sees, and those that are deleted and that they would see.
func (a *API) sightsOf(ctx context.Context, actor domain.Actor, ids map[domain.TicketID]bool) (map[domain.TicketID]Sight, error) {
	s := newStatement(actor)
	s.add(someTickets + " AND t.id IN (''")
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		s.add(", $n", id)
	}
	s.add(")")
	var found []ticketRow
	if err := a.db.Read.SelectContext(ctx, &found, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("find the tickets of some events: %w", err)
	}
	seen := make(map[domain.TicketID]Sight, len(found))
	trackers := map[domain.TrackerKey]tracker.Tracker{}
	for _, row := range found {
		t, err := row.ticket()
		if err != nil {
			return nil, err
		}
		t.Inner.Deleted = row.Deleted
		s := Sight{actor: actor, ticket: t}
		if err := a.placeAmong(ctx, &s, trackers); err != nil {
			return nil, err
		}
		seen[t.ID] = s
	}
	return seen, nil
}
