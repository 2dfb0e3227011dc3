package readapi

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// historyOf is a query of histories, in the order of the log. sees is a predicate
// of visible.go; whole has the internal events too, in their places. What Happened
// between two tickets is for those who see both.
func historyOf(sees string, whole bool) string {
	query := `SELECT h.version, h.type, h.data, h.actor, h.source, h.occurred_at, h.recorded_at,
	h.commit_position, h.prepare_position, c.deleted_at IS NOT NULL AS withdrawn, FALSE AS internal
FROM tickets t JOIN history h ON h.ticket = t.id LEFT JOIN comments c ON c.ticket = h.ticket AND c.comment = h.comment
WHERE t.id = $3 AND ` + sees + ` AND (h.commit_position, h.prepare_position) > ($4, $5)
	AND (h.other = '' OR h.other IN (SELECT t.id FROM tickets t WHERE t.id = h.other AND ` + seesTicket + `))
	AND ($7 OR h.type <> 'ticket.ranked.v1')
	AND ($8 OR h.type NOT IN ('ticket.raise_requested.v1', 'ticket.raise_granted.v1', 'ticket.raise_refused.v1'))
`
	if whole {
		query += `UNION ALL
SELECT h.version, h.type, h.data, h.actor, h.source, h.occurred_at, h.recorded_at,
	h.commit_position, h.prepare_position, n.deleted_at IS NOT NULL AS withdrawn, TRUE AS internal
FROM tickets t JOIN internal_history h ON h.ticket = t.id LEFT JOIN notes n ON n.ticket = h.ticket AND n.note = h.note
WHERE t.id = $3 AND ` + sees + ` AND (h.commit_position, h.prepare_position) > ($4, $5)
`
	}
	return query + "ORDER BY commit_position, prepare_position LIMIT $6"
}

// logPlace is where an event of a history stands in the log.
type logPlace struct {
	Commit  int64 `json:"c"`
	Prepare int64 `json:"p"`
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
	Commit     int64         `db:"commit_position"`
	Prepare    int64         `db:"prepare_position"`
	Withdrawn  bool          `db:"withdrawn"` // it holds the text of a comment or note that has been deleted since
	Internal   bool          `db:"internal"`
}

func (r historyRow) position() eventstore.Position {
	return eventstore.Position{Commit: uint64(r.Commit), Prepare: uint64(r.Prepare)}
}

// Happened is one event of a ticket, as the API shows it.
type Happened struct {
	unseen     bool            // there is nothing in it that the asker may see
	Version    int64           `json:"version,omitempty"` // of the ticket, with it; 0: the ticket itself is as before
	Type       string          `json:"type"`
	Words      string          `json:"words"`
	Actor      domain.UserID   `json:"actor"`
	Source     domain.Source   `json:"source"`
	OccurredAt time.Time       `json:"occurredAt"`
	RecordedAt time.Time       `json:"recordedAt"`
	Position   string          `json:"position"`
	Internal   bool            `json:"internal,omitempty"`
	Data       json.RawMessage `json:"data"`
	place      logPlace
	Fields     []AnsweredField `json:"fields,omitempty"` // that it answers, as they were called then
}

// history answers GET /tickets/{id}/history, the first event first.
func (to routes) history(c *fiber.Ctx) error {
	p := readParams(c, "limit", "cursor")
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	of, whole := "history ", s.may(domain.SeeInternal)
	if whole {
		of = "whole history "
	}
	return to.answerHistory(c, p, of, historyOf(seesTicket, whole), s)
}

// History are the first events of the ticket that the asker may see, in words of
// the language; more tells whether there are others.
func (a *API) History(ctx context.Context, s Sight, french bool, limit int) (list []Happened, more bool, err error) {
	rows, err := a.listHistory(ctx, historyOf(seesTicket, s.may(domain.SeeInternal)), s, logPlace{}, limit, words{french: french, in: s.in})
	rows, more = cut(rows, limit)
	return slices.DeleteFunc(rows, func(h Happened) bool { return h.unseen }), more, err
}

