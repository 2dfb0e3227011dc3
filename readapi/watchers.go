package readapi

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
)

// listWatchers has all of them, or the actor alone.
const listWatchers = `SELECT w.person, w.topics
FROM tickets t JOIN watchers w ON w.ticket = t.id
WHERE t.id = $3 AND ` + seesTicket + ` AND w.person > $4 AND ($5 OR w.person = $1)
ORDER BY w.person LIMIT $6`

// oneWatcher has the person $4, whom the actor is or may know of.
const oneWatcher = `SELECT w.person, w.topics
FROM tickets t JOIN watchers w ON w.ticket = t.id
WHERE t.id = $3 AND ` + seesTicket + ` AND w.person = $4 AND ($5 OR w.person = $1)`

// listWatches has what the actor watches and sees.
const listWatches = `SELECT t.id, t.tracker, t.summary, t.state, t.list, t.updated_at, w.topics
FROM watchers w JOIN tickets t ON t.id = w.ticket
WHERE w.person = $1 AND ` + seesTicket + ` AND t.id > $3
ORDER BY t.id LIMIT $4`

// Watcher is a person who watches a ticket, as the API shows it.
type Watcher struct {
	User   domain.UserID  `db:"person" json:"user"`
	Stored []byte         `db:"topics" json:"-"`
	Events []domain.Topic `db:"-" json:"events"`
}

// WatchedTicket is a ticket that the asker watches, with what they want to hear of.
type WatchedTicket struct {
	Ticket    domain.TicketID   `db:"id" json:"ticket"`
	Tracker   domain.TrackerKey `db:"tracker" json:"tracker"`
	Summary   string            `db:"summary" json:"summary"`
	State     tracker.State     `db:"state" json:"state"`
	List      tracker.List      `db:"list" json:"list"`
	UpdatedAt time.Time         `db:"updated_at" json:"updatedAt"`
	Stored    []byte            `db:"topics" json:"-"`
	Events    []domain.Topic    `db:"-" json:"events"`
}

// watchers answers GET /tickets/{id}/watchers: all of them to staff and to who
// manages watchers, to others whether they watch themselves.
func (to routes) watchers(c *fiber.Ctx) error {
	p := readParams(c, "limit", "cursor")
	of, limit := "watchers "+c.Params("id"), p.limit()
	var after string
	p.cursor(of, &after)
	if err := p.err(); err != nil {
		return err
	}
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	rows, err := to.watchersOf(c.UserContext(), s, after, limit)
	if err != nil {
		return err
	}
	return pageByText(c, "watchers", rows, of, limit, func(row Watcher) string { return string(row.User) })
}

// Watchers are those who watch the ticket, as far as the asker may know; at most the limit.
func (a *API) Watchers(ctx context.Context, s Sight, limit int) ([]Watcher, error) {
	rows, err := a.watchersOf(ctx, s, "", limit)
	rows, _ = cut(rows, limit)
	return rows, err
}

// Watcher is the watch of one person on the ticket, as far as the asker may know of it.
func (a *API) Watcher(ctx context.Context, s Sight, user domain.UserID) (Watcher, error) {
	var row Watcher
	err := a.db.Read.GetContext(ctx, &row, oneWatcher, s.actor.ID, s.actor.Admin, s.ticket.ID, user, s.knowsWatchers())
	if errors.Is(err, sql.ErrNoRows) {
		return row, domain.Errorf(domain.NotFound, "watch-not-found", "%s does not watch %s", user, s.ticket.ID)
	}
	if err == nil {
		err = json.Unmarshal(row.Stored, &row.Events)
	}
	if err != nil {
		return row, fmt.Errorf("read the watch of %s by %s: %w", s.ticket.ID, user, err)
	}
	return row, nil
}

// knowsWatchers tells whether the asker may know of others' watches.
func (s Sight) knowsWatchers() bool { return s.may(domain.SeeInternal) || s.may(domain.ManageWatchers) }

// watchersOf reads one watcher more than the limit, if there are more.
func (a *API) watchersOf(ctx context.Context, s Sight, after string, limit int) ([]Watcher, error) {
	rows := []Watcher{}
	if err := a.db.Read.SelectContext(ctx, &rows, listWatchers, s.actor.ID, s.actor.Admin, s.ticket.ID, after, s.knowsWatchers(), limit+1); err != nil {
		return nil, fmt.Errorf("list the watchers of %s: %w", s.ticket.ID, err)
	}
	for i := range rows {
		if err := json.Unmarshal(rows[i].Stored, &rows[i].Events); err != nil {
			return nil, fmt.Errorf("read a watch of %s: %w", s.ticket.ID, err)
		}
	}
	return rows, nil
}

// watches answers GET /me/watches, by ticket.
func (to routes) watches(c *fiber.Ctx) error {
	p := readParams(c, "limit", "cursor")
	limit := p.limit()
	var after string
	p.cursor("watches", &after)
	if err := p.err(); err != nil {
		return err
	}
	rows, err := to.listWatches(c.UserContext(), to.who(c), after, limit)
	if err != nil {
		return err
	}
	return pageByText(c, "watches", rows, "watches", limit, func(row WatchedTicket) string { return string(row.Ticket) })
}

func (a *API) listWatches(ctx context.Context, actor domain.Actor, after string, limit int) ([]WatchedTicket, error) {
	rows := []WatchedTicket{}
	if err := a.db.Read.SelectContext(ctx, &rows, listWatches, actor.ID, actor.Admin, after, limit+1); err != nil {
		return nil, fmt.Errorf("list what %s watches: %w", actor.ID, err)
	}
	for i := range rows {
		rows[i].UpdatedAt = rows[i].UpdatedAt.UTC()
		if err := json.Unmarshal(rows[i].Stored, &rows[i].Events); err != nil {
			return nil, fmt.Errorf("read the watch of %s by %s: %w", rows[i].Ticket, actor.ID, err)
		}
	}
	return rows, nil
}
