package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// ticketRow is a row of tickets.
type ticketRow struct {
	ID          domain.TicketID   `db:"id"`
	Tracker     domain.TrackerKey `db:"tracker"`
	Number      int64             `db:"number"`
	State       tracker.State     `db:"state"`
	List        tracker.List      `db:"list"`
	Summary     string            `db:"summary"`
	Description string            `db:"description"`
	Answers     string            `db:"answers"`     // JSON
	AnswerKeys  string            `db:"answer_keys"` // JSON: what numbers and days sort by
	Brought     string            `db:"brought"`     // JSON
	MovedFrom   string            `db:"moved_from"`  // JSON
	Resolution  string            `db:"resolution"`
	Reporter    domain.UserID     `db:"reporter"`
	Assignee    domain.UserID     `db:"assignee"`
	Comments    int               `db:"comments"`
	ReportedAt  time.Time         `db:"reported_at"`
	UpdatedAt   time.Time         `db:"updated_at"`
	Version     uint64            `db:"version"`
	Events      uint64            `db:"events"`
	Deleted     bool              `db:"deleted"`
	Rank        []byte            `db:"rank"`
	PostCommand *string           `db:"post_command"` // of a post that carried an idempotency key
	AnsweredAt  *time.Time        `db:"answered_at"`  // when somebody else than the reporter first did something on it
	Changed     int64             `db:"changed"`      // the commit position of its last event
}

func (r ticketRow) ticket() (ticket.Ticket, error) {
	t := ticket.Ticket{
		ID: r.ID, Tracker: r.Tracker, Number: r.Number, State: r.State, List: r.List,
		Summary: r.Summary, Description: r.Description, Resolution: r.Resolution,
		Reporter: r.Reporter, Assignee: r.Assignee, Comments: r.Comments,
		ReportedAt: r.ReportedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), Version: r.Version, Rank: rank.Key(r.Rank),
		Inner: ticket.Inner{Events: r.Events, Deleted: r.Deleted},
	}
	err := errors.Join(json.Unmarshal([]byte(r.Answers), &t.Answers), json.Unmarshal([]byte(r.Brought), &t.Brought), json.Unmarshal([]byte(r.MovedFrom), &t.Before))
	if err != nil {
		return ticket.Ticket{}, fmt.Errorf("read the answers of %s: %w", r.ID, err)
	}
	return t, nil
}

func newTicketRow(t ticket.Ticket, postCommand *string) (ticketRow, error) {
	answers, err := answersJSON(t.Answers)
	if err != nil {
		return ticketRow{}, fmt.Errorf("write the answers of %s: %w", t.ID, err)
	}
	keys, err := answersJSON(answerKeys(t.Answers))
	if err != nil {
		return ticketRow{}, fmt.Errorf("write the answer keys of %s: %w", t.ID, err)
	}
	brought, err := listJSON(t.Brought)
	if err != nil {
		return ticketRow{}, fmt.Errorf("write what %s has brought: %w", t.ID, err)
	}
	movedFrom, err := listJSON(t.Before)
	if err != nil {
		return ticketRow{}, fmt.Errorf("write where %s was: %w", t.ID, err)
	}
	return ticketRow{
		ID: t.ID, Tracker: t.Tracker, Number: t.Number, State: t.State, List: t.List, Brought: brought, MovedFrom: movedFrom,
		Summary: t.Summary, Description: t.Description, Answers: answers, AnswerKeys: keys, Resolution: t.Resolution,
		Reporter: t.Reporter, Assignee: t.Assignee, Comments: t.Comments,
		ReportedAt: t.ReportedAt, UpdatedAt: t.UpdatedAt, Version: t.Version, Rank: []byte(t.Rank), Events: t.Inner.Events, Deleted: t.Inner.Deleted, PostCommand: postCommand,
	}, nil
}

func answersJSON(answers map[string]string) (string, error) {
	if len(answers) == 0 {
		return "{}", nil
	}
	text, err := json.Marshal(answers)
	return string(text), err
}

func listJSON[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal(list)
	return string(text), err
}

func answerKeys(answers map[string]string) map[string]string {
	keys := map[string]string{}
	for code, answer := range answers {
		if key := tracker.OrderKey(answer); key != "" {
			keys[code] = key
		}
	}
	return keys
}

// foldedTickets are the tickets of a batch, in the order in which they first occur in it.
type foldedTickets struct {
	tickets map[domain.TicketID]*foldedTicket
	order   []domain.TicketID
	changed []stateRow // by the batch
	given   []ownerRow // likewise
}

type foldedTicket struct {
	ticket.Ticket

	postCommand *string
	answered    *time.Time
	last        int64 // the commit position of its last event
}

