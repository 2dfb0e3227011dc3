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
	q.limit = cards
	lanes := make([]Lane, len(states))
	counts, err := a.countLanes(ctx, by, q.filter, states, most)
	if err != nil {
		return nil, err
	}
	var all []*Card
	for i, state := range states {
		lanes[i] = Lane{State: state, Asked: q.filter.asksFor(state), Count: counts[state]}
		if lanes[i].Count == 0 { // it would be looked for among all the tickets of its list
			continue
		}
		rows, err := a.list(ctx, by, q.inState(state))
		if err != nil {
			return nil, err
		}
		rows, _ = cut(rows, q.limit)
		for _, row := range rows {
			lanes[i].Cards = append(lanes[i].Cards, Card{Listed: row})
		}
		for j := range lanes[i].Cards {
			all = append(all, &lanes[i].Cards[j])
		}
	}
	return lanes, a.fillCards(ctx, actor, all, q.order.ranks())
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
	if err == nil && !known && len(f.Tracker) != 1 {
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

// fillCards adds transitions, and to a stack the places in it, as to lists. Who sees a ticket is told them by its row in full, which lists do not have.
func (a *API) fillCards(ctx context.Context, actor domain.Actor, cards []*Card, ranked bool) (err error) {
	if len(cards) == 0 {
		return nil
	}
	ids, tickets := make([]any, len(cards)), make([]ticket.Ticket, len(cards))
	for i, card := range cards {
		ids[i], tickets[i] = card.ID, card.Ticket
	}
	places := map[domain.TicketID]int64{}
	if ranked {
		if places, err = a.places(ctx, actor, tickets); err != nil {
			return err
		}
	}
	held, err := a.heldUp(ctx, ids)
	if err != nil {
		return err
	}
	seen, err := a.ticketsWith(ctx, actor, ids)
	if err != nil {
		return err
	}
	trackers := map[domain.TrackerKey]tracker.Tracker{}
	for _, card := range cards {
		t, ok := seen[card.ID]
		if !ok { // it has gone in between
			continue
		}
		in, known := trackers[t.Tracker]
		if !known {
			if in, err = a.trackerOf(ctx, t.Tracker); err != nil {
				return err
			}
			rules := in.Rules() // worked out once, and not for each state of each card
			in.ChosenRules = &rules
			trackers[t.Tracker] = in
		}
		card.Rank = places[card.ID]
		card.Transitions = ticket.Transitions(t, ticket.Facts{Tracker: in, Actor: actor, PrerequisitesOpen: held[card.ID]})
	}
	return nil
}

// ticketsWith are those of the tickets that the actor sees, whole.
func (a *API) ticketsWith(ctx context.Context, actor domain.Actor, ids []any) (map[domain.TicketID]ticket.Ticket, error) {
	s := newStatement(actor)
	s.add(wholeTicket+"WHERE t.id IN ("+listOfArgs(ids)+") AND "+seesTicket, ids...)
	s.add("LIMIT $n", len(ids))
	var rows []ticketRow
	if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("read the tickets of a board: %w", err)
	}
	seen := make(map[domain.TicketID]ticket.Ticket, len(rows))
	for _, row := range rows {
		t, err := row.whole(actor)
		if err != nil {
			return nil, err
		}
		seen[t.ID] = t
	}
	return seen, nil
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
