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

const listHistory = `SELECT h.version, h.type, h.data, h.actor, h.source, h.occurred_at, h.recorded_at,
	h.commit_position, h.prepare_position, c.deleted_at IS NOT NULL AS withdrawn
FROM tickets t JOIN history h ON h.ticket = t.id LEFT JOIN comments c ON c.ticket = h.ticket AND c.comment = h.comment
WHERE t.id = $3 AND ` + seesTicket + ` AND h.version > $4
ORDER BY h.version LIMIT $5`

// historyRow is a row of the table history.
type historyRow struct {
	Version    int64         `db:"version"`
	Type       string        `db:"type"`
	Data       []byte        `db:"data"`
	Actor      domain.UserID `db:"actor"`
	Source     domain.Source `db:"source"`
	OccurredAt time.Time     `db:"occurred_at"`
	RecordedAt time.Time     `db:"recorded_at"`
	Commit     uint64        `db:"commit_position"`
	Prepare    uint64        `db:"prepare_position"`
	Withdrawn  bool          `db:"withdrawn"` // it holds the text of a comment that has been deleted since
}

func (r historyRow) position() eventstore.Position {
	return eventstore.Position{Commit: r.Commit, Prepare: r.Prepare}
}

// happened is one event of a ticket, as the API shows it.
type happened struct {
	unseen     bool            // there is nothing in it that the asker may see
	Version    int64           `json:"version"`
	Type       string          `json:"type"`
	Words      string          `json:"words"`
	Actor      domain.UserID   `json:"actor"`
	Source     domain.Source   `json:"source"`
	OccurredAt time.Time       `json:"occurredAt"`
	RecordedAt time.Time       `json:"recordedAt"`
	Position   string          `json:"position"`
	Data       json.RawMessage `json:"data"`
	Fields     []answeredField `json:"fields,omitempty"` // that it answers, as they were called then
}

// history answers GET /tickets/{id}/history, the first event first.
func (to routes) history(c *fiber.Ctx) error {
	p := readParams(c, "limit", "cursor")
	w := p.window("history " + c.Params("id"))
	if err := p.err(); err != nil {
		return err
	}
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	rows, err := to.listHistory(c.UserContext(), s, w, words{french: prefersFrench(c.Get(fiber.HeaderAcceptLanguage)), in: s.in})
	if err != nil {
		return err
	}
	c.Vary(fiber.HeaderAcceptLanguage)
	return pageWhere(c, "history", rows, w, func(row happened) int64 { return row.Version }, func(row happened) bool { return !row.unseen })
}

func (a *API) listHistory(ctx context.Context, s sight, w window, words words) ([]happened, error) {
	id := s.ticket.ID
	var rows []historyRow
	if err := a.db.Read.SelectContext(ctx, &rows, listHistory, s.actor.ID, s.actor.Admin, id, w.after, w.limit+1); err != nil {
		return nil, fmt.Errorf("list the history of %s: %w", id, err)
	}
	list, unseen := make([]happened, len(rows)), s.in.Unseen(s.actor)
	told := fieldsTold{api: a, in: s.in}
	for i, row := range rows {
		event, err := ticket.Decode(row.Type, row.Data)
		if err != nil {
			return nil, fmt.Errorf("version %d of %s: %w", row.Version, id, err)
		}
		if event, row.Data, err = without(event, row.Data, unseen); err != nil {
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
			Fields:  fields,
			unseen:  ticket.SaysNothing(event),
			Version: row.Version, Type: row.Type, Words: words.of(event, row.Actor), Actor: row.Actor, Source: row.Source,
			OccurredAt: row.OccurredAt.UTC(), RecordedAt: row.RecordedAt.UTC(),
			Position: row.position().String(), Data: row.Data,
		}
	}
	return list, nil
}

// without is the event and its data without the answers to the fields of the codes.
func without(event ticket.Event, data []byte, codes []string) (ticket.Event, []byte, error) {
	if len(codes) == 0 {
		return event, data, nil
	}
	event = ticket.Without(event, codes)
	_, data, err := ticket.Encode(event)
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
	}
	_, data, err := ticket.Encode(event)
	return data, err
}
