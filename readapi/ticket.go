package readapi

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

const wholeTicket = `SELECT t.id, t.tracker, t.number, t.state, t.list, t.summary, t.description, t.answers, t.brought, t.moved_from, t.resolution,
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
	Brought     []byte            `db:"brought"`    // nil in lists
	MovedFrom   []byte            `db:"moved_from"` // likewise
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
	if r.Brought == nil {
		return t, nil
	}
	if err := errors.Join(json.Unmarshal(r.Brought, &t.Brought), json.Unmarshal(r.MovedFrom, &t.Before)); err != nil {
		return t, fmt.Errorf("read what %s has brought: %w", r.ID, err)
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
	read, err := to.readAt(c.UserContext(), s, at)
	if err != nil {
		return err
	}
	setETag(c, read.Version)
	return c.JSON(read)
}

// Read is the ticket with its place in the stack and the fields that it answers.
func (a *API) Read(ctx context.Context, s Sight) (ReadTicket, error) { return a.readAt(ctx, s, nil) }

// readAt is the ticket at a moment; nil is now.
func (a *API) readAt(ctx context.Context, s Sight, at *moment) (ReadTicket, error) {
	if at != nil { // without a place: a stack as it was takes all tickets as they were
		t, in, _, err := a.ticketThen(ctx, s, *at)
		if err != nil {
			return ReadTicket{}, err
		}
		return a.asRead(ctx, s, t, in)
	}
	read, err := a.asRead(ctx, s, s.ticket, s.in)
	if err != nil {
		return ReadTicket{}, err
	}
	places, err := a.places(ctx, s.actor, []ticket.Ticket{s.ticket})
	if err != nil {
		return ReadTicket{}, err
	}
	read.Rank = places[read.ID]
	if read.Cascades, err = a.cascades(ctx, s.actor, read.ID); err != nil {
		return ReadTicket{}, err
	}
	read.Mirrors, err = a.twins(ctx, s)
	return read, err
}

// asRead is the ticket as the asker may see it, with its fields as they are called in the tracker.
func (a *API) asRead(ctx context.Context, s Sight, t ticket.Ticket, in tracker.Tracker) (ReadTicket, error) {
	t = t.SeenAs(s.actor, s.in, s.before...)
	fields := s.fieldsOf(t, in)
	return ReadTicket{Ticket: t, Fields: fields}, a.fillFiles(ctx, s, fields)
}

// ReadTicket is a ticket with the fields that it answers, as they are called.
type ReadTicket struct {
	ticket.Ticket
	Rank   int64           `json:"rank,omitempty"` // the place in the stack, for who sees it
	Fields []AnsweredField `json:"fields"`
	Cascades
	Mirrors []Twin `json:"mirrors,omitempty"` // for staff, of the ticket as it is now
}

// ticketThen is the ticket at the moment, its tracker then, and all that is known of it then.
func (a *API) ticketThen(ctx context.Context, s Sight, m moment) (ticket.Ticket, tracker.Tracker, past, error) {
	then, err := a.asOf(ctx, s.ticket.ID, m)
	if err != nil {
		return then.ticket, s.in, then, err
	}
	t, in := s.ofThen(then)
	desk, err := a.deskThen(ctx, in)
	if err != nil {
		return then.ticket, s.in, then, err
	}
	return t, desk.atMoment(m, then.last), then, nil
}

// ofThen is the ticket as it was, without the answers of that time that the asker may
// not see, and the tracker that it was in, as that is now.
func (s Sight) ofThen(then past) (ticket.Ticket, tracker.Tracker) {
	since := s.since(then.last)
	if moved := then.ticket.Tracker != since[0].Key; moved { // by that very event
		since = since[1:]
	}
	codes := s.unseen(since)
	t := then.ticket.Without(codes)
	t.Brought = slices.DeleteFunc(t.Brought, func(b ticket.Brought) bool { return slices.Contains(codes, b.Code) })
	return t, since[0]
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
	return row.whole(actor)
}

// whole is the ticket of a whole row, as decisions about the actor want it.
func (r ticketRow) whole(actor domain.Actor) (ticket.Ticket, error) {
	t, err := r.ticket()
	if r.Watched { // decisions ask whether, not for what
		t.Inner.Watches = map[domain.UserID][]domain.Topic{actor.ID: nil}
	}
	return t, err
}

func setETag(c *fiber.Ctx, version uint64) {
	c.Set(fiber.HeaderETag, `"`+strconv.FormatUint(version, 10)+`"`)
}

// ReadVersion is the ticket as it was with the version.
func (a *API) ReadVersion(ctx context.Context, s Sight, version uint64) (ReadTicket, error) {
	return a.readAt(ctx, s, &moment{version: version})
}
