package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// history is every event of every ticket, in the order of the log, and apart
// from it the changes of state and of assignee. A dependency stands in the
// history of both its tickets.
type history struct{}

func (history) name() string { return "history" }
func (history) version() int { return 3 }

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
		key: []string{"ticket", "commit_position", "prepare_position"},
		columns: []string{"ticket", "version", "event_id", "type", "data", "comment", "other", "actor", "source", "correlation_id",
			"occurred_at", "recorded_at", "commit_position", "prepare_position"},
	}, {
		name: "state_changes",
		create: `CREATE TABLE state_changes@ (
			ticket TEXT NOT NULL,
			version BIGINT NOT NULL,
			from_state TEXT NOT NULL,
			to_state TEXT NOT NULL,
			actor TEXT NOT NULL,
			occurred_at TIMESTAMP NOT NULL,
			PRIMARY KEY (ticket, version)
		)`,
		key:     []string{"ticket", "version"},
		columns: []string{"ticket", "version", "from_state", "to_state", "actor", "occurred_at"},
	}, {
		name: "ownership_changes",
		create: `CREATE TABLE ownership_changes@ (
			ticket TEXT NOT NULL,
			version BIGINT NOT NULL,
			from_user TEXT NOT NULL,
			to_user TEXT NOT NULL,
			actor TEXT NOT NULL,
			occurred_at TIMESTAMP NOT NULL,
			PRIMARY KEY (ticket, version)
		)`,
		key:     []string{"ticket", "version"},
		columns: []string{"ticket", "version", "from_user", "to_user", "actor", "occurred_at"},
	}}
}

type historyRow struct {
	Ticket        domain.TicketID `db:"ticket"`
	Version       int64           `db:"version"` // of the ticket after the event; 0: the event is not of its stream
	EventID       string          `db:"event_id"`
	Type          string          `db:"type"`
	Data          string          `db:"data"`    // JSON
	Comment       int             `db:"comment"` // whose text the data holds; 0: none's
	Other         domain.TicketID `db:"other"`   // whom else it is about; only who sees that one hears of it
	Actor         domain.UserID   `db:"actor"`
	Source        domain.Source   `db:"source"`
	CorrelationID string          `db:"correlation_id"`
	OccurredAt    time.Time       `db:"occurred_at"`
	RecordedAt    time.Time       `db:"recorded_at"`
	Commit        int64           `db:"commit_position"`
	Prepare       int64           `db:"prepare_position"`
}

type stateRow struct {
	Ticket     domain.TicketID `db:"ticket"`
	Version    int64           `db:"version"`
	From       tracker.State   `db:"from_state"`
	To         tracker.State   `db:"to_state"`
	Actor      domain.UserID   `db:"actor"`
	OccurredAt time.Time       `db:"occurred_at"`
}

type ownerRow struct {
	Ticket     domain.TicketID `db:"ticket"`
	Version    int64           `db:"version"`
	From       domain.UserID   `db:"from_user"`
	To         domain.UserID   `db:"to_user"`
	Actor      domain.UserID   `db:"actor"`
	OccurredAt time.Time       `db:"occurred_at"`
}

func (history) apply(ctx context.Context, tx *sqlx.Tx, at place, events []event) error {
	var rows []historyRow
	var states []stateRow
	var owners []ownerRow
	for _, e := range events {
		switch of := e.dependencyEvent.(type) {
		case dependency.Added:
			rows = append(rows, newHistoryRow(e, of.Ticket, of.Prerequisite), newHistoryRow(e, of.Prerequisite, of.Ticket))
		case dependency.Removed:
			rows = append(rows, newHistoryRow(e, of.Ticket, of.Prerequisite), newHistoryRow(e, of.Prerequisite, of.Ticket))
		}
		if e.ticketEvent == nil {
			continue
		}
		row := newHistoryRow(e, e.ticketID, "")
		row.Version, row.Comment = e.number(), commentOf(e.ticketEvent)
		rows = append(rows, row)
		switch change := e.ticketEvent.(type) {
		case ticket.StateChanged:
			states = append(states, stateRow{e.ticketID, e.number(), change.From, change.To, e.meta.Actor, e.meta.OccurredAt})
		case ticket.Assigned:
			owners = append(owners, ownerRow{e.ticketID, e.number(), change.Previous, change.Assignee, e.meta.Actor, e.meta.OccurredAt})
		case ticket.Unassigned:
			owners = append(owners, ownerRow{e.ticketID, e.number(), change.Previous, "", e.meta.Actor, e.meta.OccurredAt})
		}
	}
	return writeHistory(ctx, tx, at, rows, states, owners)
}

func newHistoryRow(e event, id, other domain.TicketID) historyRow {
	return historyRow{
		Ticket: id, Other: other, EventID: e.ID.String(), Type: e.Type, Data: string(e.Data),
		Actor: e.meta.Actor, Source: e.meta.Source, CorrelationID: e.meta.CorrelationID,
		OccurredAt: e.meta.OccurredAt, RecordedAt: stored(e.Created),
		Commit: int64(e.Position.Commit), Prepare: int64(e.Position.Prepare),
	}
}

// commentOf is the comment whose text the event holds.
func commentOf(e ticket.Event) int {
	switch said := e.(type) {
	case ticket.Commented:
		return said.Comment
	case ticket.CommentEdited:
		return said.Comment
	}
	return 0
}

func writeHistory(ctx context.Context, tx *sqlx.Tx, at place, rows []historyRow, states []stateRow, owners []ownerRow) error {
	err := insert(ctx, tx, at.sql(`INSERT INTO history@ (ticket, version, event_id, type, data, comment, other, actor, source, correlation_id,
			occurred_at, recorded_at, commit_position, prepare_position)
		VALUES (:ticket, :version, :event_id, :type, :data, :comment, :other, :actor, :source, :correlation_id,
			:occurred_at, :recorded_at, :commit_position, :prepare_position)`), rows)
	if err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	err = insert(ctx, tx, at.sql(`INSERT INTO state_changes@ (ticket, version, from_state, to_state, actor, occurred_at)
		VALUES (:ticket, :version, :from_state, :to_state, :actor, :occurred_at)`), states)
	if err != nil {
		return fmt.Errorf("write changes of state: %w", err)
	}
	err = insert(ctx, tx, at.sql(`INSERT INTO ownership_changes@ (ticket, version, from_user, to_user, actor, occurred_at)
		VALUES (:ticket, :version, :from_user, :to_user, :actor, :occurred_at)`), owners)
	if err != nil {
		return fmt.Errorf("write changes of assignee: %w", err)
	}
	return nil
}
