package readapi

import (
	"context"
	"fmt"
	"slices"
	"time"

	"suivi/domain"
	"suivi/eventstore"
)

// AuditQuery says which events of tickets, trackers and what these share an administrator asks for; what is
// empty filters nothing.
type AuditQuery struct {
	Actors   []domain.UserID
	Tracker  domain.TrackerKey // that was set up, or that the ticket is in now
	Ticket   domain.TicketID
	Types    []string // names of events as they are stored
	Source   domain.Source
	From, To time.Time // when it occurred: from the one on, before the other
	Before   string    // the position of an event; "": the end of the log
	Limit    int
}

// Audited is an event in the audit.
type Audited struct {
	Happened

	Ticket  domain.TicketID   // "": it is of a tracker's settings, or of what trackers share
	Tracker domain.TrackerKey // that was set up, or that the ticket is in now; "": all trackers share it
	Deleted bool              // the ticket
}

// The parts of the audit's query. Whoever asks is an administrator; $1 and $2 say so once more.
const (
	auditBegin = `SELECT ` + feedColumns + ` FROM (`
	auditAll   = `SELECT ` + feedColumns + ` FROM (SELECT h.ticket, h.other, h.version, h.event_id, h.type, h.data, h.actor, h.source, h.occurred_at, h.recorded_at,
	h.commit_position, h.prepare_position, FALSE AS withdrawn, FALSE AS internal
FROM history h WHERE $2 AND $1 <> ''`
	auditInternal = `SELECT ` + feedColumns + ` FROM (SELECT h.ticket, '' AS other, h.version, h.event_id, h.type, h.data, h.actor, h.source, h.occurred_at, h.recorded_at,
	h.commit_position, h.prepare_position, FALSE AS withdrawn, TRUE AS internal
FROM internal_history h WHERE $2 AND $1 <> ''`
	auditSettings = `SELECT ` + feedColumns + ` FROM (SELECT '' AS ticket, h.tracker AS other, 0 AS version, h.event_id, h.type, h.data, h.actor, h.source, h.occurred_at, h.recorded_at,
	h.commit_position, h.prepare_position, FALSE AS withdrawn, FALSE AS internal
FROM settings_history h WHERE $2 AND $1 <> ''`
	auditLast = `ORDER BY h.commit_position DESC, h.prepare_position DESC LIMIT $n`
	auditEnd  = `) AS events ORDER BY commit_position DESC, prepare_position DESC LIMIT $n`
)

// Audit are the events that the query asks for, the last of the log first, in words of
// the language; more tells whether there are others before them. It is for administrators alone.
func (a *API) Audit(ctx context.Context, actor domain.Actor, french bool, q AuditQuery) (list []Audited, more bool, err error) {
	if !actor.Admin {
		return nil, false, domain.Errorf(domain.Forbidden, "admin-only", "this is for administrators")
	}
	if err := q.check(); err != nil {
		return nil, false, err
	}
	s := newStatement(actor)
	s.add(auditBegin + auditAll)
	if q.Ticket == "" { // a dependency stands in two histories, here it comes once
		s.add(`AND (h.other = '' OR h.data ->> 'ticket' = h.ticket)`)
	}
	q.filter(s)
	q.ofTickets(s)
	s.add(auditLast+`) AS everybodys`, q.Limit+1)
	s.add(`UNION ALL ` + auditInternal)
	q.filter(s)
	q.ofTickets(s)
	s.add(auditLast+`) AS staffs`, q.Limit+1)
	if q.Ticket == "" {
		s.add(`UNION ALL ` + auditSettings)
		q.filter(s)
		if q.Tracker != "" {
			s.add(`AND h.tracker = $n`, q.Tracker)
		}
		s.add(auditLast+`) AS settings`, q.Limit+1)
	}
	s.add(auditEnd, q.Limit+1)
	var rows []feedRow
	if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return nil, false, fmt.Errorf("read the audit: %w", err)
	}
	rows, more = cut(rows, q.Limit)
	list, err = a.audited(ctx, actor, french, rows)
	return list, more, err
}

// check tells what is wrong with the place to go on from.
func (q AuditQuery) check() error {
	if q.Before == "" {
		return nil
	}
	before, err := eventstore.ParsePosition(q.Before)
	if err != nil || before.Commit > maxPosition || before.Prepare > maxPosition {
		return domain.Errorf(domain.Invalid, "bad-position", "the position of an event, as in 120/120")
	}
	return nil
}

