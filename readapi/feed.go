package readapi

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/eventstore"
)

// feedWindow is how many events of the log are looked at in one go.
const feedWindow = 500

const feedColumns = `ticket, other, version, event_id, type, data, actor, source, occurred_at, recorded_at,
	commit_position, prepare_position, withdrawn, internal`

// The feed is the histories of all tickets in the order of the log. It is read
// without a person in mind; what each may hear of it is decided for the tickets of a
// window at once. A dependency stands in two histories, here it comes once: where
// its dependent is.
const listFeed = `SELECT ` + feedColumns + ` FROM (
	SELECT h.ticket, h.other, h.version, h.event_id, h.type, h.data, h.actor, h.source, h.occurred_at, h.recorded_at,
		h.commit_position, h.prepare_position, c.deleted_at IS NOT NULL AS withdrawn, FALSE AS internal
	FROM history h LEFT JOIN comments c ON c.ticket = h.ticket AND c.comment = h.comment
	WHERE (h.commit_position, h.prepare_position) > ($1, $2) AND (h.other = '' OR h.data ->> 'ticket' = h.ticket)
	ORDER BY h.commit_position, h.prepare_position LIMIT $3) AS everybodys
UNION ALL SELECT ` + feedColumns + ` FROM (
	SELECT h.ticket, '' AS other, h.version, h.event_id, h.type, h.data, h.actor, h.source, h.occurred_at, h.recorded_at,
		h.commit_position, h.prepare_position, n.deleted_at IS NOT NULL AS withdrawn, TRUE AS internal
	FROM internal_history h LEFT JOIN notes n ON n.ticket = h.ticket AND n.note = h.note
	WHERE (h.commit_position, h.prepare_position) > ($1, $2)
	ORDER BY h.commit_position, h.prepare_position LIMIT $3) AS staffs
ORDER BY commit_position, prepare_position LIMIT $3`

// someTickets has deleted ones too, marked as such: that they are gone is the last thing to be heard of them.
const someTickets = wholeTicket + `WHERE ` + wouldSeeTicket

// feedRow is one event of the log, and the tickets that it is about.
type feedRow struct {
	historyRow
	Ticket  domain.TicketID `db:"ticket"`
	Other   domain.TicketID `db:"other"`
	EventID string          `db:"event_id"`
}

// FeedEvent is one event of a ticket as those hear of it who follow: a CloudEvent
// 1.0 with the extensions tracker, actor, channel, version, internal, recordedat and position.
type FeedEvent struct {
	SpecVersion string            `json:"specversion"`
	ID          string            `json:"id"`
	Source      string            `json:"source"`
	Type        string            `json:"type"`
	Subject     domain.TicketID   `json:"subject"`
	Time        time.Time         `json:"time"` // when it occurred
	ContentType string            `json:"datacontenttype"`
	Tracker     domain.TrackerKey `json:"tracker"` // that the ticket is in now
	Actor       domain.UserID     `json:"actor"`
	Channel     domain.Source     `json:"channel"`
	Version     int64             `json:"version,omitempty"` // of the ticket, with it; 0: the ticket itself is as before
	Internal    bool              `json:"internal,omitempty"`
	RecordedAt  time.Time         `json:"recordedat"`
	Position    string            `json:"position"`
	Data        json.RawMessage   `json:"data"` // as far as the asker may read it
}

// FeedWindow is a stretch of the feed.
type FeedWindow struct {
	Events []FeedEvent `json:"events"`
	After  string      `json:"after"` // the position up to which nothing is left
	More   bool        `json:"more"`  // there is more already
}

// Feed is what one person asked to hear of, from one stretch to the next. It goes by
// their rights as they are at each Next.
type Feed struct {
	api      *API
	actor    domain.Actor
	after    eventstore.Position
	trackers []domain.TrackerKey // empty: all
	ticket   domain.TicketID     // "": any
	types    []string            // names of events or their beginnings up to a dot; empty: all
}

// feed reads what is asked for. The header that browsers send when they connect again
// is about a later place than the parameter that they began with.
func (to routes) feed(c *fiber.Ctx) (*Feed, error) {
	p := readParams(c, "after", "tracker", "type")
	f := &Feed{api: to.API, actor: to.who(c), trackers: p.trackers(), types: p.eventTypes()}
	text, given := p.take("after")
	name := "after"
	if last := c.Get("Last-Event-ID"); last != "" {
		text, given, name = last, true, "Last-Event-ID"
	}
	if given {
		if err := f.begin(c.UserContext(), p, name, text); err != nil {
			return nil, err
		}
	}
	return f, p.err()
}

