package commands

import (
	"context"

	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/ticket"
)

// gap is where the command moves the ticket, if it does. It is asked of the read
// models once they have all that was written before, so that whoever raises a
// ticket twice raises it by two places.
func (h *Handler) gap(ctx context.Context, actor domain.Actor, t ticket.Ticket, command ticket.Command) (*rank.Gap, error) {
	var move rank.Move
	switch c := command.(type) {
	case ticket.Rank:
		move = c.Move
	case ticket.GrantRaise:
		move = c.Move
	default:
		return nil, nil //nolint:nilnil // there is none, which is a value here
	}
	if err := h.caughtUp(ctx, "ticket-"); err != nil {
		return nil, err
	}
	return h.cfg.Gap(ctx, actor, t.ID, move)
}
