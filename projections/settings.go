package projections

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// settings is every event by which trackers and what they share were set up, in the
// order of the log. Administrators alone read it.
type settings struct{}

func (settings) name() string { return "settings" }
func (settings) version() int { return 2 }

func (settings) tables() []table {
	return []table{{
		name: "settings_history",
		create: `CREATE TABLE settings_history@ (
			tracker TEXT NOT NULL,
			event_id TEXT NOT NULL,
			type TEXT NOT NULL,
			data JSONB NOT NULL,
			actor TEXT NOT NULL,
			source TEXT NOT NULL,
			occurred_at TIMESTAMP NOT NULL,
			recorded_at TIMESTAMP NOT NULL,
			commit_position BIGINT NOT NULL,
			prepare_position BIGINT NOT NULL,
			PRIMARY KEY (commit_position, prepare_position)
		)`,
		key:     []string{"commit_position", "prepare_position"},
		columns: []string{"tracker", "event_id", "type", "data", "actor", "source", "occurred_at", "recorded_at", "commit_position", "prepare_position"},
	}}
}

// settingsRow is an event; of the library it has no tracker.
type settingsRow struct {
	historyRow
	Tracker string `db:"tracker"`
}

func (settings) apply(ctx context.Context, tx *sqlx.Tx, at place, events []event) error {
	var rows []settingsRow
	for _, e := range events {
		if e.trackerEvent != nil || e.placed != nil || e.libraryEvent != nil {
			rows = append(rows, settingsRow{newHistoryRow(e, "", 0), string(e.trackerKey)})
		}
	}
	err := insert(ctx, tx, at.sql(`INSERT INTO settings_history@ (tracker, event_id, type, data, actor, source, occurred_at, recorded_at, commit_position, prepare_position)
		VALUES (:tracker, :event_id, :type, :data, :actor, :source, :occurred_at, :recorded_at, :commit_position, :prepare_position)`), rows)
	if err != nil {
		return fmt.Errorf("write the history of settings: %w", err)
	}
	return nil
}
