package projections

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/ticket"
)

// search is what tickets can be found by: the words of their texts, each text apart,
// so that readapi can leave out what somebody may not see. Internal notes stand in
// a table of their own, which only queries of those who may see notes look into.
type search struct{}

func (search) name() string { return "search" }
func (search) version() int { return 3 }

// The parts of a ticket that have words. With the field's code or the number after
// them: field, comment, note. What was brought has its tracker and the field's code.
const (
	partSummary     = "summary"
	partDescription = "description"
	partResolution  = "resolution"
	partField       = "field."
	partBrought     = "from."
	partComment     = "comment."
	partNote        = "note."
)

func (search) tables() []table {
	return []table{wordTable("texts"), wordTable("note_texts"), {
		name:    "gone_tickets", // those that have been deleted
		create:  `CREATE TABLE gone_tickets@ (ticket TEXT NOT NULL PRIMARY KEY)`,
		key:     []string{"ticket"},
		columns: []string{"ticket"},
	}}
}

// wordTable is a table of texts. The ids are no news of the events: two builds count differently.
func wordTable(name string) table {
	return table{
		name: name,
		create: `CREATE TABLE ` + name + `@ (
			id INTEGER NOT NULL PRIMARY KEY,
			ticket TEXT NOT NULL,
			part TEXT NOT NULL,
			words TEXT NOT NULL,
			gone BOOLEAN NOT NULL,
			UNIQUE (ticket, part)
		)`,
		key:     []string{"ticket", "part"},
		columns: []string{"ticket", "part", "words", "gone"},
		words:   true,
	}
}

func (search) apply(ctx context.Context, tx *sqlx.Tx, at place, events []event) error {
	texts, notes, gone := newWordRows("texts"), newWordRows("note_texts"), map[domain.TicketID]bool{}
	var known []domain.TicketID
	for _, e := range events {
		if e.ticketEvent == nil {
			continue
		}
		if e.Revision > 0 {
			known = append(known, e.ticketID)
		}
		switch e.ticketEvent.(type) {
		case ticket.Deleted:
			gone[e.ticketID] = true
		case ticket.Undeleted:
			gone[e.ticketID] = false
		}
		texts.apply(e)
		notes.applyNote(e)
	}
	before, err := goneTickets(ctx, tx, at, known)
	if err != nil {
		return err
	}
	for id := range before {
		if _, changed := gone[id]; !changed {
			gone[id] = true
		}
	}
	for _, rows := range []*wordRows{texts, notes} {
		if err := rows.write(ctx, tx, at, gone); err != nil {
			return fmt.Errorf("write %s: %w", rows.table, err)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(gone)) {
		if gone[id] == before[id] {
			continue
		}
		if err := turn(ctx, tx, at, id, gone[id]); err != nil {
			return fmt.Errorf("write what is gone of %s: %w", id, err)
		}
	}
	return nil
}

// goneTickets are those of the tickets that were deleted before the events.
func goneTickets(ctx context.Context, tx *sqlx.Tx, at place, ids []domain.TicketID) (map[domain.TicketID]bool, error) {
	slices.Sort(ids)
	rows, err := selectIn[domain.TicketID](ctx, tx, at.sql(`SELECT ticket FROM gone_tickets@ WHERE ticket IN (?)`), slices.Compact(ids))
	if err != nil {
		return nil, fmt.Errorf("read deleted tickets: %w", err)
	}
	gone := map[domain.TicketID]bool{}
	for _, id := range rows {
		gone[id] = true
	}
	return gone, nil
}

// turn takes all texts of a ticket out of the indexes, or puts them in again.
func turn(ctx context.Context, tx *sqlx.Tx, at place, id domain.TicketID, gone bool) error {
	remember := `DELETE FROM gone_tickets@ WHERE ticket = $1`
	if gone {
		remember = `INSERT INTO gone_tickets@ (ticket) VALUES ($1)`
	}
	if _, err := tx.ExecContext(ctx, at.sql(remember), id); err != nil {
		return err
	}
	for _, text := range []string{`UPDATE texts@ SET gone = $1 WHERE ticket = $2 AND gone <> $1`, `UPDATE note_texts@ SET gone = $1 WHERE ticket = $2 AND gone <> $1`} {
		if _, err := tx.ExecContext(ctx, at.sql(text), gone, id); err != nil {
			return err
		}
	}
	return nil
}
