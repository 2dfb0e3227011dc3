package readapi

import (
	"context"
	"fmt"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
)

// listAssigned has what the actor has given to somebody else who has it still, with
// nobody's giving in between. What a tracker gives out by itself as the actor posts is not their doing.
const listAssigned = `SELECT t.id, t.tracker, t.summary, t.state, t.list, t.assignee, o.occurred_at
FROM ownership_changes o JOIN tickets t ON t.id = o.ticket
WHERE o.actor = $1 AND o.to_user = t.assignee AND o.to_user <> '' AND o.to_user <> $1
	AND NOT (o.version = 2 AND t.reporter = o.actor)
	AND NOT EXISTS (SELECT 1 FROM ownership_changes n WHERE n.ticket = o.ticket AND n.version > o.version)
	AND ` + seesTicket + `
ORDER BY o.occurred_at DESC, t.id LIMIT $3`

// AssignedTicket is a ticket that the asker has given to somebody who has it still.
type AssignedTicket struct {
	Ticket   domain.TicketID   `db:"id"`
	Tracker  domain.TrackerKey `db:"tracker"`
	Summary  string            `db:"summary"`
	State    tracker.State     `db:"state"`
	List     tracker.List      `db:"list"`
	Assignee domain.UserID     `db:"assignee"`
	At       time.Time         `db:"occurred_at"`
}

// Assigned are the tickets that the actor has given to others who have them still,
// the last first; at most so many. more tells whether there are others.
func (a *API) Assigned(ctx context.Context, actor domain.Actor, most int) (rows []AssignedTicket, more bool, err error) {
	if err := a.db.Read.SelectContext(ctx, &rows, listAssigned, actor.ID, actor.Admin, most+1); err != nil {
		return nil, false, fmt.Errorf("list what %s has assigned: %w", actor.ID, err)
	}
	rows, more = cut(rows, most)
	for i := range rows {
		rows[i].At = rows[i].At.UTC()
	}
	return rows, more, nil
}

// Watches are the tickets that the actor watches and sees, by id, after the one given;
// at most so many. more tells whether there are others.
func (a *API) Watches(ctx context.Context, actor domain.Actor, after domain.TicketID, most int) (rows []WatchedTicket, more bool, err error) {
	rows, err = a.listWatches(ctx, actor, string(after), most)
	rows, more = cut(rows, most)
	return rows, more, err
}
