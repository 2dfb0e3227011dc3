package readapi

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
)

// pageDeadline bounds the reading of one page of an export.
const pageDeadline = 15 * time.Second

// Export is a whole list of tickets as a table for spreadsheets (CSV, RFC 4180, UTF-8 with
// a byte order mark), page after page, so that it is never whole in memory.
type Export struct {
	api    *API
	actor  domain.Actor
	asked  question
	first  TicketPage
	layout Layout
}

// Layout is what the columns of an export are called, and the cells of some tickets in them.
type Layout struct {
	Head  []string
	Cells func(context.Context, []Listed) ([][]string, error)
}

// Export begins the export of the list that the parameters of GET /tickets ask for.
// What is wrong with them is told here, before anything is written.
func (a *API) Export(ctx context.Context, actor domain.Actor, query url.Values, layout Layout) (*Export, error) {
	p := valueParams(query, filterParams("sort", "fields")...)
	p.me = actor.ID
	q, err := a.askedFor(ctx, actor, p)
	if err != nil {
		return nil, err
	}
	return a.export(ctx, actor, q, layout)
}

func (a *API) export(ctx context.Context, actor domain.Actor, q question, layout Layout) (*Export, error) {
	q.limit = maxLimit
	first, err := a.pageOf(ctx, actor, q)
	return &Export{a, actor, q, first, layout}, err
}

// Write writes the table. flush is called after each page, and ends it with an error.
func (e *Export) Write(ctx context.Context, w io.Writer, flush func() error) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write an export: %w", err)
	}
	table := csv.NewWriter(w)
	table.UseCRLF = true
	if err := table.Write(harmless(e.layout.Head)); err != nil {
		return fmt.Errorf("write an export: %w", err)
	}
	for page := e.first; ; {
		if err := e.page(ctx, table, page.Tickets, flush); err != nil {
			return err
		}
		if page.Next == "" {
			return nil
		}
		next, err := e.asked.at(page.Next)
		if err != nil {
			return err
		}
		within, cancel := context.WithTimeout(ctx, pageDeadline)
		page, err = e.api.pageOf(within, e.actor, next)
		cancel()
		if err != nil {
			return err
		}
	}
}

func (e *Export) page(ctx context.Context, table *csv.Writer, rows []Listed, flush func() error) error {
	ctx, cancel := context.WithTimeout(ctx, pageDeadline)
	defer cancel()
	cells, err := e.layout.Cells(ctx, rows)
	if err != nil {
		return err
	}
	for _, row := range cells {
		if err := table.Write(harmless(row)); err != nil {
			return fmt.Errorf("write an export: %w", err)
		}
	}
	table.Flush()
	if err := table.Error(); err != nil {
		return fmt.Errorf("write an export: %w", err)
	}
	return flush()
}

// harmless puts an apostrophe before cells that spreadsheets would take for formulas.
func harmless(cells []string) []string {
	safe := slices.Clone(cells)
	for i, cell := range safe {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			safe[i] = "'" + cell
		}
	}
	return safe
}

// at is the question for the page of the cursor.
func (q question) at(cursor string) (question, error) {
	p := &params{given: map[string]string{"cursor": cursor}}
	key := newKey(q.order)
	id, _ := p.cursor(q.of, key)
	q.key, q.id = key, id
	return q, p.err()
}

// table answers GET /tickets.csv, with codes, ids and times as the API has them.
func (to routes) table(c *fiber.Ctx) error {
	p, err := to.filterOf(c, "sort", "fields")
	if err != nil {
		return err
	}
	ctx, actor := c.UserContext(), to.who(c)
	q, err := to.askedFor(ctx, actor, p)
	if err != nil {
		return err
	}
	codes, err := to.codesOf(ctx, actor, q)
	if err != nil {
		return err
	}
	export, err := to.export(ctx, actor, q, plainLayout(codes))
	if err != nil {
		return err
	}
	return to.edge.Export(c, export)
}

// codesOf are the fields that are columns of an export: those asked for, of the
// trackers asked for, as far as the actor sees them.
func (a *API) codesOf(ctx context.Context, actor domain.Actor, q question) ([]string, error) {
	trackers, err := a.Trackers(ctx, actor, maxLimit)
	if err != nil {
		return nil, err
	}
	codes := []string{}
	for _, t := range trackers {
		if len(q.filter.Tracker) > 0 && !slices.Contains(q.filter.Tracker, t.Key) {
			continue
		}
		for _, f := range t.SeenAs(actor).Fields {
			if f.Listable && f.Type != tracker.Textarea && !slices.Contains(codes, f.Code) && (q.columns == nil || slices.Contains(q.columns, f.Code)) {
				codes = append(codes, f.Code)
			}
		}
	}
	return codes, nil
}

func plainLayout(codes []string) Layout {
	head := []string{"id", "tracker", "state", "summary", "reporter", "assignee", "reportedAt", "updatedAt", "comments"}
	for _, code := range codes {
		head = append(head, fieldPrefix+code)
	}
	return Layout{head, func(_ context.Context, tickets []Listed) ([][]string, error) {
		rows := make([][]string, len(tickets))
		for i, t := range tickets {
			rows[i] = []string{
				string(t.ID), string(t.Tracker), string(t.State), t.Summary, string(t.Reporter), string(t.Assignee),
				t.ReportedAt.Format(time.RFC3339), t.UpdatedAt.Format(time.RFC3339), strconv.Itoa(t.Comments),
			}
			for _, code := range codes {
				rows[i] = append(rows[i], t.Answers[code])
			}
		}
		return rows, nil
	}}
}
