package readapi

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"suivi/domain"
)

// Every query on tickets holds seesTicket, every query on trackers that people
// ask for holds seesTracker. Their first two arguments are always the actor's
// id, $1, and whether they administer the site, $2.

// seesTicket is ticket.Ticket.SeenBy for the ticket t; a test holds the two together.
const seesTicket = `NOT t.deleted AND ` + wouldSeeTicket

// wouldSeeTicket is seesTicket whether or not the ticket is deleted. What indexes have comes first.
const wouldSeeTicket = `($2 OR t.tracker IN (SELECT m.tracker FROM members m WHERE m.person = $1 AND m.sees_all)
	OR t.reporter = $1 OR t.assignee = $1 AND $1 <> ''
	OR t.id IN (SELECT w.ticket FROM watchers w WHERE w.person = $1)
		AND t.tracker IN (SELECT m.tracker FROM members m WHERE m.person = $1))`

// seesDeleted is for the few reads by which administrators look after deleted tickets.
// It names $1 because Postgres wants every argument to be used.
const seesDeleted = `t.deleted AND $2 AND $1 <> ''`

// seesTracker is tracker.Tracker.Sees for the tracker k.
const seesTracker = `($2 OR k.key IN (SELECT m.tracker FROM members m WHERE m.person = $1))`

// visibleIDs lists what seesTicket lets a person see who administers nothing, at
// most $2 of them, some twice. It is a way to those tickets that is short when they are few,
// and decides nothing: the queries that go it hold seesTicket as well. CROSS JOIN
// keeps SQLite from turning the order round.
const visibleIDs = `SELECT b.id FROM tickets b WHERE b.reporter = $1
	UNION ALL SELECT b.id FROM tickets b WHERE b.assignee = $1
	UNION ALL SELECT b.id FROM members m CROSS JOIN tickets b
		WHERE m.person = $1 AND m.sees_all AND b.tracker = m.tracker
	UNION ALL SELECT w.ticket FROM watchers w WHERE w.person = $1
	LIMIT $2`

// visibleFew are the ids of all tickets that the actor may see; nil when those
// are many, or the filter is a short way of its own.
func (a *API) visibleFew(ctx context.Context, actor domain.Actor, f filter) ([]any, error) {
	if actor.Admin || f.Scope != "all" {
		return nil, nil
	}
	ids := []string{}
	if err := a.db.Read.SelectContext(ctx, &ids, visibleIDs, actor.ID, a.few+1); err != nil {
		return nil, fmt.Errorf("list what %s sees: %w", actor.ID, err)
	}
	if len(ids) > a.few {
		return nil, nil
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return args, nil
}

// fewAtOnce is how many ids are named, or a multiple of it: statements of a few lengths are kept ready.
const fewAtOnce = 32

// fromTickets adds the tickets t, by way of the ids if there are some, and their
// condition. CROSS JOIN as above; the empty id, which no ticket has, stands for those that are not there.
func (s *statement) fromTickets(ids []any) {
	if ids == nil {
		s.add("FROM tickets t WHERE " + seesTicket)
		return
	}
	few := slices.Clone(ids)
	for len(few)%fewAtOnce > 0 || len(few) == 0 {
		few = append(few, "")
	}
	s.add("FROM (VALUES ($n)"+strings.Repeat(", ($n)", len(few)-1)+") few CROSS JOIN tickets t", few...)
	s.add("WHERE t.id = few.column1 AND " + seesTicket)
}
