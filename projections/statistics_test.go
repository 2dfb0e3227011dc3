package projections_test

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/internal/testdb"
	"suivi/projections"
)

// Whatever a site is like and however often its tables are built: SQLite is told the same of each index, and
// readers that were there before hear of it.
func TestSQLiteIsToldTheSameOfEachIndex(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testdb.SQLite(t))
	p, _ := w.run(t)
	w.write(t, 1, 3)
	w.settle(t, p)
	w.told(t)
	for _, model := range []string{"tickets", "tickets", "history", "trackers", "search"} {
		if err := p.Rebuild(t.Context(), model, nil); err != nil {
			t.Fatal(err)
		}
	}
	w.told(t)
}

// told checks what SQLite was told.
func (w *world) told(t *testing.T) {
	t.Helper()
	var rows []struct {
		Table   string `db:"tbl"`
		Index   string `db:"idx"`
		Stat    string `db:"stat"`
		Columns int    `db:"columns"` // of the index; 0: there is none
	}
	if err := w.db.Read.SelectContext(t.Context(), &rows, `SELECT s.tbl, s.idx, s.stat,
		(SELECT COUNT(*) FROM sqlite_schema i, pragma_index_info(i.name) WHERE i.type = 'index' AND i.name = s.idx AND i.tbl_name = s.tbl) AS columns
		FROM sqlite_stat1 s`); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, row := range rows {
		got[row.Table]++
		if numbers := len(strings.Fields(row.Stat)); numbers != row.Columns+1 {
			t.Errorf("%s has %d columns, and was said to be like %q", row.Index, row.Columns, row.Stat)
		}
	}
	want := map[string]int{}
	for table, indexes := range projections.Statistics() {
		want[table] = len(indexes)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var plan []struct {
		ID, Parent, NotUsed int
		Detail              string
	}
	if err := w.db.Read.SelectContext(t.Context(), &plan, `EXPLAIN QUERY PLAN SELECT id FROM tickets WHERE tracker = $1 AND list = $2 AND reporter = $3`, "HELP", "open", "x"); err != nil {
		t.Fatal(err)
	}
	if len(plan) != 1 || !strings.Contains(plan[0].Detail, "tickets_reporter") {
		t.Errorf("the tickets of a reporter are looked for thus: %+v", plan)
	}
}
