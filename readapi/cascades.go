package readapi

import (
	"context"
	"fmt"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
)

// listCascades has what the actor sees at the other end as well.
const listCascades = `SELECT t.id AS ticket, l.original = $3 AS above, l.ended, l.sent_at
FROM cascades l JOIN tickets t ON t.id = CASE WHEN l.original = $3 THEN l.copy ELSE l.original END
WHERE (l.original = $3 OR l.copy = $3) AND ` + seesTicket + `
ORDER BY l.sent_at, l.link LIMIT $4`

// maxCascades is how many copies of a ticket are shown.
const maxCascades = 100

// Cascaded is the other end of a cascade.
type Cascaded struct {
	Ticket domain.TicketID `db:"ticket" json:"ticket"`
	Ended  ticket.Ending   `db:"ended" json:"ended,omitempty"` // why the two are linked no longer
	SentAt time.Time       `db:"sent_at" json:"sentAt"`
	Above  bool            `db:"above" json:"-"`
}

// Cascades are the ticket that this one is a copy of, and the copies of this one,
// the last one last, as far as the asker sees them.
type Cascades struct {
	CopyOf *Cascaded  `json:"copyOf,omitempty"`
	Copies []Cascaded `json:"copies,omitempty"`
}

func (a *API) cascades(ctx context.Context, actor domain.Actor, id domain.TicketID) (Cascades, error) {
	var found Cascades
	var rows []Cascaded
	if err := a.db.Read.SelectContext(ctx, &rows, listCascades, actor.ID, actor.Admin, id, maxCascades); err != nil {
		return found, fmt.Errorf("list the cascades of %s: %w", id, err)
	}
	for _, row := range rows {
		row.SentAt = row.SentAt.UTC()
		if row.Above {
			found.Copies = append(found.Copies, row)
		} else {
			found.CopyOf = &row
		}
	}
	return found, nil
}

// cascade is the sentence for what happened between a ticket and its copy.
func (w words) cascade(event ticket.Event) string {
	switch e := event.(type) {
	case ticket.Cascaded:
		return w.say("Remonté au niveau supérieur, %s.", "Sent to the upper level, %s.", e.To)
	case ticket.CascadeLinked:
		if e.Copy == "" {
			return w.say("Sa copie y est créée.", "Its copy is made there.")
		}
		return w.say("Sa copie est %s.", "Its copy is %s.", e.Copy)
	case ticket.CascadeReported:
		if e.State != "" { // with the built-in names: the labels are those of the other tracker
			name := e.State.DefaultLabel().EN
			if w.french {
				name = e.State.DefaultLabel().FR
			}
			return w.say("Au niveau supérieur : « %s ».", "At the upper level: “%s”.", name)
		}
		return w.say("Résolution écrite au niveau supérieur.", "Resolution written at the upper level.")
	case ticket.CascadeRefused:
		return w.say("Renvoyé : %s", "Handed back: %s", e.Reason)
	case ticket.CascadeEnded:
		return w.ended(e)
	}
	return ""
}

func (w words) ended(e ticket.CascadeEnded) string {
	switch e.Why {
	case ticket.EndRecalled:
		return w.say("Rappelé du niveau supérieur.", "Called back from the upper level.")
	case ticket.EndRefused:
		return w.say("Renvoyé par le niveau supérieur : %s", "Handed back by the upper level: %s", e.Reason)
	case ticket.EndReopened:
		return w.say("Repris au niveau inférieur ; le lien est rompu.", "Taken up again at the lower level; the link has ended.")
	case ticket.EndDeleted:
	}
	return w.say("Le lien est rompu : l’un des deux tickets a été supprimé.", "The link is broken: one of the two tickets was deleted.")
}

const brokenCascades = `SELECT l.original FROM cascades l LEFT JOIN tickets o ON o.id = l.original LEFT JOIN tickets c ON c.id = l.copy
WHERE l.ended = '' AND (l.copy = '' OR l.refused OR o.deleted OR c.deleted) OR l.ended <> '' AND l.copy <> '' AND NOT l.told
ORDER BY l.sent_at, l.link LIMIT 1000`

// BrokenCascades lists tickets that were sent to the parent tracker and have no
// copy there, whose link should have ended, or has ended on one side alone. It acts for nobody.
func (a *API) BrokenCascades(ctx context.Context) ([]domain.TicketID, error) {
	var ids []domain.TicketID
	if err := a.db.Read.SelectContext(ctx, &ids, brokenCascades); err != nil {
		return nil, fmt.Errorf("list broken cascades: %w", err)
	}
	return ids, nil
}
