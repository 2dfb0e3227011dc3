package readapi

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// A list as it was is read by looking at the tickets that the asker sees today, in the
// order asked for, and at what their histories say of the moment. A ticket that has not
// changed since is as it is; of others state and assignee are looked up, and those that are
// in the list are folded. However few are found, a page looks at so many and no more:
// then it ends early, with a next one.
const (
	lookAtOnce = 1_000
	mostLooks  = 5_000
)

// stateThen and assigneeThen are those of the ticket t at a moment, which is their argument.
const (
	stateThen = `CASE WHEN t.updated_at <= $n THEN t.state ELSE COALESCE((SELECT h.to_state FROM state_changes h
	WHERE h.ticket = t.id AND h.occurred_at <= $n ORDER BY h.version DESC LIMIT 1), 'posted') END`
	assigneeThen = `CASE WHEN t.updated_at <= $n THEN t.assignee ELSE COALESCE((SELECT o.to_user FROM ownership_changes o
	WHERE o.ticket = t.id AND o.occurred_at <= $n ORDER BY o.version DESC LIMIT 1), '') END`
)

const lookedAt = `SELECT t.id, t.number, t.reported_at, t.updated_at, t.state, t.assignee`

// candidate is a ticket that had been posted by the moment, as far as choosing asks.
type candidate struct {
	ID         domain.TicketID `db:"id"`
	Number     int64           `db:"number"`
	ReportedAt time.Time       `db:"reported_at"`
	UpdatedAt  time.Time       `db:"updated_at"`
	State      tracker.State   `db:"state_then"`
	Assignee   domain.UserID   `db:"assignee_then"` // where it is asked for
}

// pageThen is a page of the tickets that were in the list at a moment, as they were
// then. Who may see what of them goes by today's rights.
func (a *API) pageThen(ctx context.Context, actor domain.Actor, p *params, at time.Time) (TicketPage, error) {
	q, err := p.questionThen(at)
	if err != nil {
		return TicketPage{}, err
	}
	few, err := a.visibleFew(ctx, actor, q.filter)
	if err != nil {
		return TicketPage{}, err
	}
	page := TicketPage{Tickets: []Listed{}}
	// Mostly the first look finds a page; where it does not, the next are longer.
	for n, left := 2*q.limit, mostLooks; ; n = min(2*n, lookAtOnce, left) {
		looked, err := a.candidates(ctx, actor, q, at, few, n)
		if err != nil {
			return page, err
		}
		rows, last, err := a.chosenThen(ctx, actor, q, at, looked, q.limit-len(page.Tickets))
		if err != nil {
			return page, err
		}
		page.Tickets = append(page.Tickets, rows...)
		whole := last == nil || last.ID == looked[len(looked)-1].ID
		if whole && len(looked) < n {
			return page, nil
		}
		q.key, q.id = q.keyOf(*last), string(last.ID)
		if left -= n; left <= 0 || len(page.Tickets) == q.limit {
			break
		}
	}
	page.Next, err = nextCursor(q.of, q.key, q.id)
	return page, err
}

