package readapi

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/tracker"
)

// A projection keeps figures of whole trackers. Who sees all of a tracker is answered from
// them; what they see beside is counted by reading, and so is everything when more is
// asked than figures tell.

// kept is what figures tell of the tickets that somebody sees.
type kept struct {
	trackers []domain.TrackerKey // that they see all of; the one "": of the whole site
	beside   []any               // the ids of the other tickets that they see, some of which they may not
}

// whole tells whether figures alone answer, those of one row of trackers.
func (k *kept) whole() bool { return len(k.trackers) == 1 && len(k.beside) == 0 }

// in adds the condition that a row g of figures is of what is kept.
func (k *kept) in(s *statement) { within(s, "AND g.tracker", k.trackers) }

// ofTrackers tells whether the filter asks for nothing but trackers, and lists and states of them.
func (f filter) ofTrackers() bool {
	return f.Scope == "all" && len(f.Assignee)+len(f.Reporter)+len(f.Answers)+len(f.Search) == 0 && f.ID == "" && f.Number == 0 &&
		f.From == nil && f.To == nil && f.ResolvedFrom == nil && f.ResolvedTo == nil
}

// ofAll tells whether the filter asks for all tickets of trackers.
func (f filter) ofAll() bool { return f.ofTrackers() && f.List == allLists && len(f.State) == 0 }

// counted is what the figures count that tell of a filter: all tickets of trackers, or those that a person
// has or has reported; the person "" is nobody.
type counted struct {
	figure string // state, assignee or reporter
	person domain.UserID
}

// counted is not known when figures do not tell of the filter.
func (f filter) counted(me domain.UserID) (of counted, known bool) {
	of.figure = "state"
	one := func(figure string, people []domain.UserID) []domain.UserID {
		if of.figure != "state" || len(people) != 1 {
			return people
		}
		of = counted{figure, people[0]}
		return nil
	}
	switch {
	case f.Scope == "mine" && len(f.Reporter) == 0:
		f.Scope, f.Reporter = "all", []domain.UserID{me}
	case f.Scope == "work" && len(f.Assignee) == 0:
		f.Scope, f.Assignee = "all", []domain.UserID{me}
	}
	f.Assignee = one("assignee", f.Assignee)
	f.Reporter = one("reporter", f.Reporter)
	return of, f.ofTrackers()
}

// besideIDs lists the tickets that a person may see for themselves, in other
// trackers than they see all of, and perhaps a few that they may not; at most $2.
const besideIDs = `SELECT id FROM (SELECT b.id, b.tracker FROM tickets b WHERE b.reporter = $1
	UNION SELECT b.id, b.tracker FROM tickets b WHERE b.assignee = $1
	UNION SELECT b.id, b.tracker FROM watchers w CROSS JOIN tickets b WHERE w.person = $1 AND b.id = w.ticket) c
	WHERE c.tracker NOT IN (SELECT m.tracker FROM members m WHERE m.person = $1 AND m.sees_all) LIMIT $2`

const seenWholly = `SELECT m.tracker FROM members m WHERE m.person = $1 AND m.sees_all ORDER BY m.tracker LIMIT 10000`

// kept is what figures tell of the tickets that the filter asks for, which is ofTrackers;
// nil where reading is the better way.
func (a *API) kept(ctx context.Context, tx *sqlx.Tx, actor domain.Actor, f filter) (*kept, error) {
	if actor.Admin {
		if len(f.Tracker) == 0 {
			return &kept{trackers: []domain.TrackerKey{""}}, nil
		}
		return &kept{trackers: f.Tracker}, nil
	}
	k := &kept{}
	if err := tx.SelectContext(ctx, &k.trackers, seenWholly, actor.ID); err != nil {
		return nil, fmt.Errorf("list what %s sees all of: %w", actor.ID, err)
	}
	if len(f.Tracker) > 0 {
		k.trackers = slices.DeleteFunc(k.trackers, func(key domain.TrackerKey) bool { return !slices.Contains(f.Tracker, key) })
	}
	switch {
	case len(k.trackers) == 0:
		return nil, nil //nolint:nilnil // none is a value here
	case len(k.trackers) == len(f.Tracker):
		return k, nil
	}
	if err := tx.SelectContext(ctx, &k.beside, besideIDs, actor.ID, a.few+1); err != nil {
		return nil, fmt.Errorf("list what %s sees beside: %w", actor.ID, err)
	}
	if len(k.beside) > a.few {
		return nil, nil //nolint:nilnil // as above
	}
	return k, nil
}

// fromKept has an answer read from what is kept; not known: nothing is read, as reading all is the
// better way. The reads see the tables as they are at one moment, and must all go through
// the transaction: who holds one connection must not wait for another.
func (a *API) fromKept(ctx context.Context, actor domain.Actor, f filter, read func(tx *sqlx.Tx, k *kept) error) (known bool, err error) {
	tx, err := a.db.Read.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return false, fmt.Errorf("begin a reading transaction: %w", err)
	}
	defer func() {
		if ended := tx.Rollback(); ended != nil && !errors.Is(ended, sql.ErrTxDone) {
			err = errors.Join(err, fmt.Errorf("end a reading transaction: %w", ended))
		}
	}()
	k, err := a.kept(ctx, tx, actor, f)
	if k == nil || err != nil {
		return false, err
	}
	return true, read(tx, k)
}

// selectKept reads the rows of a statement.
func selectKept[T any](ctx context.Context, tx *sqlx.Tx, s *statement) ([]T, error) {
	var rows []T
	if err := tx.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("read what is kept: %w", err)
	}
	return rows, nil
}

// stateCount is how many tickets are in a state.
type stateCount struct {
	State tracker.State `db:"state"`
	N     int64         `db:"n"`
}

// keptStates is how many tickets are in each state, of those that are kept and counted.
func keptStates(ctx context.Context, tx *sqlx.Tx, k *kept, of counted) ([]stateCount, error) {
	s := &statement{}
	if of.figure == "state" {
		s.add("SELECT g.a AS state, CAST(SUM(g.n) AS BIGINT) AS n FROM figures g WHERE g.kind = 'state'")
	} else {
		s.add("SELECT g.b AS state, CAST(SUM(g.n) AS BIGINT) AS n FROM figures g WHERE g.kind = $n AND g.a = $n", of.figure, of.person)
	}
	k.in(s)
	s.add("GROUP BY 1 LIMIT $n", len(tracker.States()))
	return selectKept[stateCount](ctx, tx, s)
}
