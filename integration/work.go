package integration

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"suivi/domain"
)

// Work is a long work that somebody has ordered on what a reactor keeps in step for a
// tracker. There is one at a time, on whatever node; the last one is remembered.
type Work struct {
	ID      string            `json:"id"`
	Reactor string            `json:"-"`
	Tracker domain.TrackerKey `json:"-"`
	Kind    string            `json:"kind"` // a word of who does it
	By      domain.UserID     `json:"by"`
	Began   time.Time         `json:"began"`
	Ended   *time.Time        `json:"ended,omitempty"` // none: it goes on
	Done    uint64            `json:"done"`
	Total   uint64            `json:"total"`             // 0: not known yet
	Failure string            `json:"failure,omitempty"` // why it ended before its end
	Result  json.RawMessage   `json:"result,omitempty"`  // of what has ended well
}

// Running tells whether it goes on.
func (w Work) Running() bool { return w.Ended == nil }

// The failures of works that nobody has ended in the usual way.
const (
	Interrupted = "interrupted" // its process ended
	Cancelled   = "cancelled"   // a person did
)

// lostAfter is how long after its last sign a work counts as interrupted, as when its process was killed.
const lostAfter = 30 * time.Second

// BeginWork notes that a work begins, or refuses it while another one of the same reactor
// and tracker goes on.
func (r *Reactors) BeginWork(ctx context.Context, w Work) (Work, error) {
	w.ID, w.Began, w.Ended, w.Done, w.Total, w.Failure, w.Result = uuid.NewString(), r.now(), nil, 0, 0, "", nil
	result, err := r.cfg.DB.Write.ExecContext(ctx, `INSERT INTO works (reactor, tracker, id, kind, ordered_by, began_at, seen_at, done, total, failure, result)
		VALUES ($1, $2, $3, $4, $5, $6, $6, 0, 0, '', 'null')
		ON CONFLICT (reactor, tracker) DO UPDATE SET id = excluded.id, kind = excluded.kind, ordered_by = excluded.ordered_by, began_at = excluded.began_at,
			seen_at = excluded.seen_at, ended_at = NULL, done = 0, total = 0, failure = '', result = excluded.result
		WHERE works.ended_at IS NOT NULL OR works.seen_at < $7`,
		w.Reactor, w.Tracker, w.ID, w.Kind, w.By, w.Began, w.Began.Add(-lostAfter))
	if err != nil {
		return w, fmt.Errorf("begin a work of %s on %s: %w", w.Reactor, w.Tracker, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return w, errors.Join(err, domain.Errorf(domain.Refused, "work-running", "another work goes on there; wait until it is done, or end it"))
	}
	return w, nil
}

// KeepWork notes how far the work is. goesOn is false when somebody has ended it meanwhile.
func (r *Reactors) KeepWork(ctx context.Context, w Work) (goesOn bool, err error) {
	return r.setWork(ctx, w, nil)
}

// EndWork notes what came of the work, unless somebody has ended it before.
func (r *Reactors) EndWork(ctx context.Context, w Work) error {
	now := r.now()
	_, err := r.setWork(ctx, w, &now)
	return err
}

func (r *Reactors) setWork(ctx context.Context, w Work, ended *time.Time) (bool, error) {
	if w.Result == nil {
		w.Result = json.RawMessage("null")
	}
	result, err := r.cfg.DB.Write.ExecContext(ctx, `UPDATE works SET seen_at = $1, ended_at = $2, done = $3, total = $4, failure = $5, result = $6
		WHERE id = $7 AND ended_at IS NULL`, r.now(), ended, int64(w.Done), int64(w.Total), w.Failure, string(w.Result), w.ID)
	if err != nil {
		return false, fmt.Errorf("note how far a work of %s on %s is: %w", w.Reactor, w.Tracker, err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// CancelWork ends the work of the reactor on the tracker; its process hears of it within a second or two.
func (r *Reactors) CancelWork(ctx context.Context, reactor string, key domain.TrackerKey) error {
	result, err := r.cfg.DB.Write.ExecContext(ctx, `UPDATE works SET ended_at = $1, failure = $2 WHERE reactor = $3 AND tracker = $4 AND ended_at IS NULL`,
		r.now(), Cancelled, reactor, key)
	if err != nil {
		return fmt.Errorf("end the work of %s on %s: %w", reactor, key, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errNoWork())
	}
	return nil
}

func errNoWork() error {
	return domain.Errorf(domain.NotFound, "work-not-found", "there is no such work")
}

// LastWork is the last work of the reactor on the tracker; domain.NotFound when there was none.
func (r *Reactors) LastWork(ctx context.Context, reactor string, key domain.TrackerKey) (Work, error) {
	var row struct {
		ID      string        `db:"id"`
		Kind    string        `db:"kind"`
		By      domain.UserID `db:"ordered_by"`
		Began   time.Time     `db:"began_at"`
		Seen    time.Time     `db:"seen_at"`
		Ended   *time.Time    `db:"ended_at"`
		Done    int64         `db:"done"`
		Total   int64         `db:"total"`
		Failure string        `db:"failure"`
		Result  []byte        `db:"result"`
	}
	err := r.cfg.DB.Read.GetContext(ctx, &row, `SELECT id, kind, ordered_by, began_at, seen_at, ended_at, done, total, failure, result
		FROM works WHERE reactor = $1 AND tracker = $2`, reactor, key)
	if errors.Is(err, sql.ErrNoRows) {
		return Work{}, errNoWork()
	}
	if err != nil {
		return Work{}, fmt.Errorf("read the work of %s on %s: %w", reactor, key, err)
	}
	w := Work{ID: row.ID, Reactor: reactor, Tracker: key, Kind: row.Kind, By: row.By, Began: row.Began.UTC(), Done: uint64(row.Done), Total: uint64(row.Total), Failure: row.Failure}
	if string(row.Result) != "null" {
		w.Result = row.Result
	}
	switch lost := row.Seen.UTC(); {
	case row.Ended != nil:
		ended := row.Ended.UTC()
		w.Ended = &ended
	case lost.Before(r.now().Add(-lostAfter)):
		w.Ended, w.Failure = &lost, Interrupted
	}
	return w, nil
}
