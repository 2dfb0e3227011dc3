package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// Figures are how many tickets, or changes of them, are alike: what reports of a whole
// tracker count. Each is kept for its tracker and for the whole site, whose tracker is "".
// They are of the tickets that are not deleted, in the trackers where they are now. A figure
// that has become nothing has no row.

// The kinds of figures, and what stands in their columns.
const (
	figureState     = "state"     // a: the state
	figureAssignee  = "assignee"  // a: the person, b: the state
	figureAssignees = "assignees" // a: the person
	figureReporter  = "reporter"  // as assignee
	figureReporters = "reporters"
	figureFlow      = "flow"     // at: the month of UTC, a: the state before, "" for a new ticket, b: the state after
	figureResolved  = "resolved" // at: the month of UTC; tickets that became resolved in it, each once
	figureCoarse    = "coarse"   // a: what lasted, at: the coarse class of how long
	figureFine      = "fine"     // likewise the fine one
	figureAge2      = "age2"     // at: the seconds since 1970 of the report of an open ticket, in parts of 2¹⁸
	figureAge1      = "age1"     // in parts of 2⁹
	figureAge0      = "age0"     // to the second
)

// figureKey is a row of figures, without its number.
type figureKey struct {
	Tracker domain.TrackerKey
	Kind    string
	At      int64
	A, B    string
}

type figureRow struct {
	Tracker domain.TrackerKey `db:"tracker"`
	Kind    string            `db:"kind"`
	At      int64             `db:"at"`
	A       string            `db:"a"`
	B       string            `db:"b"`
	N       int64             `db:"n"`
}

func figuresTable() table {
	return table{
		name: "figures",
		create: `CREATE TABLE figures@ (
			tracker TEXT NOT NULL,
			kind TEXT NOT NULL,
			at BIGINT NOT NULL,
			a TEXT NOT NULL,
			b TEXT NOT NULL,
			n BIGINT NOT NULL,
			PRIMARY KEY (tracker, kind, a, at, b)
		)`,
		key:     []string{"tracker", "kind", "a", "at", "b"},
		columns: []string{"tracker", "kind", "at", "a", "b", "n"},
	}
}

// figures are by how much a batch changes them.
type figures map[figureKey]int64

// add counts for the tracker and for the site.
func (f figures) add(key figureKey, n int64) {
	f[key] += n
	key.Tracker = ""
	f[key] += n
}

func (f figures) write(ctx context.Context, tx *sqlx.Tx, at place) error {
	var rows []figureRow
	var less []figureKey
	for _, k := range slices.SortedFunc(maps.Keys(f), compareFigures) {
		n := f[k]
		if n == 0 {
			continue
		}
		rows = append(rows, figureRow{k.Tracker, k.Kind, k.At, k.A, k.B, n})
		if n < 0 {
			less = append(less, k)
		}
	}
	err := insert(ctx, tx, at.sql(`INSERT INTO figures@ (tracker, kind, at, a, b, n) VALUES (:tracker, :kind, :at, :a, :b, :n)
		ON CONFLICT (tracker, kind, a, at, b) DO UPDATE SET n = figures@.n + excluded.n`), rows)
	for keys := range slices.Chunk(less, mostParameters/figureColumns) {
		err = errors.Join(err, removeNothings(ctx, tx, at, keys))
	}
	if err != nil {
		return fmt.Errorf("write figures: %w", err)
	}
	return nil
}

// figureColumns is of how many columns a key of figures is.
const figureColumns = 5

// removeNothings deletes those of the figures that have become nothing.
func removeNothings(ctx context.Context, tx *sqlx.Tx, at place, keys []figureKey) error {
	var args []any
	for _, k := range keys {
		args = append(args, k.Tracker, k.Kind, k.A, k.At, k.B)
	}
	one := ", (?, ?, ?, CAST(? AS BIGINT), ?)"
	text := at.sql(`DELETE FROM figures@ WHERE n = 0 AND (tracker, kind, a, at, b) IN (VALUES ` + strings.TrimPrefix(strings.Repeat(one, len(keys)), ", ") + `)`)
	_, err := tx.ExecContext(ctx, tx.Rebind(text), args...)
	return err
}

// compareFigures puts rows in the order of their key, so that they are written side by side.
func compareFigures(x, y figureKey) int {
	return cmp.Or(cmp.Compare(x.Tracker, y.Tracker), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.A, y.A), cmp.Compare(x.At, y.At), cmp.Compare(x.B, y.B))
}
