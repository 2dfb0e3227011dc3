package readapi

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

const wholeTicket = `SELECT t.id, t.tracker, t.number, t.state, t.list, t.summary, t.description, t.answers, t.resolution,
	t.reporter, t.assignee, t.comments, t.reported_at, t.updated_at, t.version, t.rank, t.deleted,
	t.id IN (SELECT w.ticket FROM watchers w WHERE w.person = $1) AS watched
FROM tickets t `

const oneTicket = wholeTicket + `WHERE t.id = $3 AND ` + seesTicket

// ticketRow is a row of the table tickets.
type ticketRow struct {
	ID          domain.TicketID   `db:"id"`
	Tracker     domain.TrackerKey `db:"tracker"`
	Number      int64             `db:"number"`
	State       tracker.State     `db:"state"`
	List        tracker.List      `db:"list"`
	Summary     string            `db:"summary"`
	Description string            `db:"description"`
	Answers     []byte            `db:"answers"`
	Resolution  string            `db:"resolution"`
	Reporter    domain.UserID     `db:"reporter"`
	Assignee    domain.UserID     `db:"assignee"`
	Comments    int               `db:"comments"`
	ReportedAt  time.Time         `db:"reported_at"`
	UpdatedAt   time.Time         `db:"updated_at"`
	Version     uint64            `db:"version"`
	Watched     bool              `db:"watched"` // by who asks; lists leave it out
	Rank        []byte            `db:"rank"`
	Deleted     bool              `db:"deleted"` // lists leave it out
}

func (r ticketRow) ticket() (ticket.Ticket, error) {
	t := ticket.Ticket{
		ID: r.ID, Tracker: r.Tracker, Number: r.Number, State: r.State, List: r.List,
		Summary: r.Summary, Description: r.Description, Resolution: r.Resolution,
		Reporter: r.Reporter, Assignee: r.Assignee, Comments: r.Comments,
		ReportedAt: r.ReportedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), Version: r.Version, Rank: rank.Key(r.Rank),
	}
	if err := json.Unmarshal(r.Answers, &t.Answers); err != nil {
		return t, fmt.Errorf("read the answers of %s: %w", r.ID, err)
	}
	return t, nil
}

// ticket answers GET /tickets/{id}[?at=].
func (to routes) ticket(c *fiber.Ctx) error {
	p := readParams(c, "at")
	at := p.moment()
	if err := p.err(); err != nil {
		return err
	}
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	if at == nil && c.Method() == fiber.MethodGet {
		if s.ticket, err = to.seen(c, s); err != nil {
			return err
		}
	}
	t, in := s.ticket, s.in
	now := []ticket.Ticket{s.ticket}
	if at != nil {
		if t, in, err = to.ticketThen(c.UserContext(), s, *at); err != nil {
			return err
		}
		now = nil // a stack as it was takes all tickets as they were
	}
	t = t.SeenAs(s.actor, s.in)
	setETag(c, t.Version)
	places, err := to.places(c.UserContext(), s.actor, now)
	if err != nil {
		return err
	}
	var links cascades
	if at == nil {
		if links, err = to.cascades(c.UserContext(), s.actor, t.ID); err != nil {
			return err
		}
	}
	return c.JSON(readTicket{t, places[t.ID], answeredFields(t.Answers, in, s.in), links})
}

// readTicket is a ticket with the fields that it answers, as they are called.
type readTicket struct {
	ticket.Ticket
	Rank   int64           `json:"rank,omitempty"` // the place in the stack, for who sees it
	Fields []answeredField `json:"fields"`
	cascades
}

// ticketThen is the ticket at the moment, and its tracker then.
func (a *API) ticketThen(ctx context.Context, s sight, m moment) (ticket.Ticket, tracker.Tracker, error) {
	then, err := a.asOf(ctx, s.ticket.ID, m)
	if err != nil {
		return then.ticket, s.in, err
	}
	desk, err := a.deskThen(ctx, s.in)
	if err != nil {
		return then.ticket, s.in, err
	}
	return then.ticket, desk.atMoment(m, then.last), nil
}

// visibleTicket is the ticket as it is now; ErrNoTicket when there is none that the actor may see.
func (a *API) visibleTicket(ctx context.Context, actor domain.Actor, text string) (ticket.Ticket, error) {
	return a.readTicket(ctx, oneTicket, actor, text)
}

func (a *API) readTicket(ctx context.Context, query string, actor domain.Actor, text string) (ticket.Ticket, error) {
	id, err := domain.ParseTicketID(text)
	if err != nil {
		return ticket.Ticket{}, err
	}
	var row ticketRow
	err = a.db.Read.GetContext(ctx, &row, query, actor.ID, actor.Admin, id)
	if errors.Is(err, sql.ErrNoRows) {
		return ticket.Ticket{}, domain.ErrNoTicket(id)
	}
	if err != nil {
		return ticket.Ticket{}, fmt.Errorf("read %s: %w", id, err)
	}
	t, err := row.ticket()
	if row.Watched { // decisions ask whether, not for what
		t.Inner.Watches = map[domain.UserID][]domain.Topic{actor.ID: nil}
	}
	return t, err
}

func setETag(c *fiber.Ctx, version uint64) {
	c.Set(fiber.HeaderETag, `"`+strconv.FormatUint(version, 10)+`"`)
}
