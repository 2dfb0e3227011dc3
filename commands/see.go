package commands

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suivi/domain"
	"suivi/domain/ticket"
)

// See tells that the caller has the ticket before their eyes: the first who
// could work on it opens it, once, however many look at the same instant.
func (h *Handler) See(ctx context.Context, c Caller, id domain.TicketID) (Outcome[ticket.Ticket], error) {
	c.Source, c.OccurredAt = domain.SourceSystem, time.Time{}
	return h.ChangeTicket(ctx, c, Request{Command: uuid.New()}, id, ticket.See{})
}
