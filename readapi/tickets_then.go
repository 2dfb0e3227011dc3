package readapi

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/readapi/lives"
)

// A list as it was is read by asking lives which of the tickets that the asker sees today were in it, by state and assignee, and
// folding these. Where a ticket was that has been moved, and whether it was deleted then, only the fold tells: so the page
// goes on until it is full.

// pageThen is a page of the tickets that were in the list at a moment, as they were
// then. Who may see what of them goes by today's rights.
func (a *API) pageThen(ctx context.Context, actor domain.Actor, p *params, at time.Time) (TicketPage, error) {
	q, err := p.questionThen(at)
	if err != nil {
		return TicketPage{}, err
	}
	which, err := a.which(ctx, seeing{actor: actor}, q.filter)
	if err != nil {
		return TicketPage{}, err
	}
	which.Then = &at
	order, _ := q.order.inMemory()
	page := TicketPage{Tickets: []Listed{}}
	for after := q.after(); ; {
		most := q.limit - len(page.Tickets)
		var keys []lives.Key
		err := a.lives.Use(ctx, func(v lives.View) { keys = v.Page(which, order, after, most) })
		if err != nil {
			return page, err
		}
		rows, err := a.listedThen(ctx, actor, q, at, keys)
		if err != nil {
			return page, err
		}
		page.Tickets = append(page.Tickets, rows...)
		if len(keys) < most {
			return page, nil
		}
		if after = &keys[most-1]; len(page.Tickets) == q.limit {
			page.Next, err = nextCursor(q.of, q.order.key(ticket.Ticket{Number: after.Number, ReportedAt: after.At}), string(after.ID))
			return page, err
		}
	}
}

// questionThen reads what is asked of the past: filters that a history answers, in an order that no change disturbs.
func (p *params) questionThen(at time.Time) (question, error) {
	q := question{columns: p.columns(), filter: p.filter("open"), limit: p.limit()}
	if name, given := p.take("sort"); given {
		q.order = p.order()
		if by := strings.TrimPrefix(name, "-"); by != "number" && by != "reportedAt" {
			p.add("sort", "not-of-the-past", "of the past: number, reportedAt; - before it for descending")
		}
	} else {
		q.order = namedOrder("-reportedAt") // which begins at the moment
	}
	for name := range p.given {
		if name == "q" || name == "resolvedFrom" || name == "resolvedTo" || strings.HasPrefix(name, fieldPrefix) ||
			name == "scope" && q.filter.Scope == "watching" {
			p.add(name, "not-of-the-past", "of the past: list, tracker, state, assignee, reporter, from, to, scope=mine, scope=work")
		}
	}
	slices.SortFunc(p.wrong, func(a, b domain.FieldError) int { return strings.Compare(a.Field, b.Field) })
	fingerprint, err := q.filter.fingerprint()
	if err != nil {
		return q, err
	}
	q.of = "then " + at.Format(time.RFC3339Nano) + " " + q.order.name + " " + fingerprint
	key := newKey(q.order)
	if id, ok := p.cursor(q.of, key); ok {
		q.key, q.id = key, id
	}
	return q, p.err()
}

// listedThen are the tickets as they were, those of them that were in the trackers asked for and not deleted.
func (a *API) listedThen(ctx context.Context, actor domain.Actor, q question, at time.Time, batch []lives.Key) ([]Listed, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	ids := map[domain.TicketID]bool{}
	for _, c := range batch {
		ids[c.ID] = true
	}
	sights, err := a.sightsOf(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	var changed []any
	for id, s := range sights {
		if s.ticket.UpdatedAt.After(at) {
			changed = append(changed, id)
		}
	}
	folded, err := a.foldedThen(ctx, changed, at)
	if err != nil {
		return nil, err
	}
	var rows []Listed
	for _, c := range batch {
		s, ok := sights[c.ID]
		if !ok {
			continue // it has gone in between
		}
		t, in := s.ticket, s.in
		if then, ok := folded[c.ID]; ok {
			t, in = s.ofThen(then)
		}
		if t.Inner.Deleted || len(q.filter.Tracker) > 0 && !slices.Contains(q.filter.Tracker, t.Tracker) {
			continue
		}
		t = t.SeenAs(actor, s.in, s.before...)
		t.Brought, t.Before = nil, nil // as in any list
		rows = append(rows, newListed(t, in, q.columns))
	}
	return rows, nil
}

// foldedThen are the tickets as they were at the moment, folded from the history that
// everybody reads: nothing that a list shows comes from internal events.
func (a *API) foldedThen(ctx context.Context, ids []any, at time.Time) (map[domain.TicketID]past, error) {
	folded := map[domain.TicketID]past{}
	if len(ids) == 0 {
		return folded, nil
	}
	s := &statement{}
	s.add("SELECT h.ticket, h.type, h.data, h.actor, h.source, h.occurred_at, h.commit_position, h.prepare_position FROM history h")
	s.add("WHERE h.version > 0 AND h.occurred_at <= $n", at)
	s.add("AND h.ticket IN ("+listOfArgs(ids)+") ORDER BY h.ticket, h.commit_position, h.prepare_position", ids...)
	s.add("LIMIT $n", mostFolded)
	rows, err := a.db.Read.QueryxContext(ctx, s.text.String(), s.args...)
	if err != nil {
		return nil, fmt.Errorf("read the histories of a list: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var row struct {
			Ticket domain.TicketID `db:"ticket"`
			historyRow
		}
		if err := rows.StructScan(&row); err != nil {
			return nil, fmt.Errorf("read the histories of a list: %w", err)
		}
		event, err := ticket.Decode(row.Type, row.Data)
		if err != nil {
			return nil, fmt.Errorf("read an event of %s at %d: %w", row.Ticket, row.Commit, err)
		}
		then := folded[row.Ticket]
		then.ticket = ticket.Evolve(then.ticket, event, domain.Meta{Actor: row.Actor, Source: row.Source, OccurredAt: row.OccurredAt.UTC()})
		then.last = row.position()
		folded[row.Ticket] = then
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the histories of a list: %w", err)
	}
	return folded, nil
}

// mostFolded is how many events a page folds: more than its tickets can sensibly have.
const mostFolded = 1_000_000
