package readapi

import (
	"context"
	"fmt"
	"slices"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// listMoves takes no actor: who sees a ticket sees that it was moved.
const listMoves = `SELECT h.type, h.data, h.commit_position, h.prepare_position FROM history h
WHERE h.ticket = $1 AND h.type = 'ticket.moved.v1' ORDER BY h.commit_position, h.prepare_position LIMIT 10000`

// placed is where a ticket was until it was moved.
type placed struct {
	in    domain.TrackerKey
	until eventstore.Position // of the move
}

// movesOf are the moves of the ticket, the first first.
func (a *API) movesOf(ctx context.Context, t ticket.Ticket) ([]placed, error) {
	if len(t.Before) == 0 {
		return nil, nil
	}
	var rows []historyRow
	if err := a.db.Read.SelectContext(ctx, &rows, listMoves, t.ID); err != nil {
		return nil, fmt.Errorf("list the moves of %s: %w", t.ID, err)
	}
	var moves []placed
	for _, row := range rows {
		event, err := ticket.Decode(row.Type, row.Data)
		if err != nil {
			return nil, err
		}
		if moved, ok := event.(ticket.Moved); ok {
			moves = append(moves, placed{moved.From, row.position()})
		}
	}
	return moves, nil
}

// trackerAt is the tracker in which the ticket was when the event of the position
// came: of a move, the one that it left.
func trackerAt(moves []placed, position eventstore.Position, now domain.TrackerKey) domain.TrackerKey {
	for _, m := range moves {
		if position.Compare(m.until) <= 0 {
			return m.in
		}
	}
	return now
}

// unseen are the codes of the fields whose answers in the event the asker may not
// see: those that are hidden where the ticket was then, or is now. A move has
// answers of several trackers in it.
func (s sight) unseen(event ticket.Event, then tracker.Tracker) []string {
	if s.in.SeesHidden(s.actor) {
		return nil
	}
	codes := slices.Concat(s.in.HiddenCodes(), then.HiddenCodes())
	if _, moves := event.(ticket.Moved); moves {
		for _, in := range s.before {
			codes = append(codes, in.HiddenCodes()...)
		}
	}
	return codes
}
