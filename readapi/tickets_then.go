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

// lookAtOnce is at how many tickets one statement looks.
const lookAtOnce = 1_000

// stateThen and assigneeThen are those of the ticket t at a moment, which is their argument.
const (
	stateThen = `CASE WHEN t.since <= $n THEN t.state ELSE COALESCE((SELECT h.to_state FROM state_changes h
	WHERE h.ticket = t.id AND h.occurred_at <= $n ORDER BY h.version DESC LIMIT 1), 'posted') END`
	assigneeThen = `COALESCE((SELECT o.to_user FROM ownership_changes o
	WHERE o.ticket = t.id AND o.occurred_at <= $n ORDER BY o.version DESC LIMIT 1), '')`
)

// lookedAt is what the indexes have: a look reads no row but those of the tickets that it finds.
const lookedAt = `SELECT t.id, t.number, t.reported_at, t.since, t.state`

// candidate is a ticket that was in the list by its state and assignee.
type candidate struct {
	ID         domain.TicketID `db:"id"`
	Number     int64           `db:"number"`
	ReportedAt time.Time       `db:"reported_at"`
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
	seldom, err := a.seldom(ctx, actor, q.filter, at)
	if err != nil {
		return TicketPage{}, err
	}
	page := TicketPage{Tickets: []Listed{}}
	// Mostly the first look finds a page; where it does not, the next are longer.
	for n, left := min(2*q.limit, a.looks), a.looks; ; n = min(2*n, lookAtOnce, left) {
		most := q.limit - len(page.Tickets)
		look := look{question: q, actor: actor, at: at, few: few, seldom: seldom, n: n}
		found, err := a.candidates(ctx, look, most)
		if err != nil {
			return page, err
		}
		rows, err := a.listedThen(ctx, actor, q, at, found)
		if err != nil {
			return page, err
		}
		page.Tickets = append(page.Tickets, rows...)
		var last *candidate
		if len(found) == most {
			last = &found[most-1]
		} else if last, err = a.lookedLast(ctx, look); last == nil || err != nil {
			return page, err
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

func (q question) keyOf(c candidate) any {
	return q.order.key(ticket.Ticket{Number: c.Number, ReportedAt: c.ReportedAt})
}

// look is a look at the next n tickets, in the order of the question.
type look struct {
	question

	actor  domain.Actor
	at     time.Time
	few    []any // as visibleFew has it
	seldom []seldom
	n      int
}

// candidates are those of the next tickets that were in the list by their state and assignee, at most so many.
func (a *API) candidates(ctx context.Context, l look, most int) ([]candidate, error) {
	s := newStatement(l.actor)
	s.add("SELECT t.id, t.number, t.reported_at FROM (")
	l.next(s)
	s.add("LIMIT $n) t WHERE 1 = 1", l.n)
	if l.filter.List != allLists || len(l.filter.State) > 0 {
		states := slices.DeleteFunc(tracker.States(), func(state tracker.State) bool { return !l.filter.asksFor(state) })
		s.add("AND "+stateThen, l.at, l.at)
		within(s, "", append(states, "")) // "": which no ticket is in
	}
	if len(l.filter.Assignee) > 0 {
		s.add("AND "+assigneeThen, l.at)
		within(s, "", l.filter.Assignee)
	}
	if l.filter.Scope == "work" {
		s.add("AND "+assigneeThen+" = $n", l.at, l.actor.ID)
	}
	l.order.orderBy(s)
	s.add("LIMIT $n", most)
	return a.readCandidates(ctx, s)
}

// lookedLast is the last ticket of the look; nil when there are not that many.
func (a *API) lookedLast(ctx context.Context, l look) (*candidate, error) {
	s := newStatement(l.actor)
	s.add("SELECT t.id, t.number, t.reported_at FROM (")
	l.next(s)
	s.add("LIMIT 1 OFFSET $n) t", l.n-1)
	found, err := a.readCandidates(ctx, s)
	if len(found) == 0 {
		return nil, err
	}
	return &found[0], err
}

func (a *API) readCandidates(ctx context.Context, s *statement) ([]candidate, error) {
	var found []candidate
	if err := a.db.Read.SelectContext(ctx, &found, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("look at the tickets of a list as it was: %w", err)
	}
	for i := range found {
		found[i].ReportedAt = found[i].ReportedAt.UTC()
	}
	return found, nil
}

// next adds the tickets to look at, in their order: those that are where the filter says
// today, and those that have been moved, wherever they are.
func (l look) next(s *statement) {
	s.add(lookedAt + " FROM (")
	for i, list := range []tracker.List{tracker.OpenList, tracker.ResolvedList} {
		if i > 0 {
			s.add("UNION ALL")
		}
		l.way(s, func() {
			s.add("AND t.list = $n", list)
			within(s, "AND t.tracker", l.filter.Tracker)
		})
	}
	if len(l.filter.Tracker) > 0 {
		s.add("UNION ALL")
		l.way(s, func() {
			s.add("AND t.moved_from <> '[]' AND NOT (1 = 1")
			within(s, "AND t.tracker", l.filter.Tracker)
			s.add(")")
		})
	}
	s.add(") t")
	l.order.orderBy(s)
}

// way adds one way to the next tickets.
func (l look) way(s *statement, which func()) {
	s.add(lookedAt + " FROM (" + lookedAt)
	s.fromTickets(l.few)
	which()
	s.add("AND t.reported_at <= $n", l.at)
	filter{From: l.filter.From, To: l.filter.To, Reporter: l.filter.Reporter}.where(s, l.actor)
	if l.filter.Scope == "mine" {
		s.add("AND t.reporter = $n", l.actor.ID)
	}
	for _, seldom := range l.seldom {
		seldom.where(s, l.at)
	}
	if l.key != nil {
		l.order.where(s, l.key, l.id)
	}
	l.order.orderBy(s)
	s.add("LIMIT $n) t", l.n)
}

// listedThen are the tickets as they were, those of them that were in the trackers asked for and not deleted.
func (a *API) listedThen(ctx context.Context, actor domain.Actor, q question, at time.Time, batch []candidate) ([]Listed, error) {
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
