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
	"suivi/readapi/lives"
)

// Indexes keep the tickets of a list sorted by what most lists are sorted by. Where no index has an order, or what is asked for
// leaves hardly any ticket of it, lives tell the tickets of a page, and these are read.

// lookAtOnce is at how many tickets one statement looks, at most.
const lookAtOnce = 400

// inMemory tells whether lives tell the tickets of the question's pages.
func (q question) inMemory() bool {
	in, known := q.order.inMemory()
	f := q.filter
	return known && (in.By == lives.ByState || in.By == lives.ByAssignee || len(f.State) > 1 || len(f.Search) > 0 ||
		f.From != nil || f.To != nil || f.ResolvedFrom != nil || f.ResolvedTo != nil)
}

// inMemory is the order as lives know it, if they do.
func (o order) inMemory() (in lives.Order, known bool) {
	name, descending := strings.CutPrefix(o.name, "-")
	in.Descending = descending
	switch name {
	case "number":
		in.By = lives.ByNumber
	case "reportedAt":
		in.By = lives.ByReport
	case "updatedAt":
		in.By = lives.ByUpdate
	case "state":
		in.By = lives.ByState
	case "assignee":
		in.By = lives.ByAssignee
	default:
		return in, false
	}
	return in, true
}

// after is where the page begins, as lives have it; nil on the first page.
func (q question) after() *lives.Key {
	key := lives.Key{ID: domain.TicketID(q.id)}
	switch k := q.key.(type) {
	case *int64:
		key.Number = *k
	case *time.Time:
		key.At = *k
	case *stateKey:
		key.State, key.At = k.state(), k.At
	case *assigneeKey:
		key.Assignee, key.At = k.Assignee, k.At
	default:
		return nil
	}
	return &key
}

// readInOrder reads a page in the order of lives. What these do not know is asked of one ticket after the other.
func (a *API) readInOrder(ctx context.Context, by seeing, q question) (tickets []ticket.Ticket, err error) {
	which, err := a.which(ctx, by, q.filter)
	if err != nil {
		return nil, err
	}
	order, err := a.orderInMemory(ctx, q)
	if err != nil {
		return nil, err
	}
	for after, most := q.after(), q.mostKeys(); ; {
		var keys []lives.Key
		err := a.lives.Use(ctx, func(v lives.View) { keys = v.Page(which, order, after, most) })
		if err != nil || len(keys) == 0 {
			return tickets, err
		}
		found, err := a.readThese(ctx, by, q, keys)
		if err != nil {
			return nil, err
		}
		tickets = append(tickets, found...)
		if len(tickets) > q.limit {
			return tickets[:q.limit+1], nil
		}
		if len(keys) < most {
			return tickets, nil
		}
		after = &keys[len(keys)-1]
		most = min((q.limit+1-len(tickets))*len(keys)/max(len(found), 1)+spare, lookAtOnce) // about as many of them will do
	}
}

// spare is how many more tickets are read than may be asked for, at least, where they may turn out not to be.
const spare = 2

// mostKeys is how many tickets lives are to name, of which one more than the limit should be what is asked for.
func (q question) mostKeys() int {
	if len(q.filter.Search) == 0 {
		return q.limit + 1
	}
	return q.limit + 1 + max(q.limit/4, min(q.limit, spare))
}

// orderInMemory is the order of the question, with the names of all who have tickets where it goes by assignees.
func (a *API) orderInMemory(ctx context.Context, q question) (lives.Order, error) {
	order, _ := q.order.inMemory()
	if order.By != lives.ByAssignee {
		return order, nil
	}
	var people []domain.UserID
	err := a.lives.Use(ctx, func(v lives.View) { people = v.Assignees() })
	if after := q.after(); after != nil && after.Assignee != "" {
		people = append(people, after.Assignee)
	}
	order.Names = map[domain.UserID]string{}
	if err == nil && a.names != nil && len(people) > 0 {
		order.Names, err = a.names(ctx, people)
	}
	if err != nil {
		return order, fmt.Errorf("ask for the names of assignees: %w", err)
	}
	for _, person := range people {
		order.Names[person] += "" // also those whom nobody knows any more
	}
	return order, nil
}

// readThese reads the tickets that are as the question asks, in the order of the keys.
func (a *API) readThese(ctx context.Context, by seeing, q question, keys []lives.Key) ([]ticket.Ticket, error) {
	ids := make([]any, len(keys))
	for i, key := range keys {
		ids[i] = key.ID
	}
	s := by.statement()
	s.found = true
	q.selects(s)
	s.fromTickets(ids)
	q.filter.where(s, by.actor)
	s.add("LIMIT $n", len(ids))
	rows, err := a.readTickets(ctx, by, s)
	if err != nil {
		return nil, err
	}
	read := map[domain.TicketID]ticket.Ticket{}
	for _, t := range rows {
		read[t.ID] = t
	}
	tickets := make([]ticket.Ticket, 0, len(rows))
	for _, key := range keys {
		if t, still := read[key.ID]; still {
			tickets = append(tickets, t)
		}
	}
	return tickets, nil
}

// startingAfter is the question for what comes after the key.
func (q question) startingAfter(key lives.Key) question {
	q.id = string(key.ID)
	switch order, _ := q.order.inMemory(); order.By {
	case lives.ByNumber:
		q.key = &key.Number
	case lives.ByReport, lives.ByUpdate:
		q.key = &key.At
	case lives.ByState:
		q.key = &stateKey{slices.Index(tracker.States(), key.State), key.At}
	case lives.ByAssignee:
		q.key = &assigneeKey{key.Assignee, key.At}
	}
	return q
}
