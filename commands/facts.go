package commands

import (
	"context"

	"suivi/domain/ticket"
)

// changeFacts are what the decision on the command needs to know beside the ticket.
func (h *Handler) changeFacts(ctx context.Context, c Caller, req Request, t ticket.Ticket, command ticket.Command) (ticket.Facts, error) {
	facts, err := h.ticketFacts(ctx, c, t.Tracker)
	if err == nil {
		err = h.otherTrackers(ctx, &facts, t, command)
	}
	if err == nil {
		err = h.watchDefaults(ctx, &facts, t, command)
	}
	if err == nil {
		err = h.claim(ctx, &facts, req, command)
	}
	if err == nil {
		facts.PrerequisitesOpen, err = h.prerequisitesOpen(ctx, t, command, facts.Tracker)
	}
	if err == nil {
		facts.Gap, err = h.gap(ctx, c.Actor, t, command)
	}
	facts.Bulk = req.Bulk
	if c.OccurredAt.IsZero() {
		facts.OccurredAt = later(facts.OccurredAt, t.Inner.LastAt)
	}
	return facts, err
}
