package readapi

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/eventstore"
)

const listHistory = `SELECT h.version, h.revision, h.type, h.data, h.actor, h.source, h.occurred_at, h.recorded_at,
	h.commit_position, h.prepare_position, c.deleted_at IS NOT NULL AS withdrawn
FROM tickets t JOIN history h ON h.ticket = t.id LEFT JOIN comments c ON c.ticket = h.ticket AND c.comment = h.comment
WHERE t.id = $3 AND ` + seesTicket + ` AND h.version > $4
ORDER BY h.version LIMIT $5`

// wholeHistory has the internal events too, in their places. sees is a predicate of visible.go.
func wholeHistory(sees string) string {
	return `SELECT h.version, h.revision, h.type, h.data, h.actor, h.source, h.occurred_at, h.recorded_at,
	h.commit_position, h.prepare_position, c.deleted_at IS NOT NULL AS withdrawn, FALSE AS internal
FROM tickets t JOIN history h ON h.ticket = t.id LEFT JOIN comments c ON c.ticket = h.ticket AND c.comment = h.comment
WHERE t.id = $3 AND ` + sees + ` AND h.revision >= $4
UNION ALL
SELECT h.version, h.revision, h.type, h.data, h.actor, h.source, h.occurred_at, h.recorded_at,
	h.commit_position, h.prepare_position, n.deleted_at IS NOT NULL AS withdrawn, TRUE AS internal
FROM tickets t JOIN internal_history h ON h.ticket = t.id LEFT JOIN notes n ON n.ticket = h.ticket AND n.note = h.note
WHERE t.id = $3 AND ` + sees + ` AND h.revision >= $4
ORDER BY revision LIMIT $5`
}

// historyRow is a row of the table history.
type historyRow struct {
	Version    int64         `db:"version"`
	Revision   int64         `db:"revision"`
	Type       string        `db:"type"`
	Data       []byte        `db:"data"`
	Actor      domain.UserID `db:"actor"`
	Source     domain.Source `db:"source"`
	OccurredAt time.Time     `db:"occurred_at"`
	RecordedAt time.Time     `db:"recorded_at"`
	Commit     uint64        `db:"commit_position"`
	Prepare    uint64        `db:"prepare_position"`
	Withdrawn  bool          `db:"withdrawn"` // it holds the text of a comment or note that has been deleted since
	Internal   bool          `db:"internal"`
}

func (r historyRow) position() eventstore.Position {
	return eventstore.Position{Commit: r.Commit, Prepare: r.Prepare}
}

// happened is one event of a ticket, as the API shows it.
type happened struct {
	revision   int64
	unseen     bool            // there is nothing in it that the asker may see
	Version    int64           `json:"version"`
	Type       string          `json:"type"`
	Words      string          `json:"words"`
	Actor      domain.UserID   `json:"actor"`
	Source     domain.Source   `json:"source"`
	OccurredAt time.Time       `json:"occurredAt"`
	RecordedAt time.Time       `json:"recordedAt"`
	Position   string          `json:"position"`
	Internal   bool            `json:"internal,omitempty"`
	Data       json.RawMessage `json:"data"`
	Fields     []answeredField `json:"fields,omitempty"` // that it answers, as they were called then
}

// history answers GET /tickets/{id}/history, the first event first.
func (to routes) history(c *fiber.Ctx) error {
	p := readParams(c, "limit", "cursor")
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	query, key := listHistory, func(row happened) int64 { return row.Version }
	of := "history " + c.Params("id")
	if s.may(domain.SeeInternal) {
		query, key = wholeHistory(seesTicket), byRevision
		of = "whole " + of
	}
	w := p.window(of)
	if err := p.err(); err != nil {
		return err
	}
	return to.answerHistory(c, query, s, w, key)
}

// byRevision is the key of staff's history: the next row has at least this revision.
func byRevision(row happened) int64 { return row.revision + 1 }

func (to routes) answerHistory(c *fiber.Ctx, query string, s sight, w window, key func(happened) int64) error {
	rows, err := to.listHistory(c.UserContext(), query, s, w, words{french: prefersFrench(c.Get(fiber.HeaderAcceptLanguage)), in: s.in})
	if err != nil {
		return err
	}
	c.Vary(fiber.HeaderAcceptLanguage)
	return pageWhere(c, "history", rows, w, key, func(row happened) bool { return !row.unseen })
}

func (a *API) listHistory(ctx context.Context, query string, s sight, w window, words words) ([]happened, error) {
	id := s.ticket.ID
	var rows []historyRow
	if err := a.db.Read.SelectContext(ctx, &rows, query, s.actor.ID, s.actor.Admin, id, w.after, w.limit+1); err != nil {
		return nil, fmt.Errorf("list the history of %s: %w", id, err)
	}
	list, unseen := make([]happened, len(rows)), s.in.Unseen(s.actor)
	told := fieldsTold{api: a, in: s.in}
	for i, row := range rows {
		event, err := ticket.Decode(row.Type, row.Data)
		if err != nil {
			return nil, fmt.Errorf("version %d of %s: %w", row.Version, id, err)
		}
		if event, row.Data, err = a.asSeen(ctx, s.actor, event, row.Data, unseen); err != nil {
			return nil, err
		}
		if row.Withdrawn && !s.may(domain.ManageComments) {
			if row.Data, err = withoutText(event); err != nil {
				return nil, err
			}
		}
		var fields []answeredField
		if fields, words.then, err = told.of(ctx, event, row.position()); err != nil {
			return nil, err
		}
		list[i] = happened{
			revision: row.Revision, Internal: row.Internal,
			Fields:  fields,
			unseen:  ticket.SaysNothing(event),
			Version: row.Version, Type: row.Type, Words: words.of(event, row.Actor), Actor: row.Actor, Source: row.Source,
			OccurredAt: row.OccurredAt.UTC(), RecordedAt: row.RecordedAt.UTC(),
			Position: row.position().String(), Data: row.Data,
		}
	}
	return list, nil
}

// asSeen is the event and its data as the actor may see them: without the answers
// to the unseen fields, and without the id of a ticket that they do not see.
func (a *API) asSeen(ctx context.Context, actor domain.Actor, event ticket.Event, data []byte, unseen []string) (ticket.Event, []byte, error) {
	event, hidden, err := a.withoutHidden(ctx, actor, event)
	if err != nil || !hidden && len(unseen) == 0 {
		return event, data, err
	}
	event = ticket.Without(event, unseen)
	_, data, err = ticket.Encode(event)
	return event, data, err
}

// withoutText is the event's data without what was said.
func withoutText(event ticket.Event) ([]byte, error) {
	switch said := event.(type) {
	case ticket.Commented:
		said.Body, said.Mentions = "", nil
		event = said
	case ticket.CommentEdited:
		said.Body, said.Mentions = "", nil
		event = said
	case ticket.NoteAdded:
		said.Body, said.Mentions = "", nil
		event = said
	case ticket.NoteEdited:
		said.Body, said.Mentions = "", nil
		event = said
	}
	_, data, err := ticket.Encode(event)
	return data, err
}
