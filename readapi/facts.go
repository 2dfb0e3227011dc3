package readapi

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"suivi/domain"
	"suivi/domain/tracker"
)

// What commands asks: it acts for nobody, so these queries see everything.

// Two nodes may have posted for the same key at the same instant: the first number counts.
const postedBy = `SELECT t.id FROM tickets t WHERE t.post_command = $1 ORDER BY t.number LIMIT 1`

const statesInUse = `SELECT DISTINCT t.state FROM tickets t WHERE t.tracker = $1 AND NOT t.deleted LIMIT 11`

const openByAssignee = `SELECT t.assignee, COUNT(*) AS n FROM tickets t
WHERE t.tracker = $1 AND t.list = 'open' AND NOT t.deleted AND t.assignee <> '' GROUP BY t.assignee LIMIT 10000`

// OpenByAssignee counts the open tickets of the tracker that people have.
func (a *API) OpenByAssignee(ctx context.Context, key domain.TrackerKey) (map[domain.UserID]int, error) {
	var rows []struct {
		Assignee domain.UserID `db:"assignee"`
		N        int           `db:"n"`
	}
	if err := a.db.Read.SelectContext(ctx, &rows, openByAssignee, key); err != nil {
		return nil, fmt.Errorf("count the open tickets of %s by assignee: %w", key, err)
	}
	open := make(map[domain.UserID]int, len(rows))
	for _, row := range rows {
		open[row.Assignee] = row.N
	}
	return open, nil
}

const stranded = `SELECT t.id FROM migrations m CROSS JOIN tickets t
WHERE t.tracker = m.tracker AND t.state = m.state AND ($1 = '' OR m.tracker = $1) LIMIT 200`

// Stranded lists tickets that are in a state from which their tracker migrates,
// at most 200: of one tracker, or of all for the key "".
func (a *API) Stranded(ctx context.Context, key domain.TrackerKey) ([]domain.TicketID, error) {
	var ids []domain.TicketID
	if err := a.db.Read.SelectContext(ctx, &ids, stranded, key); err != nil {
		return nil, fmt.Errorf("list the tickets that have to migrate: %w", err)
	}
	return ids, nil
}

const watchedBy = `SELECT t.id FROM watchers w JOIN tickets t ON t.id = w.ticket
WHERE w.person = $1 AND ` + seesTicket + ` AND ($3 = '' OR t.tracker = $3) AND t.id > $4
ORDER BY t.id LIMIT 200`

// Watched lists tickets that the person watches and sees, by id, at most 200: of one
// tracker, or of all for the key "", after the id.
func (a *API) Watched(ctx context.Context, who domain.Actor, key domain.TrackerKey, after domain.TicketID) ([]domain.TicketID, error) {
	var ids []domain.TicketID
	if err := a.db.Read.SelectContext(ctx, &ids, watchedBy, who.ID, who.Admin, key, after); err != nil {
		return nil, fmt.Errorf("list what %s watches: %w", who.ID, err)
	}
	return ids, nil
}

// PostedBy finds the ticket that the command posted, when it carried an
// idempotency key and the read models have it.
func (a *API) PostedBy(ctx context.Context, command uuid.UUID) (domain.TicketID, bool, error) {
	var id domain.TicketID
	err := a.db.Read.GetContext(ctx, &id, postedBy, command.String())
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("find the ticket that the command %s posted: %w", command, err)
	}
	return id, true, nil
}

// StatesInUse lists the states that tickets of the tracker are in, each once, in
// no order. Deleted ones do not count: nobody could move them on.
func (a *API) StatesInUse(ctx context.Context, key domain.TrackerKey) ([]tracker.State, error) {
	var states []tracker.State
	if err := a.db.Read.SelectContext(ctx, &states, statesInUse, key); err != nil {
		return nil, fmt.Errorf("list the states in use in %s: %w", key, err)
	}
	return states, nil
}

// AnswersGiven tells what tickets of the trackers answer to the field: which of
// the options, and whether anything at all.
func (a *API) AnswersGiven(ctx context.Context, in []domain.TrackerKey, code string, options []string) (used []string, answered bool, err error) {
	if answered, err = a.anyAnswer(ctx, in, code, ""); !answered || err != nil {
		return nil, answered, err
	}
	for _, option := range options {
		given, err := a.anyAnswer(ctx, in, code, option)
		if err != nil {
			return nil, answered, err
		}
		if given {
			used = append(used, option)
		}
	}
	return used, answered, nil
}

// anyAnswer tells whether there is one with the option, or at all when that is "".
func (a *API) anyAnswer(ctx context.Context, in []domain.TrackerKey, code, option string) (bool, error) {
	s := &statement{}
	s.add("SELECT EXISTS (SELECT 1 FROM tickets t WHERE t.answers ->> $n IS NOT NULL", code)
	if option != "" {
		s.add("AND ',' || (t.answers ->> $n) || ',' <> REPLACE(',' || (t.answers ->> $n) || ',', ',' || $n || ',', '')", code, code, option)
	}
	s.add("AND t.tracker IN (''")
	for _, key := range in {
		s.add(", $n", key)
	}
	s.add("))")
	var found bool
	if err := a.db.Read.GetContext(ctx, &found, s.text.String(), s.args...); err != nil {
		return false, fmt.Errorf("look for answers to the field %s: %w", code, err)
	}
	return found, nil
}
