package readapi

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// sight is a ticket as it is now, the tracker that it is in, those that it was in
// before, and who sees it.
type sight struct {
	actor  domain.Actor
	ticket ticket.Ticket
	in     tracker.Tracker
	before []tracker.Tracker
	stays  []stay // in those before, one after the other
}

// now is the tracker of the key as it is now, if the ticket is or was in it.
func (s sight) now(key domain.TrackerKey) tracker.Tracker {
	for _, in := range s.before {
		if in.Key == key && key != s.in.Key {
			return in
		}
	}
	return s.in
}

// may tells whether the asker has the right where the ticket is.
func (s sight) may(right domain.Right) bool { return s.in.May(s.actor, right) }

// concerned tells whether the asker hears of requests to raise the ticket: its
// reporter, its assignee, and those who decide on them.
func (s sight) concerned() bool {
	me := s.actor.ID
	return me == s.ticket.Reporter || me == s.ticket.Assignee && me != "" || s.may(domain.ManagePriority)
}

// hears tells whether the asker hears of the event, as historyOf says it in SQL.
func (s sight) hears(r historyRow) bool {
	if s.ticket.Inner.Deleted { // the last that is heard of it
		return r.Type == ticket.TypeOf(ticket.Deleted{})
	}
	switch r.Type {
	case ticket.TypeOf(ticket.Ranked{}):
		return s.may(domain.SeeRank)
	case ticket.TypeOf(ticket.RaiseRequested{}), ticket.TypeOf(ticket.RaiseGranted{}), ticket.TypeOf(ticket.RaiseRefused{}):
		return s.concerned()
	}
	return !r.Internal || s.may(domain.SeeInternal)
}

// sight is what the asker sees of the ticket in the path; ErrNoTicket when they see none.
func (to routes) sight(c *fiber.Ctx) (sight, error) {
	s := sight{actor: to.who(c)}
	var err error
	if s.ticket, err = to.visibleTicket(c.UserContext(), s.actor, c.Params("id")); err != nil {
		return s, err
	}
	err = to.place(c.UserContext(), &s)
	return s, err
}

// place adds the trackers of the ticket.
func (a *API) place(ctx context.Context, s *sight) error {
	return a.placeAmong(ctx, s, map[domain.TrackerKey]tracker.Tracker{})
}

// placeAmong is place with the trackers that are known already, which it adds to.
func (a *API) placeAmong(ctx context.Context, s *sight, known map[domain.TrackerKey]tracker.Tracker) (err error) {
	for _, key := range append(slices.Clip(s.ticket.Before), s.ticket.Tracker) {
		if _, have := known[key]; !have {
			if known[key], err = a.trackerOf(ctx, key); err != nil {
				return err
			}
		}
	}
	s.in = known[s.ticket.Tracker]
	for _, key := range s.ticket.Before {
		s.before = append(s.before, known[key])
	}
	s.stays, err = a.staysOf(ctx, s.ticket)
	return err
}

// seen is the ticket after the asker has seen it: open, if they are the first
// who could work on it. The answer comes after the change, so that its ETag is
// good for the asker's next write. Only a ticket that is about to open costs a command.
func (to routes) seen(c *fiber.Ctx, s sight) (ticket.Ticket, error) {
	if s.ticket.State != tracker.Posted || s.actor.ID == s.ticket.Reporter {
		return s.ticket, nil
	}
	facts := ticket.Facts{Tracker: s.in, Actor: s.actor, OccurredAt: s.ticket.UpdatedAt}
	events, err := ticket.Decide(s.ticket, ticket.See{}, facts)
	if err != nil || len(events) == 0 {
		return s.ticket, err
	}
	if seen, ok := to.edge.See(c, s.ticket.ID); ok {
		return seen, nil
	}
	return s.ticket, nil
}
