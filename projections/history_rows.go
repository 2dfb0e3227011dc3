package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/ticket"
)

// historyRow is a row of history, or of internal_history.
type historyRow struct {
	Ticket        domain.TicketID `db:"ticket"`
	Version       int64           `db:"version"` // of the ticket, after the event; 0: the event is not of its stream
	EventID       string          `db:"event_id"`
	Type          string          `db:"type"`
	Data          string          `db:"data"`   // JSON
	Number        int             `db:"number"` // of the comment or note whose text the data holds; 0: none's
	Other         domain.TicketID `db:"other"`  // whom else it is about; only who sees that one hears of it
	Actor         domain.UserID   `db:"actor"`
	Source        domain.Source   `db:"source"`
	CorrelationID string          `db:"correlation_id"`
	OccurredAt    time.Time       `db:"occurred_at"`
	RecordedAt    time.Time       `db:"recorded_at"`
	Commit        int64           `db:"commit_position"`
	Prepare       int64           `db:"prepare_position"`
}

// readInternal counts the internal events that the tickets of a batch had before it.
func readInternal(ctx context.Context, tx *sqlx.Tx, at place, events []event) (map[domain.TicketID]int64, error) {
	counts := map[domain.TicketID]int64{}
	var known []domain.TicketID // a ticket whose first event is in the batch had none
	for _, e := range events {
		if _, seen := counts[e.ticketID]; seen || e.ticketEvent == nil {
			continue
		}
		counts[e.ticketID] = 0
		if e.Revision > 0 {
			known = append(known, e.ticketID)
		}
	}
	type row struct {
		Ticket domain.TicketID `db:"ticket"`
		N      int64           `db:"n"`
	}
	rows, err := selectIn[row](ctx, tx, at.sql(`SELECT ticket, COUNT(*) AS n FROM internal_history@ WHERE ticket IN (?) GROUP BY ticket`), known)
	if err != nil {
		return nil, fmt.Errorf("count internal events: %w", err)
	}
	for _, r := range rows {
		counts[r.Ticket] = r.N
	}
	return counts, nil
}

// historyRows are the rows that a batch adds.
type historyRows struct {
	events, internal []historyRow
}

// add takes in an event, after which the ticket is at the version.
func (r *historyRows) add(e event, version int64) {
	if ticket.Internal(e.ticketEvent) {
		r.internal = append(r.internal, newHistoryRow(e, e.ticketID, version))
	} else {
		r.events = append(r.events, newHistoryRow(e, e.ticketID, version))
	}
}

// addDependency tells both tickets of what happened between them.
func (r *historyRows) addDependency(e event, one, other domain.TicketID) {
	for _, ends := range [][2]domain.TicketID{{one, other}, {other, one}} {
		row := newHistoryRow(e, ends[0], 0)
		row.Other = ends[1]
		r.events = append(r.events, row)
	}
}

func newHistoryRow(e event, of domain.TicketID, version int64) historyRow {
	return historyRow{
		Ticket: of, Version: version, EventID: e.ID.String(),
		Type: e.Type, Data: string(e.Data), Number: textOf(e.ticketEvent),
		Actor: e.meta.Actor, Source: e.meta.Source, CorrelationID: e.meta.CorrelationID,
		OccurredAt: e.meta.OccurredAt, RecordedAt: stored(e.Created),
		Commit: int64(e.Position.Commit), Prepare: int64(e.Position.Prepare),
	}
}

// textOf is the comment or note whose text the event holds.
func textOf(e ticket.Event) int {
	switch said := e.(type) {
	case ticket.Commented:
		return said.Comment
	case ticket.CommentEdited:
		return said.Comment
	case ticket.NoteAdded:
		return said.Note
	case ticket.NoteEdited:
		return said.Note
	}
	return 0
}

func (r *historyRows) write(ctx context.Context, tx *sqlx.Tx, at place) error {
	err := insert(ctx, tx, at.sql(`INSERT INTO history@ (ticket, version, event_id, type, data, comment, other, actor, source, correlation_id,
			occurred_at, recorded_at, commit_position, prepare_position)
		VALUES (:ticket, :version, :event_id, :type, :data, :number, :other, :actor, :source, :correlation_id,
			:occurred_at, :recorded_at, :commit_position, :prepare_position)`), r.events)
	if err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	err = insert(ctx, tx, at.sql(`INSERT INTO internal_history@ (ticket, version, event_id, type, data, note, actor, source, correlation_id,
			occurred_at, recorded_at, commit_position, prepare_position)
		VALUES (:ticket, :version, :event_id, :type, :data, :number, :actor, :source, :correlation_id,
			:occurred_at, :recorded_at, :commit_position, :prepare_position)`), r.internal)
	if err != nil {
		return fmt.Errorf("write internal history: %w", err)
	}
	return nil
}
