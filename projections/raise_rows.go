package projections

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"suivi/domain/ticket"
)

// What became of a raise request.
const (
	raisePending = "pending"
	raiseGranted = "granted"
	raiseRefused = "refused"
)

func raiseRequests() table {
	return table{
		name: "raise_requests",
		create: `CREATE TABLE raise_requests@ (
			ticket TEXT NOT NULL,
			request BIGINT NOT NULL,
			asker TEXT NOT NULL,
			reason TEXT NOT NULL,
			urgent BOOLEAN NOT NULL,
			occurred_at TIMESTAMP NOT NULL,
			outcome TEXT NOT NULL,
			answer TEXT NOT NULL,
			answered_by TEXT NOT NULL,
			answered_at TIMESTAMP,
			PRIMARY KEY (ticket, request)
		)`,
		key:     []string{"ticket", "request"},
		columns: []string{"ticket", "request", "asker", "reason", "urgent", "occurred_at", "outcome", "answer", "answered_by", "answered_at"},
	}
}

// raiseAnswer is what became of the request of a number.
type raiseAnswer struct {
	request         int
	outcome, answer string
}

// applyRaise writes what is rare, so a statement for each event will do.
func applyRaise(ctx context.Context, tx *sqlx.Tx, at place, e event) error {
	switch raise := e.ticketEvent.(type) {
	case ticket.RaiseRequested:
		_, err := tx.ExecContext(ctx, at.sql(`INSERT INTO raise_requests@ (ticket, request, asker, reason, urgent, occurred_at, outcome, answer, answered_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, '', '')`),
			e.ticketID, raise.Request, e.meta.Actor, raise.Reason, raise.Urgent, e.meta.OccurredAt, raisePending)
		if err != nil {
			return fmt.Errorf("write the raise request %d of %s: %w", raise.Request, e.ticketID, err)
		}
	case ticket.RaiseGranted:
		return answerRaise(ctx, tx, at, e, raiseAnswer{raise.Request, raiseGranted, ""})
	case ticket.RaiseRefused:
		return answerRaise(ctx, tx, at, e, raiseAnswer{raise.Request, raiseRefused, raise.Answer})
	}
	return nil
}

func answerRaise(ctx context.Context, tx *sqlx.Tx, at place, e event, a raiseAnswer) error {
	done, err := tx.ExecContext(ctx, at.sql(`UPDATE raise_requests@ SET outcome = $3, answer = $4, answered_by = $5, answered_at = $6
		WHERE ticket = $1 AND request = $2`), e.ticketID, a.request, a.outcome, a.answer, e.meta.Actor, e.meta.OccurredAt)
	if err != nil {
		return fmt.Errorf("answer the raise request %d of %s: %w", a.request, e.ticketID, err)
	}
	n, err := done.RowsAffected()
	if err == nil && n != 1 {
		err = fmt.Errorf("%s is of number %d, which %s does not have", e.Type, a.request, e.ticketID)
	}
	return err
}
