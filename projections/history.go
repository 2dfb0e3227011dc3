package projections

import (
	"context"

	"github.com/jmoiron/sqlx"

	"suivi/domain/dependency"
	"suivi/domain/ticket"
)

// history is every event of every ticket, in the order of the log. A dependency stands in the
// history of both its tickets. Internal events have a table of their own, so that no
// query on the history that everybody reads can show one.
type history struct{}

func (history) name() string { return "history" }
func (history) version() int { return 10 }

func (history) tables() []table {
	return []table{{
		name: "history",
		create: `CREATE TABLE history@ (
			ticket TEXT NOT NULL,
			version BIGINT NOT NULL,
			event_id TEXT NOT NULL,
			type TEXT NOT NULL,
			data JSONB NOT NULL,
			comment BIGINT NOT NULL,
			other TEXT NOT NULL,
			actor TEXT NOT NULL,
			source TEXT NOT NULL,
			correlation_id TEXT NOT NULL,
			occurred_at TIMESTAMP NOT NULL,
			recorded_at TIMESTAMP NOT NULL,
			commit_position BIGINT NOT NULL,
			prepare_position BIGINT NOT NULL,
			PRIMARY KEY (ticket, commit_position, prepare_position)
		)`,
		indexes: []string{`CREATE INDEX history_log@@ ON history@ (commit_position, prepare_position)`},
		key:     []string{"ticket", "commit_position", "prepare_position"},
		columns: []string{"ticket", "version", "event_id", "type", "data", "comment", "other", "actor", "source", "correlation_id",
			"occurred_at", "recorded_at", "commit_position", "prepare_position"},
	}, internalHistoryTable()}
}

// internalHistoryTable is apart from history, so that no query on that can show an internal event.
func internalHistoryTable() table {
	return table{
		name: "internal_history",
		create: `CREATE TABLE internal_history@ (
			ticket TEXT NOT NULL,
			version BIGINT NOT NULL,
			event_id TEXT NOT NULL,
			type TEXT NOT NULL,
			data JSONB NOT NULL,
			note BIGINT NOT NULL,
			actor TEXT NOT NULL,
			source TEXT NOT NULL,
			correlation_id TEXT NOT NULL,
			occurred_at TIMESTAMP NOT NULL,
			recorded_at TIMESTAMP NOT NULL,
			commit_position BIGINT NOT NULL,
			prepare_position BIGINT NOT NULL,
			PRIMARY KEY (ticket, commit_position, prepare_position)
		)`,
		indexes: []string{`CREATE INDEX internal_history_log@@ ON internal_history@ (commit_position, prepare_position)`},
		key:     []string{"ticket", "commit_position", "prepare_position"},
		columns: []string{"ticket", "version", "event_id", "type", "data", "note", "actor", "source", "correlation_id",
			"occurred_at", "recorded_at", "commit_position", "prepare_position"},
	}
}

func (history) apply(ctx context.Context, tx *sqlx.Tx, at place, events []event) error {
	internal, err := readInternal(ctx, tx, at, events)
	if err != nil {
		return err
	}
	var rows historyRows
	for _, e := range events {
		switch of := e.dependencyEvent.(type) {
		case dependency.Added:
			rows.addDependency(e, of.Ticket, of.Prerequisite)
		case dependency.Removed:
			rows.addDependency(e, of.Ticket, of.Prerequisite)
		}
		if e.ticketEvent == nil {
			continue
		}
		if ticket.Internal(e.ticketEvent) {
			internal[e.ticketID]++
		}
		rows.add(e, e.number()-internal[e.ticketID])
	}
	return rows.write(ctx, tx, at)
}
