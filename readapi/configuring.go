package readapi

import (
	"context"
	"fmt"

	"suivi/domain"
	"suivi/domain/tracker"
)

// countInStates takes no actor: whoever configures a tracker may know how full it is.
const countInStates = `SELECT t.state, COUNT(*) AS n FROM tickets t WHERE t.tracker = $1 AND NOT t.deleted GROUP BY t.state LIMIT 11`

// Configurable is a tracker that the actor may configure, and its version;
// ErrNoTracker when they do not see it, Forbidden when they may not.
func (a *API) Configurable(ctx context.Context, actor domain.Actor, key domain.TrackerKey) (tracker.Tracker, uint64, error) {
	t, version, err := a.visibleTracker(ctx, actor, key)
	if err == nil && !t.May(actor, domain.Configure) {
		err = domain.Errorf(domain.Forbidden, "right-missing", "only managers configure the tracker %s", key)
	}
	return t, version, err
}

// TicketsInStates counts the tickets of a tracker by the state that they are in.
func (a *API) TicketsInStates(ctx context.Context, key domain.TrackerKey) (map[tracker.State]int64, error) {
	var rows []struct {
		State tracker.State `db:"state"`
		N     int64         `db:"n"`
	}
	if err := a.db.Read.SelectContext(ctx, &rows, countInStates, key); err != nil {
		return nil, fmt.Errorf("count the tickets of %s: %w", key, err)
	}
	tickets := map[tracker.State]int64{}
	for _, row := range rows {
		tickets[row.State] = row.N
	}
	return tickets, nil
}

// EveryTracker are the trackers that the actor sees, archived ones too, by key; at
// most the first so many.
func (a *API) EveryTracker(ctx context.Context, actor domain.Actor, most int) ([]ListedTracker, error) {
	rows, err := a.listTrackers(ctx, actor, trackersPage{archived: "all", limit: most})
	rows, _ = cut(rows, most)
	return rows, err
}
