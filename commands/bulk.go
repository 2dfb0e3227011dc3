package commands

import (
	"context"

	"golang.org/x/sync/errgroup"

	"suivi/domain"
	"suivi/domain/ticket"
)

// atOnce is how many tickets of one request are changed at the same time.
const atOnce = 8

// Result is what a command came to on one of many tickets.
type Result struct {
	Ticket  domain.TicketID
	Outcome Outcome[ticket.Ticket]
	Err     error
}

// ChangeTickets carries out one command on many tickets, on each by itself: what
// is refused on one is not refused on the others. Sent again with its
// idempotency key, it answers for each ticket as the first time, and carries out
// the command where it had not been.
func (h *Handler) ChangeTickets(ctx context.Context, c Caller, req Request, ids []domain.TicketID, command ticket.Command) []Result {
	results := make([]Result, len(ids))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, id := range ids {
		group.Go(func() error {
			results[i].Ticket = id
			if _, results[i].Err = domain.ParseTicketID(string(id)); results[i].Err == nil {
				results[i].Outcome, results[i].Err = h.ChangeTicket(ctx, c, req.on(id), id, command)
			}
			return nil
		})
	}
	_ = group.Wait() // each error is in its result
	return results
}
