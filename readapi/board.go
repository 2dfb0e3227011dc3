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
)

// Lane is the part of a list whose tickets are in one state.
type Lane struct {
	State tracker.State
	Asked bool  // the list asks for tickets in this state; else the lane has none
	Count int64 // exact up to the most that is asked for
	Cards []Card
}

// Card is a ticket on a board, with what Decide would say to a change to each state;
// on a board of one tracker with its place in the stack, for who sees that.
type Card struct {
	Listed
	Transitions []ticket.Transition
}

// Board is the list that the parameters of GET /tickets ask for, parted by state: of each
// lane at most so many cards, and its count up to most. The states need not be among those asked for.
func (a *API) Board(ctx context.Context, actor domain.Actor, query url.Values, states []tracker.State, cards, most int) ([]Lane, error) {
	p := valueParams(query, filterParams("sort", "fields")...)
	p.me = actor.ID
	q, err := a.askedFor(ctx, actor, p)
	if err != nil {
		return nil, err
	}
	by, err := a.seeing(ctx, actor, q.filter)
	if err != nil {
		return nil, err
	}
	q.limit, q.whole = cards, true
	lanes := make([]Lane, len(states))
	counts, err := a.countLanes(ctx, by, q.filter, states, most)
	if err != nil {
		return nil, err
	}
	var all []ticket.Ticket
	for i, state := range states {
		lanes[i] = Lane{State: state, Asked: q.filter.asksFor(state), Count: counts[state]}
		if lanes[i].Count == 0 { // it would be looked for among all the tickets of its list
			continue
		}
		tickets, _, err := a.read(ctx, by, q.inState(state))
		if err != nil {
			return nil, err
		}
		tickets, _ = cut(tickets, q.limit)
		lanes[i].Cards = make([]Card, len(tickets))
		all = append(all, tickets...)
	}
	made, err := a.cards(ctx, actor, all, q)
	for i := range lanes {
		n := copy(lanes[i].Cards, made)
		made = made[n:]
	}
	return lanes, err
}

// asksFor tells whether a ticket in the state can be among those asked for.
func (f filter) asksFor(state tracker.State) bool {
	return slices.Contains(f.lists(), state.List()) && (len(f.State) == 0 || slices.Contains(f.State, state))
}

// inState is the question for the tickets in one state.
func (q question) inState(state tracker.State) question {
	q.filter.State, q.filter.List = []tracker.State{state}, state.List()
	return q
}

// countLanes counts up to most what stands in each state that is asked for. Where that is not kept:
// in one tracker the index has each state by itself; over several it is quicker to go through the index once.
func (a *API) countLanes(ctx context.Context, by seeing, f filter, states []tracker.State, most int) (map[tracker.State]int64, error) {
	counts := map[tracker.State]int64{}
	rows, known, err := a.countKept(ctx, by.actor, f)
	if err == nil && !known && len(f.Tracker) != 1 && len(f.Search) == 0 { // what is searched for is not counted to its end
		known = true
		rows, err = a.countSeen(ctx, by, f)
	}
	if known || err != nil {
		for _, row := range rows {
			if f.asksFor(row.State) {
				counts[row.State] = min(counts[row.State]+row.N, int64(most))
			}
		}
		return counts, err
	}
	for _, state := range states {
		if !f.asksFor(state) {
			continue
		}
		of := question{filter: f}.inState(state).filter
		n, err := a.countAtMost(ctx, by, of, state.List(), most)
		if err != nil {
			return nil, err
		}
		counts[state] = n
	}
	return counts, nil
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
