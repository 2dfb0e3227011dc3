package readapi

import (
	"context"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
)

// oneOrigin and listBranches have what the actor sees at the other end as well.
const oneOrigin = `SELECT b.origin AS ticket, b.comment
FROM branches b JOIN tickets t ON t.id = b.origin
WHERE b.ticket = $3 AND ` + seesTicket + ` LIMIT 1`

const listBranches = `SELECT t.id AS ticket, b.comment
FROM branches b JOIN tickets t ON t.id = b.ticket
WHERE b.origin = $3 AND ` + seesTicket + `
ORDER BY t.id LIMIT $4`

// maxBranches is how many branches of a ticket are listed.
const maxBranches = 1000

// link is the other end of a branch: the comment that the ticket grew out of, or
// the ticket that grew out of a comment.
type link struct {
	Ticket  domain.TicketID `db:"ticket" json:"ticket"`
	Comment int             `db:"comment" json:"comment"`
}

// branches answers GET /tickets/{id}/branches: where the ticket comes from, and
// what grew out of it, as far as the asker sees the other end.
func (to routes) branches(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	actor := to.who(c)
	t, err := to.visibleTicket(c.UserContext(), actor, c.Params("id"))
	if err != nil {
		return err
	}
	answer := struct {
		From *link  `json:"from,omitempty"`
		To   []link `json:"to"`
	}{To: []link{}}
	var origins []link
	if err := to.db.Read.SelectContext(c.UserContext(), &origins, oneOrigin, actor.ID, actor.Admin, t.ID); err != nil {
		return fmt.Errorf("find what %s grew out of: %w", t.ID, err)
	}
	for _, origin := range origins {
		answer.From = &origin
	}
	if err := to.db.Read.SelectContext(c.UserContext(), &answer.To, listBranches, actor.ID, actor.Admin, t.ID, maxBranches); err != nil {
		return fmt.Errorf("list what grew out of %s: %w", t.ID, err)
	}
	return c.JSON(answer)
}

// withoutHidden takes the id of another ticket out of an event, if the asker does
// not see that ticket, and hashes, by which one could guess at what has been removed.
func (a *API) withoutHidden(ctx context.Context, actor domain.Actor, event ticket.Event) (_ ticket.Event, hidden bool, err error) {
	var other domain.TicketID
	switch e := event.(type) {
	case ticket.FileAttached:
		return withoutHash(e), true, nil
	case ticket.Posted:
		if e.BranchedFrom != nil {
			other = e.BranchedFrom.Ticket
		}
		if e.CopyOf != nil {
			other = e.CopyOf.Ticket
		}
	case ticket.CascadeLinked:
		other = e.Copy
	case ticket.Branched:
		other = e.Ticket
	}
	if other == "" {
		return event, false, nil
	}
	_, err = a.visibleTicket(ctx, actor, string(other))
	if domain.KindOf(err) != domain.NotFound {
		return event, false, err
	}
	switch e := event.(type) {
	case ticket.Posted:
		e.BranchedFrom, e.CopyOf = nil, nil
		return e, true, nil
	case ticket.Branched:
		e.Ticket = ""
		return e, true, nil
	case ticket.CascadeLinked:
		e.Copy = ""
		return e, true, nil
	}
	return event, false, nil
}
