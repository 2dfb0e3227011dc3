package readapi

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/readapi/lives"
)

// Lane is the part of a list whose tickets are in one state.
type Lane struct {
	State tracker.State
	Asked bool // the list asks for tickets in this state; else the lane has none
	Count Count
	Cards []Card
}

// Card is a ticket on a board, with what Decide would say to a change to each state;
// on a board of one tracker with its place in the stack, for who sees that.
type Card struct {
	Listed
	Transitions []ticket.Transition
}

// Board is the list that the parameters of GET /tickets ask for, parted by state, and how many tickets each list has, as
// TicketsAndTabs tells it. Of each lane it has at most so many cards, and how many tickets there are; where these must be read to be
// counted, how many cards. The states need not be among those asked for.
func (a *API) Board(ctx context.Context, actor domain.Actor, query url.Values, states []tracker.State, cards, most int) ([]Lane, map[tracker.List]Count, error) {
	p := valueParams(query, filterParams("sort", "fields")...)
	p.me = actor.ID
	q, err := a.askedFor(ctx, actor, p)
	if err != nil {
		return nil, nil, err
	}
	by, err := a.seeing(ctx, actor, q.filter)
	if err != nil {
		return nil, nil, err
	}
	q.limit, q.whole = cards, true
	b, err := a.ofLanes(ctx, by, q)
	if err != nil {
		return nil, nil, err
	}
	var all []ticket.Ticket
	lanes := make([]Lane, len(states))
	for i, state := range states {
		tickets, more := cut(b.tickets[state], q.limit)
		lanes[i] = Lane{State: state, Asked: q.filter.asksFor(state)}
		switch {
		case !lanes[i].Asked:
		case by.reads(q.filter):
			lanes[i].Count = Count{int64(len(tickets)), more}
		default:
			lanes[i].Count = Count{N: b.counts[slices.Index(tracker.States(), state)]}
		}
		lanes[i].Cards = make([]Card, len(tickets))
		all = append(all, tickets...)
	}
	made, err := a.cards(ctx, actor, all, q)
	if err != nil {
		return nil, nil, err
	}
	for i := range lanes {
		n := copy(lanes[i].Cards, made)
		made = made[n:]
	}
	switch {
	case by.looksFor(q.filter, true):
		return lanes, q.tellsOnBoard(lanes), nil
	case by.reads(q.filter):
		tabs, err := a.countUpTo(ctx, by, q.filter.ofTabs(), most)
		return lanes, tabs, err
	}
	return lanes, q.filter.ofTabs().ofLists(b.counts), nil
}

// onBoard is what a board has of each state.
type onBoard struct {
	tickets map[tracker.State][]ticket.Ticket // one more than the limit, if there are more
	firsts  [][]lives.Key                     // that lives told, in the order of tracker.States; nil: none
	counts  lives.Counts                      // but for what must be read, and whatever list and states are asked for
}

// ofLanes reads what the lanes have.
func (a *API) ofLanes(ctx context.Context, by seeing, q question) (*onBoard, error) {
	which, err := a.which(ctx, by, q.filter)
	if err != nil {
		return nil, err
	}
	order, err := a.orderInMemory(ctx, q)
	if err != nil {
		return nil, err
	}
	b := &onBoard{tickets: map[tracker.State][]ticket.Ticket{}}
	_, told := q.order.inMemory()
	most := q.mostKeys()
	err = a.lives.Use(ctx, func(v lives.View) {
		if told {
			b.firsts, b.counts = v.Lanes(which, order, most)
			return
		}
		which.States = nil
		b.counts = v.Count(which)
	})
	if err == nil && told {
		err = a.readFirsts(ctx, by, q, b)
	}
	for i, state := range tracker.States() {
		if err != nil {
			return nil, err
		}
		if n := len(b.tickets[state]); q.filter.asksFor(state) && b.counts[i] > 0 && n <= q.limit && (!told || len(b.firsts[i]) == most) {
			in := q.inState(state)
			in.limit -= n
			if told {
				in = in.startingAfter(b.firsts[i][most-1])
			}
			var more []ticket.Ticket
			more, err = a.read(ctx, by, in)
			b.tickets[state] = append(b.tickets[state], more...)
		}
	}
	return b, err
}

