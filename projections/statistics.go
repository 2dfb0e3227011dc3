package projections

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jmoiron/sqlx"

	"suivi/database"
)

// SQLite chooses among indexes by what it was told of them: of how many rows, and how many have
// the same first column, the same first two, and so on (https://www.sqlite.org/fileformat2.html#stat1tab). If it measures them
// itself, the ways that it goes change with the day on which it did, and a page that takes 1 ms takes 100. So
// it is told the same everywhere, of a large desk: 100,000 tickets of some trackers, 2,000 reporters, 60 staff; what is shared
// by more than 1,000 rows counts as shared by 1,000. The ways are then those that docs/performance.md measures.
// Postgres measures for itself.

// statistics are those of indexes by table; of the others SQLite makes a guess, the same everywhere as well.
func statistics() map[string]map[string]string {
	return map[string]map[string]string{
		"tickets": {
			"sqlite_autoindex_tickets@_1": "100000 1",
			"tickets_assignee@@":          "100000 1000 600 1 1 1",
			"tickets_counts@@":            "100000 1000 1000 1000 1 1 1 1 1",
			"tickets_changed@@":           "100000 1",
			"tickets_number@@":            "100000 1000 1 1",
			"tickets_post_command@@":      "1000 1",
			"tickets_rank@@":              "100000 1000 1000 1 1 1",
			"tickets_reported@@":          "100000 1000 1 1",
			"tickets_reporter@@":          "100000 400 200 1 1 1",
			"tickets_state@@":             "100000 1000 1000 1 1",
			"tickets_tracker@@":           "100000 1000 1000 1 1",
			"tickets_tracker_number@@":    "100000 1000 1000 1 1",
			"tickets_tracker_reported@@":  "100000 1000 1000 1 1",
			"tickets_updated@@":           "100000 1000 1 1",
		},
		"comments": {"sqlite_autoindex_comments@_1": "100000 2 1"},
		"watchers": {"sqlite_autoindex_watchers@_1": "200000 3 1", "watchers_person@@": "200000 1000 1"},
		"state_changes": {
			"sqlite_autoindex_state_changes@_1": "300000 3 1",
		},
		"history":          {"sqlite_autoindex_history@_1": "500000 6 1 1", "history_log@@": "500000 1 1"},
		"internal_history": {"sqlite_autoindex_internal_history@_1": "200000 3 1 1", "internal_history_log@@": "200000 1 1"},
		"ownership_changes": {
			"sqlite_autoindex_ownership_changes@_1": "100000 1 1",
			"ownership_changes_actor@@":             "100000 1000 1",
		},
		"texts":    {"sqlite_autoindex_texts@_1": "300000 3 1"},
		"members":  {"sqlite_autoindex_members@_1": "500 500 1", "members_person@@": "500 1 1 1"},
		"trackers": {"sqlite_autoindex_trackers@_1": "20 1", "trackers_parent@@": "20 2 1"},
	}
}

// describe tells the databases what the tables of the place are like, by which they choose among indexes. Readers
// learn it when the schema next changes: it belongs into the transaction that renames the tables.
func (p place) describe(ctx context.Context, tx *sqlx.Tx, model projection) error {
	describe := p.declare
	if database.DialectOf(tx) == database.Postgres {
		describe = p.measure
	}
	for _, t := range model.tables() {
		if err := describe(ctx, tx, t.name); err != nil {
			return fmt.Errorf("describe the table %s%s: %w", t.name, p.suffix, err)
		}
	}
	return nil
}

func (p place) measure(ctx context.Context, tx *sqlx.Tx, table string) error {
	_, err := tx.ExecContext(ctx, p.sql("ANALYZE "+table+"@"))
	return err
}

func (p place) declare(ctx context.Context, tx *sqlx.Tx, table string) error {
	// ANALYZE sqlite_schema measures nothing: it makes the table of statistics, and has this connection read it.
	if _, err := tx.ExecContext(ctx, "ANALYZE sqlite_schema"); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM sqlite_stat1 WHERE tbl = $1", p.sql(table+"@")); err != nil {
		return err
	}
	all := statistics()[table]
	for _, index := range slices.Sorted(maps.Keys(all)) {
		_, err := tx.ExecContext(ctx, "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)", p.sql(table+"@"), p.sql(index), all[index])
		if err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, "ANALYZE sqlite_schema")
	return err
}
