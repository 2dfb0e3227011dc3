package readapi

import (
	"context"
	"fmt"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// listMoves takes no actor: who sees a ticket sees that it was moved.
const listMoves = `SELECT h.type, h.data, h.commit_position, h.prepare_position FROM history h
WHERE h.ticket = $1 AND h.type = 'ticket.moved.v1' ORDER BY h.commit_position, h.prepare_position LIMIT 10000`

// stay is where a ticket was until it was moved.
type stay struct {
	in    domain.TrackerKey
	until eventstore.Position // of the move
}

// staysOf are where the ticket was before, the first first.
func (a *API) staysOf(ctx context.Context, t ticket.Ticket) ([]stay, error) {
	if len(t.Before) == 0 {
		return nil, nil
	}
	var rows []historyRow
	if err := a.db.Read.SelectContext(ctx, &rows, listMoves, t.ID); err != nil {
		return nil, fmt.Errorf("list the moves of %s: %w", t.ID, err)
	}
	var stays []stay
	for _, row := range rows {
		event, err := ticket.Decode(row.Type, row.Data)
		if err != nil {
			return nil, err
		}
		if moved, ok := event.(ticket.Moved); ok {
			stays = append(stays, stay{moved.From, row.position()})
		}
	}
	return stays, nil
}

// since are the trackers, as they are now, in which the ticket was when the event
// of the position came, and where it was after that: the last is where it is now.
// When it was moved, the first is the one that it left.
func (s Sight) since(position eventstore.Position) []tracker.Tracker {
	var all []tracker.Tracker
	for _, stay := range s.stays {
		if position.Compare(stay.until) <= 0 {
			all = append(all, s.now(stay.in))
		}
	}
	return append(all, s.in)
}

// unseen are the codes of the fields whose answers the asker may not see as they
// were in the first of the trackers: what is hidden there, or in any that the
// ticket took them to.
func (s Sight) unseen(since []tracker.Tracker) []string {
	if s.in.SeesHidden(s.actor) {
		return nil
	}
	var codes []string
	for _, in := range since {
		codes = append(codes, in.HiddenCodes()...)
	}
	return codes
}