// readTickets reads the tickets of the events as they are before them.
func readTickets(ctx context.Context, tx *sqlx.Tx, at place, events []event) (*foldedTickets, error) {
	folded := &foldedTickets{tickets: map[domain.TicketID]*foldedTicket{}}
	var known []domain.TicketID // a ticket whose first event is in the batch has no row
	for _, e := range events {
		if _, seen := folded.tickets[e.ticketID]; seen || e.ticketEvent == nil {
			continue
		}
		folded.tickets[e.ticketID] = &foldedTicket{}
		folded.order = append(folded.order, e.ticketID)
		if e.Revision > 0 {
			known = append(known, e.ticketID)
		}
	}
	rows, err := selectIn[ticketRow](ctx, tx, at.sql(`SELECT id, tracker, number, state, list, summary, description, answers, brought, moved_from, resolution,
		reporter, assignee, comments, reported_at, updated_at, version, rank, events, deleted, post_command, answered_at FROM tickets@ WHERE id IN (?)`), known)
	if err != nil {
		return nil, fmt.Errorf("read tickets: %w", err)
	}
	for _, r := range rows {
		t, err := r.ticket()
		if err != nil {
			return nil, err
		}
		*folded.tickets[r.ID] = foldedTicket{Ticket: t, postCommand: r.PostCommand, answered: r.AnsweredAt}
	}
	return folded, nil
}

func (f *foldedTickets) evolve(e event) error {
	t := f.tickets[e.ticketID]
	if t.Inner.Events != e.Revision {
		return fmt.Errorf("%s has %d events and cannot take event %d of its stream", e.ticketID, t.Inner.Events, e.Revision)
	}
	_, posted := e.ticketEvent.(ticket.Posted)
	if posted != (e.Revision == 0) {
		return fmt.Errorf("event %d of %s is %s: a ticket is posted first, and once", e.Revision, e.ticketID, e.Type)
	}
	t.Ticket = ticket.Evolve(t.Ticket, e.ticketEvent, e.meta)
	if t.ID != e.ticketID {
		return fmt.Errorf("the stream of %s tells of %q", e.ticketID, t.ID)
	}
	if posted && e.meta.IdempotencyKey != "" {
		command := e.meta.CommandID.String()
		t.postCommand = &command
	}
	t.respond(e)
	t.last = int64(e.Position.Commit)
	switch change := e.ticketEvent.(type) {
	case ticket.StateChanged:
		f.changed = append(f.changed, stateRow{e.ticketID, t.Version, change.From, change.To, e.meta.Actor, e.meta.OccurredAt})
	case ticket.Assigned:
		f.given = append(f.given, ownerRow{e.ticketID, t.Version, change.Previous, change.Assignee, e.meta.Actor, e.meta.OccurredAt})
	case ticket.Unassigned:
		f.given = append(f.given, ownerRow{e.ticketID, t.Version, change.Previous, "", e.meta.Actor, e.meta.OccurredAt})
	}
	return nil
}

// respond notes the first comment, or change of state, by somebody else than the reporter.
// That somebody has seen the ticket, which opens it, is no response.
func (t *foldedTicket) respond(e event) {
	by, at := e.meta.Actor, e.meta.OccurredAt
	switch said := e.ticketEvent.(type) {
	case ticket.Commented:
		by, at = said.Said(e.meta)
		if at = stored(at); at.Before(t.ReportedAt) {
			return
		}
	case ticket.StateChanged:
		if said.From == tracker.Posted && said.To == tracker.Open {
			return
		}
	default:
		return
	}
	if by != t.Reporter && (t.answered == nil || at.Before(*t.answered)) {
		t.answered = &at
	}
}

func (f *foldedTickets) write(ctx context.Context, tx *sqlx.Tx, at place) error {
	rows := make([]ticketRow, len(f.order))
	for i, id := range f.order {
		t := f.tickets[id]
		var err error
		if rows[i], err = newTicketRow(t.Ticket, t.postCommand); err != nil {
			return err
		}
		rows[i].AnsweredAt, rows[i].Changed = t.answered, t.last
	}
	err := insert(ctx, tx, at.sql(`INSERT INTO tickets@ (id, tracker, number, state, list, summary, description, answers, answer_keys, brought, moved_from, resolution,
			reporter, assignee, comments, reported_at, updated_at, version, rank, events, deleted, post_command, answered_at, changed)
		VALUES (:id, :tracker, :number, :state, :list, :summary, :description, :answers, :answer_keys, :brought, :moved_from, :resolution,
			:reporter, :assignee, :comments, :reported_at, :updated_at, :version, :rank, :events, :deleted, :post_command, :answered_at, :changed)
		ON CONFLICT (id) DO UPDATE SET tracker = excluded.tracker, state = excluded.state, list = excluded.list,
			summary = excluded.summary, description = excluded.description, answers = excluded.answers, answer_keys = excluded.answer_keys,
			brought = excluded.brought, moved_from = excluded.moved_from,
			resolution = excluded.resolution, reporter = excluded.reporter, assignee = excluded.assignee,
			comments = excluded.comments, updated_at = excluded.updated_at, version = excluded.version, rank = excluded.rank, events = excluded.events, deleted = excluded.deleted, answered_at = excluded.answered_at, changed = excluded.changed`), rows)
	if err != nil {
		return fmt.Errorf("write tickets: %w", err)
	}
	return nil
}
