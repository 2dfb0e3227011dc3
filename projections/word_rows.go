package projections

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"

	"suivi/database"
	"suivi/domain"
	"suivi/domain/ticket"
)

// wordRow is a row of texts or of note_texts.
type wordRow struct {
	ID     int64           `db:"id"`
	Ticket domain.TicketID `db:"ticket"`
	Part   string          `db:"part"`
	Words  string          `db:"words"`
	Gone   bool            `db:"gone"` // deleted with its ticket
}

type partKey struct {
	ticket domain.TicketID
	part   string
}

// wordRows are the texts that a batch changes, as they are after it; a text
// without words has no row.
type wordRows struct {
	table string
	texts map[partKey]string
	order []partKey
	moved map[domain.TicketID]bool // those all of whose answers are told anew
}

func newWordRows(table string) *wordRows {
	return &wordRows{table: table, texts: map[partKey]string{}, moved: map[domain.TicketID]bool{}}
}

// apply takes in what everybody may read who sees the ticket, but for hidden
// answers, which are known by their parts.
func (w *wordRows) apply(e event) {
	switch said := e.ticketEvent.(type) {
	case ticket.Posted:
		w.keep(e, partSummary, said.Summary)
		w.keep(e, partDescription, said.Description)
		w.answers(e, said.Answers)
	case ticket.Edited:
		if said.Summary != nil {
			w.keep(e, partSummary, *said.Summary)
		}
		if said.Description != nil {
			w.keep(e, partDescription, *said.Description)
		}
		w.answers(e, said.Answers)
	case ticket.Moved:
		w.move(e, said)
	case ticket.ResolutionWritten:
		w.keep(e, partResolution, said.Resolution)
	case ticket.Commented:
		w.keep(e, numbered(partComment, said.Comment), said.Body)
	case ticket.CommentEdited:
		w.keep(e, numbered(partComment, said.Comment), said.Body)
	case ticket.CommentDeleted:
		w.keep(e, numbered(partComment, said.Comment), "")
	}
}

func (w *wordRows) applyNote(e event) {
	switch said := e.ticketEvent.(type) {
	case ticket.NoteAdded:
		w.keep(e, numbered(partNote, said.Note), said.Body)
	case ticket.NoteEdited:
		w.keep(e, numbered(partNote, said.Note), said.Body)
	case ticket.NoteDeleted:
		w.keep(e, numbered(partNote, said.Note), "")
	}
}

func numbered(part string, n int) string { return part + strconv.Itoa(n) }

// answers keeps each answer apart, since who may see it depends on its field.
func (w *wordRows) answers(e event, answers map[string]string) {
	for code, answer := range answers {
		w.keep(e, partField+code, answer)
	}
}

// move tells all answers anew: each is to a field of the tracker that the ticket
// is in now, or to one of those that it was in.
func (w *wordRows) move(e event, to ticket.Moved) {
	w.moved[e.ticketID] = true
	for key := range w.texts {
		if key.ticket == e.ticketID && (strings.HasPrefix(key.part, partField) || strings.HasPrefix(key.part, partBrought)) {
			w.texts[key] = ""
		}
	}
	w.answers(e, to.Answers)
	for _, b := range to.Brought {
		w.keep(e, partBrought+string(b.From)+"."+b.Code, b.Answer)
	}
}

func (w *wordRows) keep(e event, part, text string) {
	key := partKey{e.ticketID, part}
	if _, seen := w.texts[key]; !seen {
		w.order = append(w.order, key)
	}
	w.texts[key] = text
}

func (w *wordRows) write(ctx context.Context, tx *sqlx.Tx, at place, gone map[domain.TicketID]bool) error {
	for _, id := range slices.Sorted(maps.Keys(w.moved)) {
		_, err := tx.ExecContext(ctx, at.sql(`DELETE FROM `+w.table+`@ WHERE ticket = $1 AND (part LIKE 'field.%' OR part LIKE 'from.%')`), id)
		if err != nil {
			return err
		}
	}
	var rows []wordRow
	for _, key := range w.order {
		words := database.Words(w.texts[key])
		if len(words) > 0 {
			rows = append(rows, wordRow{Ticket: key.ticket, Part: key.part, Words: strings.Join(words, " "), Gone: gone[key.ticket]})
			continue
		}
		if _, err := tx.ExecContext(ctx, at.sql(`DELETE FROM `+w.table+`@ WHERE ticket = $1 AND part = $2`), key.ticket, key.part); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	var last int64
	if err := tx.GetContext(ctx, &last, at.sql(`SELECT COALESCE(MAX(id), 0) FROM `+w.table+`@`)); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	for i := range rows {
		rows[i].ID = last + 1 + int64(i)
	}
	return insert(ctx, tx, at.sql(`INSERT INTO `+w.table+`@ (id, ticket, part, words, gone) VALUES (:id, :ticket, :part, :words, :gone)
		ON CONFLICT (ticket, part) DO UPDATE SET words = excluded.words, gone = excluded.gone`), rows)
}
