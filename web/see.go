package web

import (
	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
)

// see tells the commands that the asker has a ticket before their eyes. Who acts
// for somebody has not shown it to them, nor does a token for reading change anything. A read does not fail for what it could not tell.
func (e *edge) see(c *fiber.Ctx, id domain.TicketID) (ticket.Ticket, bool) {
	who, err := caller(c)
	if err != nil || who.Via != "" || requestOf(c).scope == accounts.ScopeRead {
		return ticket.Ticket{}, false
	}
	out, err := e.cfg.Commands.See(c.UserContext(), who, id)
	if err != nil {
		e.logger.Warn("a ticket was seen and could not be opened", "ticket", id, "requestId", who.RequestID, "error", err)
		return ticket.Ticket{}, false
	}
	c.Set(commands.HeaderPosition, out.Position.String())
	return out.State, true
}
