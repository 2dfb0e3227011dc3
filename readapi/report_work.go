package readapi

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/markdown"
)

// OpenWork is the open tickets asked for with their descriptions, to be read on
// paper: by state in the order of states, then by tracker and number.
type OpenWork struct {
	Tickets []Work `json:"tickets"`
	More    bool   `json:"more"` // there are more than one report has
}

// Work is an open ticket.
type Work struct {
	ID          domain.TicketID   `db:"id"          json:"id"`
	Tracker     domain.TrackerKey `db:"tracker"     json:"tracker"`
	State       tracker.State     `db:"state"       json:"state"`
	Summary     string            `db:"summary"     json:"summary"`
	Description string            `db:"description" json:"description"` // Markdown
	HTML        string            `db:"-"           json:"html"`        // the description, safe to show; its pictures are links
	Reporter    domain.UserID     `db:"reporter"    json:"reporter"`
	Assignee    domain.UserID     `db:"assignee"    json:"assignee,omitempty"`
	ReportedAt  time.Time         `db:"reported_at" json:"reportedAt"`
}

// mostWork is how many tickets one report of the HTTP API has.
const mostWork = 500

func openWorkParams() []string { return filterParamsBut("list", "state") }

// OpenWork answers the parameters of GET /reports/open-work, with so many tickets at most.
func (a *API) OpenWork(ctx context.Context, actor domain.Actor, query url.Values, most int) (OpenWork, error) {
	return a.openWorkOf(ctx, actor, given(actor, query, openWorkParams()), most)
}

func (a *API) openWorkOf(ctx context.Context, actor domain.Actor, p *params, most int) (OpenWork, error) {
	f := p.filter(tracker.OpenList)
	f.List = tracker.OpenList // also when words are searched for
	if err := p.err(); err != nil {
		return OpenWork{}, err
	}
	by, err := a.seeing(ctx, actor, f)
	if err != nil {
		return OpenWork{}, err
	}
	work := OpenWork{Tickets: []Work{}}
	for _, state := range tracker.States() { // one after the other, as an index has them
		if !f.asksFor(state) {
			continue
		}
		rows, err := a.workIn(ctx, by, question{filter: f}.inState(state).filter, most+1-len(work.Tickets))
		if err != nil {
			return OpenWork{}, err
		}
		if work.Tickets = append(work.Tickets, rows...); len(work.Tickets) > most {
			break
		}
	}
	work.Tickets, work.More = cut(work.Tickets, most)
	return work, a.describe(ctx, work.Tickets)
}

// workIn is the work of a filter that asks for one state. Its order is found by an index alone, and the texts are read of
// those that are shown.
func (a *API) workIn(ctx context.Context, by seeing, f filter, most int) ([]Work, error) {
	s := by.statement()
	s.add("SELECT w.id, w.tracker, w.state, w.summary, w.description, w.reporter, w.assignee, w.reported_at FROM (SELECT t.id AS found")
	f.visible(s, by.actor, by.few)
	s.add("ORDER BY t.tracker, t.number, t.id LIMIT $n) f CROSS JOIN tickets w WHERE w.id = f.found", most)
	s.add("ORDER BY w.tracker, w.number, w.id LIMIT $n", most)
	var rows []Work
	if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("list open work: %w", err)
	}
	return rows, nil
}

// describe renders the descriptions, with the names of those whom they mention.
func (a *API) describe(ctx context.Context, tickets []Work) error {
	bodies := make([]*string, len(tickets))
	for i := range tickets {
		tickets[i].ReportedAt = tickets[i].ReportedAt.UTC()
		bodies[i] = &tickets[i].Description
	}
	names, err := a.mentioned(ctx, bodies)
	if err != nil {
		return err
	}
	for i := range tickets {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("render descriptions: %w", err)
		}
		tickets[i].HTML = a.markdown.HTML(tickets[i].Description, markdown.Known{Names: names})
	}
	return nil
}
