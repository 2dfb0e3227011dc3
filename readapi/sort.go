package readapi

import (
	"slices"
	"strings"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// order is one way to sort tickets. The id is the second key, so that no two
// tickets stand in the same place. Text sorts as the database's collation has it.
type order struct {
	name  string // as in the parameter
	after string // what comes after the ticket of a key and an id
	by    string
	field string // the code of the custom field; "" for other orders
	keyed bool   // by tracker.OrderKey of its answers
}

const defaultOrder = "-updatedAt"

// stateKey is where a ticket is in the order of states: in that of the life cycle, then by when it last changed.
type stateKey struct {
	State int       `json:"state"` // in tracker.States
	At    time.Time `json:"at"`
}

func (k stateKey) state() tracker.State { return tracker.States()[k.State] }

// assigneeKey is where a ticket is in the order of assignees: by their names, nobody first, then by when it last changed.
type assigneeKey struct {
	Assignee domain.UserID `json:"assignee"`
	At       time.Time     `json:"at"`
}

// orders are the orders there are, beside those by a custom field.
func orders() []order {
	return []order{
		{name: "number", after: "AND (t.number, t.id) > ($n, $n)", by: "ORDER BY t.number, t.id"},
		{name: "-number", after: "AND (t.number, t.id) < ($n, $n)", by: "ORDER BY t.number DESC, t.id DESC"},
		{name: "rank", after: "AND (t.rank, t.id) > ($n, $n)", by: "ORDER BY t.rank, t.id"},
		{name: "-rank", after: "AND (t.rank, t.id) < ($n, $n)", by: "ORDER BY t.rank DESC, t.id DESC"},
		{name: "reportedAt", after: "AND (t.reported_at, t.id) > ($n, $n)", by: "ORDER BY t.reported_at, t.id"},
		{name: "-reportedAt", after: "AND (t.reported_at, t.id) < ($n, $n)", by: "ORDER BY t.reported_at DESC, t.id DESC"},
		{name: "updatedAt", after: "AND (t.updated_at, t.id) > ($n, $n)", by: "ORDER BY t.updated_at, t.id"},
		{name: "-updatedAt", after: "AND (t.updated_at, t.id) < ($n, $n)", by: "ORDER BY t.updated_at DESC, t.id DESC"},
		// Which no index has, but lives: in_order.go.
		{name: "assignee"}, {name: "-assignee"}, {name: "state"}, {name: "-state"},
	}
}

func fieldOrder(name, code string) order {
	o := order{name: name, field: code, after: "AND (" + seenAnswer + ", t.id) > ($n, $n)", by: "ORDER BY " + seenAnswer + ", t.id"}
	if strings.HasPrefix(name, "-") {
		o.after, o.by = "AND ("+seenAnswer+", t.id) < ($n, $n)", "ORDER BY "+seenAnswer+" DESC, t.id DESC"
	}
	return o
}

// byKey is the order of a custom field by what numbers and days sort by.
func (o order) byKey() order {
	o.keyed = true
	o.after, o.by = strings.ReplaceAll(o.after, seenAnswer, seenKey), strings.ReplaceAll(o.by, seenAnswer, seenKey)
	return o
}

// order reads the parameter "sort".
func (p *params) order() order {
	name, given := p.take("sort")
	if !given {
		name = defaultOrder
	}
	if code, ok := strings.CutPrefix(strings.TrimPrefix(name, "-"), fieldPrefix); ok && fieldCode.MatchString(code) {
		return fieldOrder(name, code)
	}
	all := orders()
	i := slices.IndexFunc(all, func(o order) bool { return o.name == name })
	if i < 0 {
		p.add("sort", "unknown-sort", "one of number, rank, reportedAt, updatedAt, assignee, state, field.<code>; - before it for descending")
		return all[0]
	}
	return all[i]
}

// namedOrder is one of the orders that there are.
func namedOrder(name string) order {
	all := orders()
	return all[slices.IndexFunc(all, func(o order) bool { return o.name == name })]
}

// key is the ticket's key in the order.
func (o order) key(t ticket.Ticket) any {
	switch strings.TrimPrefix(o.name, "-") {
	case "number":
		return t.Number
	case "rank":
		return rankKey(t.Rank)
	case "reportedAt":
		return t.ReportedAt
	case "updatedAt":
		return t.UpdatedAt
	case "assignee":
		return assigneeKey{t.Assignee, t.UpdatedAt}
	case "state":
		return stateKey{slices.Index(tracker.States(), t.State), t.UpdatedAt}
	}
	if o.keyed {
		return tracker.OrderKey(t.Answers[o.field])
	}
	return t.Answers[o.field]
}

// ranks tells whether the order is that of a tracker's stack.
func (o order) ranks() bool { return strings.TrimPrefix(o.name, "-") == "rank" }

// where adds the condition that the page begins after the key and id.
func (o order) where(s *statement, key any, id string) {
	if o.field != "" {
		s.add(o.after, o.field, o.field, key, id)
		return
	}
	s.add(o.after, key, id)
}

func (o order) orderBy(s *statement) {
	if o.field != "" {
		s.add(o.by, o.field, o.field)
		return
	}
	s.add(o.by)
}
