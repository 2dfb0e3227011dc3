package projections

import (
	"context"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// life is what figures and durations tell of one ticket. The zero life, and that of a
// deleted ticket, tell nothing.
type life struct {
	ticket   ticket.Ticket
	answered *time.Time // when somebody else than its reporter first did something on it
	changes  []stateRow
}

func (l life) counts() bool { return l.ticket.Exists() && !l.ticket.Inner.Deleted }

// addTo adds the life's figures n times; -1 takes them away.
func (l life) addTo(f figures, n int64) {
	if !l.counts() {
		return
	}
	t := l.ticket
	add := func(kind string, at int64, a, b string) { f.add(figureKey{t.Tracker, kind, at, a, b}, n) }
	add(figureState, 0, string(t.State), "")
	add(figureAssignee, 0, string(t.Assignee), string(t.State))
	add(figureAssignees, 0, string(t.Assignee), "")
	add(figureReporter, 0, string(t.Reporter), string(t.State))
	add(figureReporters, 0, string(t.Reporter), "")
	add(figureFlow, month(t.ReportedAt), "", string(tracker.Posted))
	resolved := map[int64]bool{}
	for _, c := range l.changes {
		at := month(c.OccurredAt)
		add(figureFlow, at, string(c.From), string(c.To))
		if becameResolved(c) && !resolved[at] {
			resolved[at] = true
			add(figureResolved, at, "", "")
		}
	}
	if t.List == tracker.OpenList {
		at := t.ReportedAt.Unix()
		add(figureAge2, at>>18, "", "")
		add(figureAge1, at>>9, "", "")
		add(figureAge0, at, "", "")
	}
	for _, d := range l.durations() {
		add(figureCoarse, class(d.Seconds, coarse), d.What, "")
		add(figureFine, class(d.Seconds, fine), d.What, "")
	}
}

func month(at time.Time) int64 {
	at = at.UTC()
	return int64(at.Year())*12 + int64(at.Month()) - 1
}

func becameResolved(c stateRow) bool {
	return c.From.List() == tracker.OpenList && c.To.List() == tracker.ResolvedList
}

// How finely durations are told apart: by so many bits after the first.
const (
	coarse = 2
	fine   = 6
)

// class is the one of a duration, among those that are told apart by so many bits. Longer
// durations have none that is less.
func class(seconds int64, bitsKept int) int64 {
	more := max(bits.Len64(uint64(seconds))-bitsKept-1, 0)
	return int64(more)<<bitsKept + seconds>>more
}

// durationRow is a row of durations.
type durationRow struct {
	Ticket  domain.TicketID   `db:"ticket"`
	What    string            `db:"what"` // response, resolve, or the state that it stayed in
	Turn    uint64            `db:"turn"` // the version that ended the stay
	Tracker domain.TrackerKey `db:"tracker"`
	Seconds int64             `db:"seconds"`
}

// What has lasted, beside stays in states.
const (
	untilResponse = "*response"
	untilResolved = "*resolve"
)

// durations are how long things lasted that are over. Where clocks ran backwards it is no time.
func (l life) durations() []durationRow {
	if !l.counts() {
		return nil
	}
	t := l.ticket
	var all []durationRow
	add := func(what string, turn uint64, from, to time.Time) {
		all = append(all, durationRow{t.ID, what, turn, t.Tracker, max(to.Unix()-from.Unix(), 0)})
	}
	if l.answered != nil {
		add(untilResponse, 0, t.ReportedAt, *l.answered)
	}
	since := t.ReportedAt
	var resolved time.Time
	for _, c := range l.changes {
		add(string(c.From), c.Version, since, c.OccurredAt)
		since = c.OccurredAt
		if becameResolved(c) && c.OccurredAt.After(resolved) {
			resolved = c.OccurredAt
		}
	}
	if t.List == tracker.ResolvedList && !resolved.IsZero() {
		add(untilResolved, 0, t.ReportedAt, resolved)
	}
	return all
}

func durationsTable() table {
	return table{
		name: "durations",
		create: `CREATE TABLE durations@ (
			ticket TEXT NOT NULL,
			what TEXT NOT NULL,
			turn BIGINT NOT NULL,
			tracker TEXT NOT NULL,
			seconds BIGINT NOT NULL,
			PRIMARY KEY (ticket, what, turn)
		)`,
		indexes: []string{`CREATE INDEX durations_seconds@@ ON durations@ (what, seconds, tracker)`},
		key:     []string{"ticket", "what", "turn"},
		columns: []string{"ticket", "what", "turn", "tracker", "seconds"},
	}
}

// durationChanges are the rows that a batch changes.
type durationChanges struct {
	gone    []durationRow
	written []durationRow
}

// turn takes in what a life has become.
func (d *durationChanges) turn(before, after []durationRow) {
	for _, row := range before {
		if !slices.ContainsFunc(after, func(r durationRow) bool { return r.Ticket == row.Ticket && r.What == row.What && r.Turn == row.Turn }) {
			d.gone = append(d.gone, row)
		}
	}
	for _, row := range after {
		if !slices.Contains(before, row) {
			d.written = append(d.written, row)
		}
	}
}

func (d *durationChanges) write(ctx context.Context, tx *sqlx.Tx, at place) error {
	for _, row := range d.gone {
		if _, err := tx.ExecContext(ctx, at.sql(`DELETE FROM durations@ WHERE ticket = $1 AND what = $2 AND turn = $3`), row.Ticket, row.What, row.Turn); err != nil {
			return fmt.Errorf("write durations: %w", err)
		}
	}
	err := insert(ctx, tx, at.sql(`INSERT INTO durations@ (ticket, what, turn, tracker, seconds) VALUES (:ticket, :what, :turn, :tracker, :seconds)
		ON CONFLICT (ticket, what, turn) DO UPDATE SET tracker = excluded.tracker, seconds = excluded.seconds`), d.written)
	if err != nil {
		return fmt.Errorf("write durations: %w", err)
	}
	return nil
}