// answerHistory answers a page. of tells cursors of one kind of history from another's.
func (to routes) answerHistory(c *fiber.Ctx, p *params, of, query string, s Sight) error {
	w := window{of: of + c.Params("id"), limit: p.limit()}
	var after logPlace
	p.cursor(w.of, &after)
	if err := p.err(); err != nil {
		return err
	}
	rows, err := to.listHistory(c.UserContext(), query, s, after, w.limit, words{french: PrefersFrench(c.Get(fiber.HeaderAcceptLanguage)), in: s.in})
	if err != nil {
		return err
	}
	c.Vary(fiber.HeaderAcceptLanguage)
	return pageWhere(c, "history", rows, w, func(row Happened) logPlace { return row.place }, func(row Happened) bool { return !row.unseen })
}

func (a *API) listHistory(ctx context.Context, query string, s Sight, after logPlace, limit int, words words) ([]Happened, error) {
	id := s.ticket.ID
	var rows []historyRow
	if err := a.db.Read.SelectContext(ctx, &rows, query, s.actor.ID, s.actor.Admin, id, after.Commit, after.Prepare, limit+1,
		s.may(domain.SeeRank), s.concerned()); err != nil {
		return nil, fmt.Errorf("list the history of %s: %w", id, err)
	}
	list := make([]Happened, len(rows))
	story := teller{api: a, sight: s, words: words, fields: map[domain.TrackerKey]*fieldsTold{}}
	for i, row := range rows {
		var err error
		if list[i], err = story.tell(ctx, row); err != nil {
			return nil, fmt.Errorf("an event of %s at %d: %w", id, row.Commit, err)
		}
	}
	return list, nil
}

// teller tells a history to one person.
type teller struct {
	api    *API
	sight  Sight
	words  words
	fields map[domain.TrackerKey]*fieldsTold // of each tracker that it was in
}

// tell is the event in words, and its data as far as the person may read it.
func (t *teller) tell(ctx context.Context, r historyRow) (Happened, error) {
	h := Happened{
		Version: r.Version, Type: r.Type, Actor: r.Actor, Source: r.Source, OccurredAt: r.OccurredAt.UTC(), RecordedAt: r.RecordedAt.UTC(),
		Position: r.position().String(), Internal: r.Internal, place: logPlace{r.Commit, r.Prepare},
	}
	told, err := t.api.told(ctx, t.sight, r)
	if err != nil {
		return h, err
	}
	h.Data, h.unseen = told.data, told.nothing
	if told.event == nil {
		h.Words = t.words.dependency(told.dependency, t.sight.ticket.ID)
		return h, nil
	}
	if t.fields[told.in.Key] == nil {
		t.fields[told.in.Key] = &fieldsTold{api: t.api, in: told.in}
	}
	if h.Fields, t.words.then, err = t.fields[told.in.Key].of(ctx, told.event, r.position()); err != nil {
		return h, err
	}
	t.words.in = told.in
	h.Words = t.words.of(told.event, r.Actor)
	return h, nil
}

// told is an event as one person may read it.
type told struct {
	event      ticket.Event     // nil when it is
	dependency dependency.Event // between two tickets
	data       []byte
	nothing    bool            // nothing is left of it
	in         tracker.Tracker // as it is now, the one in which the ticket was then
}

// told is the event of the row with its data as far as who sees the ticket may read
// it: without the answers to hidden fields, without what was said and is withdrawn.
func (a *API) told(ctx context.Context, s Sight, r historyRow) (told, error) {
	if r.Version == 0 {
		event, err := dependency.Decode(r.Type, r.Data)
		return told{dependency: event, data: r.Data}, err
	}
	event, err := ticket.Decode(r.Type, r.Data)
	if err != nil {
		return told{}, err
	}
	since := s.since(r.position())
	t := told{in: since[0]}
	if _, moves := event.(ticket.Moved); moves { // it has answers of all trackers before in it
		since = append(since, s.before...)
	}
	if t.event, t.data, err = a.asSeen(ctx, s.actor, event, r.Data, s.unseen(since)); err != nil {
		return t, err
	}
	t.nothing = ticket.SaysNothing(t.event)
	if r.Withdrawn && !s.may(domain.ManageComments) {
		t.data, err = withoutText(t.event)
	}
	return t, err
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
