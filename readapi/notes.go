package readapi

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

const listNotes = `SELECT n.note AS number, n.version, n.author, n.body, n.occurred_at, n.edited_at, n.edited_by, n.deleted_at, n.deleted_by
FROM tickets t JOIN notes n ON n.ticket = t.id
WHERE t.id = $3 AND ` + seesTicket + ` AND n.note > $4
ORDER BY n.note LIMIT $5`

// Note is an internal note, as the API shows it to those who may see such.
type Note struct {
	Note int `json:"note"` // its number among the notes of the ticket
	Remark
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
	return page(c, "notes", asNotes(rows), w, func(row Note) int64 { return int64(row.Note) })
}

func asNotes(rows []Remark) []Note {
	notes := make([]Note, len(rows))
	for i, row := range rows {
		notes[i] = Note{row.Number, row}
	}
	return notes
}

// Notes are at most the limit of internal notes after the number, and whether there
// are more; none for who may not see such.
func (a *API) Notes(ctx context.Context, s Sight, after, limit int) (notes []Note, more bool, err error) {
	if !s.may(domain.SeeInternal) {
		return nil, false, nil
	}
	rows, err := a.remarks(ctx, listNotes, s, window{after: int64(after), limit: limit})
	rows, more = cut(rows, limit)
	return asNotes(rows), more, err
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
func (to routes) insideSight(c *fiber.Ctx) (Sight, error) {
	s, err := to.sight(c)
	if err == nil && !s.may(domain.SeeInternal) {
		err = domain.Errorf(domain.Forbidden, "right-missing", "none of your roles may see internal notes")
	}
	return s, err
}

// NoteRevisions are the texts that a note has had, for who may see notes.
func (a *API) NoteRevisions(ctx context.Context, s Sight, number, limit int) ([]Revision, error) {
	if !s.may(domain.SeeInternal) {
		return nil, domain.ErrNoNote(s.ticket.ID, number)
	}
	return a.revisionsOf(ctx, s, number, limit, ofNotes, domain.ErrNoNote)
}
