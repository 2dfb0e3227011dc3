package readapi

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

const listedColumns = `SELECT t.id, t.tracker, t.number, t.state, t.list, t.summary, t.answers, t.answer_keys,
	t.reporter, t.assignee, t.comments, t.reported_at, t.updated_at, t.version, t.rank`

// wholeColumns are those of tickets that lists have not, but decisions want.
const wholeColumns = `, t.description, t.brought, t.moved_from, t.resolution, t.deleted`

// Listed is a ticket in a list: without its long texts, and with the answers that
// are columns there. Its parts take the place of the ticket's.
type Listed struct {
	ticket.Ticket
	Description *string           `json:"description,omitempty"` // nil
	Resolution  *string           `json:"resolution,omitempty"`  // nil
	Rank        int64             `json:"rank,omitempty"`        // the place in the stack, in lists that are sorted by it
	Answers     map[string]string `json:"answers"`
}

// question is which page of tickets is asked for.
type question struct {
	filter  filter
	order   order
	columns []string // the listable fields that are asked for; nil: all of them
	of      string   // in cursors
	limit   int
	key     any // of the ticket before the page; nil on the first page
	id      string
	whole   bool // decisions are about the tickets: all of them is read
}

// TicketPage is a page of a list of tickets.
type TicketPage struct {
	Tickets []Listed `json:"tickets"`
	Next    string   `json:"next,omitempty"` // the cursor of the page after it
}

// tickets answers GET /tickets.
func (to routes) tickets(c *fiber.Ctx) error {
	p, err := to.filterOf(c, pageParams()...)
	if err != nil {
		return err
	}
	page, err := to.ticketPage(c.UserContext(), to.who(c), p)
	if err != nil {
		return err
	}
	return c.JSON(page)
}

func pageParams() []string { return []string{"sort", "fields", "limit", "cursor", "at"} }

// Tickets is a page of the tickets that the parameters of GET /tickets ask for,
// but for "saved", which the caller has put in their place.
func (a *API) Tickets(ctx context.Context, actor domain.Actor, query url.Values) (TicketPage, error) {
	p := valueParams(query, filterParams(pageParams()...)...)
	p.me = actor.ID
	return a.ticketPage(ctx, actor, p)
}

func (a *API) ticketPage(ctx context.Context, actor domain.Actor, p *params) (TicketPage, error) {
	if at := p.time("at"); at != nil {
		return a.pageThen(ctx, actor, p, *at)
	}
	q, err := a.askedFor(ctx, actor, p)
	if err != nil {
		return TicketPage{}, err
	}
	return a.pageOf(ctx, actor, q)
}

// askedFor is what the parameters ask for, if the actor may ask for it.
func (a *API) askedFor(ctx context.Context, actor domain.Actor, p *params) (question, error) {
	q, err := p.question()
	if err == nil {
		err = a.checkRankSort(ctx, actor, q)
	}
	if err == nil {
		q.order, err = a.typed(ctx, actor, q)
	}
	return q, err
}

func (a *API) pageOf(ctx context.Context, actor domain.Actor, q question) (TicketPage, error) {
	by, err := a.seeing(ctx, actor, q.filter)
	if err != nil {
		return TicketPage{}, err
	}
	return a.pageAs(ctx, by, q)
}

func (a *API) pageAs(ctx context.Context, by seeing, q question) (TicketPage, error) {
	rows, err := a.list(ctx, by, q)
	if err != nil {
		return TicketPage{}, err
	}
	rows, more := cut(rows, q.limit)
	page := TicketPage{Tickets: rows}
	if q.order.ranks() { // counting places costs more than a page, so only a stack has them
		if err := a.rankAll(ctx, by.actor, rows); err != nil {
			return page, err
		}
	}
	if more {
		last := rows[len(rows)-1]
		page.Next, err = nextCursor(q.of, q.order.key(last.Ticket), string(last.ID))
	}
	return page, err
}

func (p *params) question() (question, error) {
	columns := p.columns()
	q, err := p.questionOf(p.filter("open"), p.order())
	q.columns = columns
	return q, err
}

func (p *params) questionOf(f filter, o order) (question, error) {
	q := question{filter: f, order: o, limit: p.limit()}
	if q.order.ranks() && (len(q.filter.Tracker) != 1 || q.filter.List != tracker.OpenList) {
		p.add("sort", "one-stack", "a rank is a place among the open tickets of one tracker: name it")
	}
	fingerprint, err := q.filter.fingerprint()
	if err != nil {
		return q, err
	}
	q.of = "tickets " + q.order.name + " " + fingerprint
	key := newKey(q.order)
	if id, ok := p.cursor(q.of, key); ok {
		q.key, q.id = key, id
	}
	return q, p.err()
}

// newKey is where a key of the order can be read into.
func newKey(o order) any {
	switch o.key(ticket.Ticket{}).(type) {
	case int64, int:
		return new(int64)
	case rankKey:
		return new(rankKey)
	case stateKey:
		return new(stateKey)
	case assigneeKey:
		return new(assigneeKey)
	case time.Time:
		return new(time.Time)
	}
	return new(string)
}

// list is what is read, as lists have it.
func (a *API) list(ctx context.Context, by seeing, q question) ([]Listed, error) {
	tickets, err := a.read(ctx, by, q)
	if err != nil {
		return nil, err
	}
	return a.fillColumns(ctx, by.actor, q.columns, tickets)
}

// read reads one ticket more than the limit, if there are more.
func (a *API) read(ctx context.Context, by seeing, q question) ([]ticket.Ticket, error) {
	if q.inMemory() {
		return a.readInOrder(ctx, by, q)
	}
	s := by.statement()
	q.write(s, by)
	return a.readTickets(ctx, by, s)
}

func (a *API) readTickets(ctx context.Context, by seeing, s *statement) ([]ticket.Ticket, error) {
	var rows []struct {
		ticketRow
		AnswerKeys []byte `db:"answer_keys"` // for the database to sort by
	}
	if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	tickets := make([]ticket.Ticket, len(rows))
	for i, row := range rows {
		var err error
		if tickets[i], err = row.whole(by.actor); err != nil {
			return nil, err
		}
	}
	return tickets, nil
}

// write takes a page from each list, in which indexes keep tickets sorted, and merges them.
func (q question) write(s *statement, by seeing) {
	q.selects(s)
	s.add("FROM (")
	for i, list := range q.filter.lists() {
		if i > 0 {
			s.add("UNION ALL")
		}
		s.add(q.columnsRead() + " FROM (" + q.columnsRead())
		s.fromTickets(by.few)
		s.add("AND t.list = $n", list)
		q.filter.where(s, by.actor)
		if q.key != nil {
			q.order.where(s, q.key, q.id)
		}
		q.order.orderBy(s)
		s.add("LIMIT $n) t", q.limit+1)
	}
	s.add(") t")
	q.order.orderBy(s)
	s.add("LIMIT $n", q.limit+1)
}

// columnsRead are those of tickets that the question reads.
func (q question) columnsRead() string {
	if q.whole {
		return listedColumns + wholeColumns
	}
	return listedColumns
}

// selects begins the statement of the question.
func (q question) selects(s *statement) {
	s.add(q.columnsRead())
	if q.whole {
		s.add(", t.id IN (SELECT w.ticket FROM watchers w WHERE w.person = $1) AS watched")
	}
}