// begin has the feed begin after the position that the parameter of the name says.
func (f *Feed) begin(ctx context.Context, p *params, name, text string) error {
	if text == "end" {
		head, err := f.api.store.Head(ctx, eventstore.Filter{})
		if err != nil {
			return readStreamError("the feed", err)
		}
		f.after = head
		return nil
	}
	after, err := eventstore.ParsePosition(text)
	if err != nil || after.Commit > maxPosition || after.Prepare > maxPosition {
		p.add(name, "bad-position", `the position of an event, as in 120/120, or "end"`)
	}
	f.after = after
	return nil
}

// maxPosition is the last that the tables can hold.
const maxPosition = 1<<63 - 1

// eventTypes reads "type": names of events as histories have them, or beginnings of such.
func (p *params) eventTypes() []string {
	known := slices.Concat(ticket.Types(), dependency.Types())
	return anyOf(p, "type", func(text string) (string, bool) {
		return text, slices.ContainsFunc(known, func(name string) bool { return isOfType(name, text) })
	}, "unknown-type", "the type of an event, as in ticket.posted.v1, or its beginning, as in ticket.posted")
}

func isOfType(name, asked string) bool { return name == asked || strings.HasPrefix(name, asked+".") }

// events answers GET /events.
func (to routes) events(c *fiber.Ctx) error {
	f, err := to.feed(c)
	if err != nil {
		return err
	}
	return to.edge.Follow(c, f)
}

// Next is the stretch of the feed after the one before. Its end may lie beyond its last event.
func (f *Feed) Next(ctx context.Context) (FeedWindow, error) {
	w := FeedWindow{Events: []FeedEvent{}, After: f.after.String()}
	var rows []feedRow
	if err := f.api.db.Read.SelectContext(ctx, &rows, listFeed, int64(f.after.Commit), int64(f.after.Prepare), feedWindow+1); err != nil {
		return w, fmt.Errorf("read the feed after %s: %w", f.after, err)
	}
	rows, w.More = cut(rows, feedWindow)
	if len(rows) == 0 {
		return w, nil
	}
	seen, err := f.tickets(ctx, rows)
	if err != nil {
		return w, err
	}
	for _, row := range rows {
		event, heard, err := f.hear(ctx, row, seen)
		if err != nil {
			return w, fmt.Errorf("an event of %s at %d: %w", row.Ticket, row.Commit, err)
		}
		if heard {
			w.Events = append(w.Events, event)
		}
	}
	f.after = rows[len(rows)-1].position()
	w.After = f.after.String()
	return w, nil
}

// tickets are those of the rows that the asker sees, and those that are deleted and that they would see.
func (f *Feed) tickets(ctx context.Context, rows []feedRow) (map[domain.TicketID]Sight, error) {
	ids := map[domain.TicketID]bool{}
	for _, row := range rows {
		ids[row.Ticket] = true
		if row.Other != "" {
			ids[row.Other] = true
		}
	}
	return f.api.sightsOf(ctx, f.actor, ids)
}

// hear is the event as the asker hears of it, if they do.
func (f *Feed) hear(ctx context.Context, row feedRow, seen map[domain.TicketID]Sight) (FeedEvent, bool, error) {
	s, sees := seen[row.Ticket]
	other, seesOther := seen[row.Other]
	if !sees || row.Other != "" && (!seesOther || other.ticket.Inner.Deleted) || !f.asksFor(row, s, other) || !s.hears(row.historyRow) {
		return FeedEvent{}, false, nil
	}
	told, err := f.api.told(ctx, s, row.historyRow)
	if err != nil || told.nothing {
		return FeedEvent{}, false, err
	}
	return FeedEvent{
		SpecVersion: "1.0", ID: row.EventID, Source: "/api/v1/tickets/" + string(row.Ticket), Type: row.Type, Subject: row.Ticket,
		Time: row.OccurredAt.UTC(), ContentType: "application/json", Tracker: s.ticket.Tracker, Actor: row.Actor, Channel: row.Source,
		Version: row.Version, Internal: row.Internal, RecordedAt: row.RecordedAt.UTC(), Position: row.position().String(), Data: told.data,
	}, true, nil
}

// asksFor tells whether the filters let the event through.
func (f *Feed) asksFor(row feedRow, s, other Sight) bool {
	return (f.ticket == "" || f.ticket == row.Ticket || f.ticket == row.Other) &&
		(len(f.types) == 0 || slices.ContainsFunc(f.types, func(asked string) bool { return isOfType(row.Type, asked) })) &&
		(len(f.trackers) == 0 || slices.Contains(f.trackers, s.ticket.Tracker) || slices.Contains(f.trackers, other.ticket.Tracker))
}
