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

// Link is the other end of a branch: the comment that the ticket grew out of, or
// the ticket that grew out of a comment.
type Link struct {
	Ticket  domain.TicketID `db:"ticket" json:"ticket"`
	Comment int             `db:"comment" json:"comment"`
}

// branches answers GET /tickets/{id}/branches: where the ticket comes from, and
// what grew out of it, as far as the asker sees the other end.
func (to routes) branches(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	branches, err := to.Branches(c.UserContext(), s)
	if err != nil {
		return err
	}
	return c.JSON(branches)
}

// Branches are both ends of a ticket's branches.
type Branches struct {
	From *Link  `json:"from,omitempty"` // nil: it grew out of no comment that the asker sees
	To   []Link `json:"to"`
}

// Branches is where the ticket comes from, and what grew out of it.
func (a *API) Branches(ctx context.Context, s Sight) (Branches, error) {
	branches, id := Branches{To: []Link{}}, s.ticket.ID
	var origins []Link
	if err := a.db.Read.SelectContext(ctx, &origins, oneOrigin, s.actor.ID, s.actor.Admin, id); err != nil {
		return branches, fmt.Errorf("find what %s grew out of: %w", id, err)
	}
	for _, origin := range origins {
		branches.From = &origin
	}
	if err := a.db.Read.SelectContext(ctx, &branches.To, listBranches, s.actor.ID, s.actor.Admin, id, maxBranches); err != nil {
		return branches, fmt.Errorf("list what grew out of %s: %w", id, err)
	}
	return branches, nil
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