// questionThen reads what is asked of the past: filters that a history answers, in an order that no change disturbs.
func (p *params) questionThen(at time.Time) (question, error) {
	q := question{columns: p.columns(), filter: p.filter("open"), limit: p.limit()}
	if name, given := p.take("sort"); given {
		q.order = p.order()
		if by := strings.TrimPrefix(name, "-"); by != "number" && by != "reportedAt" {
			p.add("sort", "not-of-the-past", "of the past: number, reportedAt; - before it for descending")
		}
	} else if q.order = namedOrder("-reportedAt"); len(q.filter.Tracker) == 1 {
		q.order = namedOrder("-number") // which its index has
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

func (q question) keyOf(c candidate) any {
	return q.order.key(ticket.Ticket{Number: c.Number, ReportedAt: c.ReportedAt})
}

// candidates are the next tickets to look at, in their order: those that are where the
// filter says today, and those that have been moved, wherever they are.
func (a *API) candidates(ctx context.Context, actor domain.Actor, q question, at time.Time, few []any, n int) ([]candidate, error) {
	s := newStatement(actor)
	s.add("SELECT t.id, t.number, t.reported_at, t.updated_at")
	s.add(", "+stateThen+" AS state_then", at, at)
	if len(q.filter.Assignee) > 0 || q.filter.Scope == "work" {
		s.add(", "+assigneeThen+" AS assignee_then", at, at)
	}
	s.add("FROM (")
	for i, list := range []tracker.List{tracker.OpenList, tracker.ResolvedList} {
		if i > 0 {
			s.add("UNION ALL")
		}
		q.look(s, actor, at, few, n, func() {
			s.add("AND t.list = $n", list)
			within(s, "AND t.tracker", q.filter.Tracker)
		})
	}
	if len(q.filter.Tracker) > 0 {
		s.add("UNION ALL")
		q.look(s, actor, at, few, n, func() {
			s.add("AND t.moved_from <> '[]' AND NOT (1 = 1")
			within(s, "AND t.tracker", q.filter.Tracker)
			s.add(")")
		})
	}
	s.add(") t")
	q.order.orderBy(s)
	s.add("LIMIT $n", n)
	var found []candidate
	if err := a.db.Read.SelectContext(ctx, &found, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("look at the tickets of a list as it was: %w", err)
	}
	for i := range found {
		found[i].ReportedAt, found[i].UpdatedAt = found[i].ReportedAt.UTC(), found[i].UpdatedAt.UTC()
	}
	return found, nil
}

// look adds one way to the next tickets.
func (q question) look(s *statement, actor domain.Actor, at time.Time, few []any, n int, which func()) {
	s.add(lookedAt + " FROM (" + lookedAt)
	s.fromTickets(few)
	which()
	s.add("AND t.reported_at <= $n", at)
	filter{From: q.filter.From, To: q.filter.To, Reporter: q.filter.Reporter}.where(s, actor)
	if q.filter.Scope == "mine" {
		s.add("AND t.reporter = $n", actor.ID)
	}
	if q.key != nil {
		q.order.where(s, q.key, q.id)
	}
	q.order.orderBy(s)
	s.add("LIMIT $n) t", n)
}

// chosenThen are those of the candidates that were in the list, at most so many, and
// the last candidate that was looked at.
func (a *API) chosenThen(ctx context.Context, actor domain.Actor, q question, at time.Time, looked []candidate, most int) (rows []Listed, last *candidate, err error) {
	for len(looked) > 0 && len(rows) < most {
		var batch []candidate
		n := 0
		for ; n < len(looked) && len(rows)+len(batch) < most; n++ {
			if q.filter.had(looked[n], actor) {
				batch = append(batch, looked[n])
			}
		}
		last = &looked[n-1]
		looked = looked[n:]
		found, err := a.listedThen(ctx, actor, q, at, batch)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, found...)
	}
	return rows, last, nil
}

// had tells whether the ticket was in the list by its state and assignee.
func (f filter) had(c candidate, actor domain.Actor) bool {
	return f.asksFor(c.State) && (len(f.Assignee) == 0 || slices.Contains(f.Assignee, c.Assignee)) && (f.Scope != "work" || c.Assignee == actor.ID)
}

// listedThen are the tickets as they were, those of them that were in the trackers asked for and not deleted.
func (a *API) listedThen(ctx context.Context, actor domain.Actor, q question, at time.Time, batch []candidate) ([]Listed, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	ids := map[domain.TicketID]bool{}
	var changed []any
	for _, c := range batch {
		ids[c.ID] = true
		if c.UpdatedAt.After(at) {
			changed = append(changed, c.ID)
		}
	}
	sights, err := a.sightsOf(ctx, actor, ids)
	if err != nil {
		return nil, err
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