// ofTickets adds the conditions on the ticket of an event.
func (q AuditQuery) ofTickets(s *statement) {
	if q.Ticket != "" {
		s.add(`AND h.ticket = $n`, q.Ticket)
	}
	if q.Tracker != "" {
		s.add(`AND EXISTS (SELECT 1 FROM tickets t WHERE t.id = h.ticket AND t.tracker = $n)`, q.Tracker)
	}
}

// filter adds the conditions on any event.
func (q AuditQuery) filter(s *statement) {
	if before, err := eventstore.ParsePosition(q.Before); err == nil {
		s.add(`AND (h.commit_position, h.prepare_position) < ($n, $n)`, int64(before.Commit), int64(before.Prepare))
	}
	if q.Source != "" {
		s.add(`AND h.source = $n`, q.Source)
	}
	if !q.From.IsZero() {
		s.add(`AND h.occurred_at >= $n`, q.From.UTC())
	}
	if !q.To.IsZero() {
		s.add(`AND h.occurred_at < $n`, q.To.UTC())
	}
	oneOf(s, `AND h.actor IN (''`, q.Actors)
	oneOf(s, `AND h.type IN (''`, q.Types)
}

// oneOf adds the condition that a column has one of the values; none is no condition.
func oneOf[T ~string](s *statement, begin string, values []T) {
	if len(values) == 0 {
		return
	}
	s.add(begin)
	for _, value := range values {
		s.add(`, $n`, value)
	}
	s.add(`)`)
}

// audited tells the events, which come the last first. It goes through them in the order
// of the log, as the past of trackers is read once on the way.
func (a *API) audited(ctx context.Context, actor domain.Actor, french bool, rows []feedRow) ([]Audited, error) {
	ids := map[domain.TicketID]bool{}
	for _, row := range rows {
		ids[row.Ticket] = true
	}
	seen, err := a.sightsOf(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	fields := map[domain.TrackerKey]*fieldsTold{}
	var list []Audited
	for _, row := range slices.Backward(rows) {
		if row.Ticket == "" {
			told, err := settingsTold(row, french)
			if err != nil {
				return nil, err
			}
			list = append(list, told)
			continue
		}
		s, ok := seen[row.Ticket]
		if !ok {
			continue // the tickets' table is a moment behind
		}
		story := teller{api: a, sight: s, words: words{french: french, in: s.in}, fields: fields}
		h, err := story.tell(ctx, row.historyRow)
		if err != nil {
			return nil, fmt.Errorf("an event of %s at %d: %w", row.Ticket, row.Commit, err)
		}
		list = append(list, Audited{h, row.Ticket, s.ticket.Tracker, s.ticket.Inner.Deleted})
	}
	slices.Reverse(list)
	return list, nil
}

// AuditedTicket is a ticket before an administrator's eyes, deleted or not.
func (a *API) AuditedTicket(ctx context.Context, actor domain.Actor, text string) (Sight, error) {
	s := Sight{actor: actor}
	if !actor.Admin {
		return s, domain.Errorf(domain.Forbidden, "admin-only", "this is for administrators")
	}
	id, err := domain.ParseTicketID(text)
	if err != nil {
		return s, err
	}
	seen, err := a.sightsOf(ctx, actor, map[domain.TicketID]bool{id: true})
	if err != nil {
		return s, err
	}
	s, ok := seen[id]
	if !ok {
		return s, domain.ErrNoTicket(id)
	}
	return s, nil
}

// WholeHistory are the first events of the ticket, for administrators: also of a deleted one.
func (a *API) WholeHistory(ctx context.Context, s Sight, french bool, limit int) (list []Happened, more bool, err error) {
	query := historyOf(seesTicket, true)
	if s.ticket.Inner.Deleted {
		query = historyOf(seesDeleted, true)
	}
	rows, err := a.listHistory(ctx, query, s, logPlace{}, limit, words{french: french, in: s.in})
	rows, more = cut(rows, limit)
	return rows, more, err
}

// Deleted tells whether the ticket is deleted; only administrators see it then.
func (s Sight) Deleted() bool { return s.ticket.Inner.Deleted }

// DeletedTickets lists deleted tickets by id, after the one given; at most so many. more tells whether there are others.
func (a *API) DeletedTickets(ctx context.Context, actor domain.Actor, after domain.TicketID, most int) (rows []DeletedTicket, more bool, err error) {
	rows, err = a.listDeleted(ctx, actor, string(after), most)
	rows, more = cut(rows, most)
	return rows, more, err
}
