package projections

import (
	"context"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/ticket"
)

// tickets is the present of every ticket, its comments, its internal notes, its
// watchers, its raise requests, its links with tickets of other trackers and its twins; its changes of state and of
// assignee. A row is by construction the fold of the ticket's events: it is read, evolved, written.
type tickets struct{}

func (tickets) name() string { return "tickets" }
func (tickets) version() int { return 15 }

// The indexes serve keyset pages: the columns before the last two are equal, the
// last but one is the sort. tickets_counts answers the order of open work, and what is counted by reading,
// without touching the rows. Each index costs every write, so the rarer sorts
// (state, assignee, answers) have none; tickets_state is for lists of one state. A rank is bytes, since text sorts otherwise in every
// collation.
func (tickets) tables() []table {
	return []table{{
		name: "tickets",
		create: `CREATE TABLE tickets@ (
			id TEXT NOT NULL PRIMARY KEY,
			tracker TEXT NOT NULL,
			number BIGINT NOT NULL,
			state TEXT NOT NULL,
			list TEXT NOT NULL,
			summary TEXT NOT NULL,
			description TEXT NOT NULL,
			answers JSONB NOT NULL,
			answer_keys JSONB NOT NULL,
			brought JSONB NOT NULL,
			moved_from JSONB NOT NULL,
			resolution TEXT NOT NULL,
			reporter TEXT NOT NULL,
			assignee TEXT NOT NULL DEFAULT '',
			comments BIGINT NOT NULL,
			reported_at TIMESTAMP NOT NULL,
			updated_at TIMESTAMP NOT NULL,
			version BIGINT NOT NULL,
			rank BYTEA NOT NULL,
			events BIGINT NOT NULL,
			deleted BOOLEAN NOT NULL,
			post_command TEXT,
			answered_at TIMESTAMP,
			changed BIGINT NOT NULL
		)`,
		indexes: []string{
			`CREATE INDEX tickets_updated@@ ON tickets@ (list, updated_at, id)`,
			`CREATE INDEX tickets_state@@ ON tickets@ (list, state, updated_at, id)`,
			`CREATE INDEX tickets_reported@@ ON tickets@ (list, reported_at, id)`,
			`CREATE INDEX tickets_number@@ ON tickets@ (list, number, id)`,
			`CREATE INDEX tickets_tracker@@ ON tickets@ (tracker, list, updated_at, id)`,
			`CREATE INDEX tickets_tracker_number@@ ON tickets@ (tracker, list, number, id)`,
			`CREATE INDEX tickets_tracker_reported@@ ON tickets@ (tracker, list, reported_at, id)`,
			`CREATE INDEX tickets_rank@@ ON tickets@ (tracker, list, rank, id, deleted)`,
			`CREATE INDEX tickets_reporter@@ ON tickets@ (reporter, list, updated_at, id, tracker)`,
			`CREATE INDEX tickets_assignee@@ ON tickets@ (assignee, list, updated_at, id, tracker)`,
			`CREATE INDEX tickets_counts@@ ON tickets@ (tracker, list, state, number, id, assignee, reporter, deleted)`,
			// For who follows the tickets.
			`CREATE INDEX tickets_changed@@ ON tickets@ (changed)`,
			// Not unique: two nodes may post the same key at the same instant, and a
			// read model does not stop for that.
			`CREATE INDEX tickets_post_command@@ ON tickets@ (post_command) WHERE post_command IS NOT NULL`,
		},
		key: []string{"id"},
		columns: []string{"id", "tracker", "number", "state", "list", "summary", "description", "answers", "answer_keys", "brought", "moved_from", "resolution",
			"reporter", "assignee", "comments", "reported_at", "updated_at", "version", "rank", "events", "deleted", "post_command", "answered_at", "changed"},
	}, commentsTable(), notesTable(), watchersTable(), branchesTable(), raiseRequests(), cascadesTable(), twinsTable(),
		stateChangesTable(), ownershipChangesTable()}
}

// branchRow is a row of branches. The new ticket tells of its origin in its first
// event, so both sides are known together.
type branchRow struct {
	Ticket  domain.TicketID `db:"ticket"`
	Origin  domain.TicketID `db:"origin"`
	Comment int             `db:"comment"`
}

func (tickets) apply(ctx context.Context, tx *sqlx.Tx, at place, events []event) error {
	folded, err := readTickets(ctx, tx, at, events)
	if err != nil {
		return err
	}
	comments, notes, watches := newRemarks(selectComment, upsertComments), newRemarks(selectNote, upsertNotes), newWatches()
	var branches []branchRow
	for _, e := range events {
		if e.ticketEvent == nil {
			continue
		}
		if posted, ok := e.ticketEvent.(ticket.Posted); ok && posted.BranchedFrom != nil {
			branches = append(branches, branchRow{e.ticketID, posted.BranchedFrom.Ticket, posted.BranchedFrom.Comment})
		}
		if err := folded.evolve(e); err != nil {
			return err
		}
		version := folded.tickets[e.ticketID].Version
		if err := errors.Join(applyComment(ctx, tx, at, e, comments, version), applyNote(ctx, tx, at, e, notes, version)); err != nil {
			return err
		}
		if err := watches.apply(e); err != nil {
			return err
		}
		if err := errors.Join(applyRaise(ctx, tx, at, e), applyCascade(ctx, tx, at, e), applyTwin(ctx, tx, at, e)); err != nil {
			return err
		}
	}
	if err := errors.Join(folded.write(ctx, tx, at), writeChanges(ctx, tx, at, folded.changed), writeOwners(ctx, tx, at, folded.given)); err != nil {
		return err
	}
	if err := comments.write(ctx, tx, at); err != nil {
		return fmt.Errorf("write comments: %w", err)
	}
	if err := notes.write(ctx, tx, at); err != nil {
		return fmt.Errorf("write notes: %w", err)
	}
	if err := watches.write(ctx, tx, at); err != nil {
		return fmt.Errorf("write watchers: %w", err)
	}
	if err := insert(ctx, tx, at.sql(`INSERT INTO branches@ (ticket, origin, comment) VALUES (:ticket, :origin, :comment)`), branches); err != nil {
		return fmt.Errorf("write branches: %w", err)
	}
	return nil
}

func applyComment(ctx context.Context, tx *sqlx.Tx, at place, e event, comments *remarks, version uint64) error {
	switch said := e.ticketEvent.(type) {
	case ticket.Commented:
		e.meta.Actor, e.meta.OccurredAt = said.Said(e.meta)
		e.meta.OccurredAt = stored(e.meta.OccurredAt)
		comments.add(e, said.Comment, said.Body, version)
	case ticket.CommentEdited:
		return comments.reword(ctx, tx, at, e, said.Comment, said.Body)
	case ticket.CommentDeleted:
		return comments.withdraw(ctx, tx, at, e, said.Comment)
	}
	return nil
}

func applyNote(ctx context.Context, tx *sqlx.Tx, at place, e event, notes *remarks, version uint64) error {
	switch said := e.ticketEvent.(type) {
	case ticket.NoteAdded:
		notes.add(e, said.Note, said.Body, version)
	case ticket.NoteEdited:
		return notes.reword(ctx, tx, at, e, said.Note, said.Body)
	case ticket.NoteDeleted:
		return notes.withdraw(ctx, tx, at, e, said.Note)
	}
	return nil
}