// readFirsts reads the tickets that lives told, by one statement.
func (a *API) readFirsts(ctx context.Context, by seeing, q question, b *onBoard) error {
	keys := slices.Concat(b.firsts...)
	if len(keys) == 0 {
		return nil
	}
	read, err := a.readThese(ctx, by, q, keys)
	for _, t := range read {
		if len(b.tickets[t.State]) <= q.limit {
			b.tickets[t.State] = append(b.tickets[t.State], t)
		}
	}
	return err
}

// tellsOnBoard is how many tickets a board shows that the lists have.
func (q question) tellsOnBoard(lanes []Lane) map[tracker.List]Count {
	counts := map[tracker.List]Count{}
	if len(q.filter.State) > 0 { // others are left out
		return counts
	}
	for _, list := range q.filter.lists() {
		counts[list] = Count{}
	}
	for _, lane := range lanes {
		if count, asked := counts[lane.State.List()]; asked {
			counts[lane.State.List()] = Count{count.N + lane.Count.N, count.More || lane.Count.More}
		}
	}
	return counts
}

// inState is the question for the tickets in one state.
func (q question) inState(state tracker.State) question {
	q.filter.State, q.filter.List = []tracker.State{state}, state.List()
	return q
}

// cards are the tickets as a board of the question has them, with transitions, and in a stack with the places in it.
func (a *API) cards(ctx context.Context, actor domain.Actor, tickets []ticket.Ticket, q question) ([]Card, error) {
	if len(tickets) == 0 {
		return nil, nil
	}
	places := map[domain.TicketID]int64{}
	if q.order.ranks() {
		var err error
		if places, err = a.places(ctx, actor, tickets); err != nil {
			return nil, err
		}
	}
	ids := make([]any, len(tickets))
	for i, t := range tickets {
		ids[i] = t.ID
	}
	held, err := a.heldUp(ctx, ids)
	if err != nil {
		return nil, err
	}
	trackers, err := a.trackersOf(ctx, tickets)
	if err != nil {
		return nil, err
	}
	for _, in := range trackers {
		rules := in.Rules() // worked out once, and not for each state of each card
		in.ChosenRules = &rules
	}
	cards := make([]Card, len(tickets))
	for i, t := range tickets {
		in := *trackers[t.Tracker]
		cards[i] = Card{newListed(t.SeenAs(actor, in), in, q.columns), ticket.Transitions(t, ticket.Facts{Tracker: in, Actor: actor, PrerequisitesOpen: held[t.ID]})}
		cards[i].Rank = places[t.ID]
	}
	return cards, nil
}

// heldUp is how many open prerequisites each of the tickets has. It takes no actor,
// as prerequisitesOpen.
func (a *API) heldUp(ctx context.Context, ids []any) (map[domain.TicketID]int, error) {
	s := &statement{}
	// CROSS JOIN as in visible.go.
	s.add("SELECT d.ticket, COUNT(*) AS n FROM dependencies d CROSS JOIN tickets p WHERE p.id = d.prerequisite AND p.list = 'open' AND NOT p.deleted")
	s.add("AND d.ticket IN ("+listOfArgs(ids)+") GROUP BY d.ticket", ids...)
	s.add("LIMIT $n", len(ids))
	var rows []struct {
		Ticket domain.TicketID `db:"ticket"`
		N      int             `db:"n"`
	}
	if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("count the open prerequisites of a board: %w", err)
	}
	held := map[domain.TicketID]int{}
	for _, row := range rows {
		held[row.Ticket] = row.N
	}
	return held, nil
}

// listOfArgs is room for the arguments, of which there is one at least.
func listOfArgs(args []any) string { return "$n" + strings.Repeat(", $n", len(args)-1) }
