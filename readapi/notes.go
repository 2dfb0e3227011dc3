package readapi

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

const listNotes = `SELECT n.note AS number, n.version, n.author, n.body, n.occurred_at, n.edited_at, n.edited_by, n.deleted_at, n.deleted_by
FROM tickets t JOIN notes n ON n.ticket = t.id
WHERE t.id = $3 AND ` + seesTicket + ` AND n.note > $4
ORDER BY n.note LIMIT $5`

// note is an internal note, as the API shows it to those who may see such.
type note struct {
	Note int `json:"note"` // its number among the notes of the ticket
	remark
}

// notes answers GET /tickets/{id}/notes[?at=], the first note first.
func (to routes) notes(c *fiber.Ctx) error {
	p := readParams(c, "at", "limit", "cursor")
	at := p.moment()
	w := p.window("notes " + c.Params("id") + " " + p.given["at"])
	if err := p.err(); err != nil {
		return err
	}
	s, err := to.insideSight(c)
	if err != nil {
		return err
	}
	rows, err := to.said(c.UserContext(), s, at, w, listNotes, ofNotes)
	if err != nil {
		return err
	}
	notes := make([]note, len(rows))
	for i, row := range rows {
		notes[i] = note{row.Number, row}
	}
	return page(c, "notes", notes, w, func(row note) int64 { return int64(row.Note) })
}

// noteRevisions answers GET /tickets/{id}/notes/{cid}/revisions, the first text first.
func (to routes) noteRevisions(c *fiber.Ctx) error {
	s, err := to.insideSight(c)
	if err != nil {
		return err
	}
	return to.revisions(c, s, ofNotes, domain.ErrNoNote)
}

func ofNotes(p past) remarkFold { return p.notes }

// insideSight is the sight of whoever may see internal notes. Others are told so,
// alike whether there are any.
func (to routes) insideSight(c *fiber.Ctx) (sight, error) {
	s, err := to.sight(c)
	if err == nil && !s.may(domain.SeeInternal) {
		err = domain.Errorf(domain.Forbidden, "right-missing", "none of your roles may see internal notes")
	}
	return s, err
}
