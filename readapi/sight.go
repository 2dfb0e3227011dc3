package readapi

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// Sight is a ticket as it is now, the tracker that it is in, those that it was in
// before, and who sees it.
type Sight struct {
	actor  domain.Actor
	ticket ticket.Ticket
	in     tracker.Tracker
	before []tracker.Tracker
	stays  []stay // in those before, one after the other
}

// now is the tracker of the key as it is now, if the ticket is or was in it.
func (s Sight) now(key domain.TrackerKey) tracker.Tracker {
	for _, in := range s.before {
		if in.Key == key && key != s.in.Key {
			return in
		}
	}
	return s.in
}

// may tells whether the asker has the right where the ticket is.
func (s Sight) may(right domain.Right) bool { return s.in.May(s.actor, right) }

// concerned tells whether the asker hears of requests to raise the ticket: its
// reporter, its assignee, and those who decide on them.
func (s Sight) concerned() bool {
	me := s.actor.ID
	return me == s.ticket.Reporter || me == s.ticket.Assignee && me != "" || s.may(domain.ManagePriority)
}

// hears tells whether the asker hears of the event, as historyOf says it in SQL.
func (s Sight) hears(r historyRow) bool {
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
func (to routes) sight(c *fiber.Ctx) (Sight, error) {
	return to.Look(c.UserContext(), to.who(c), c.Params("id"))
}

// place adds the trackers of the ticket.
func (a *API) place(ctx context.Context, s *Sight) error {
	return a.placeAmong(ctx, s, map[domain.TrackerKey]tracker.Tracker{})
}

// placeAmong is place with the trackers that are known already, which it adds to.
func (a *API) placeAmong(ctx context.Context, s *Sight, known map[domain.TrackerKey]tracker.Tracker) (err error) {
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
func (to routes) seen(c *fiber.Ctx, s Sight) (ticket.Ticket, error) {
	if opens, err := s.Opens(); err != nil || !opens {
		return s.ticket, err
	}
	if seen, ok := to.edge.See(c, s.ticket.ID); ok {
		return seen, nil
	}
	return s.ticket, nil
}

// Look is the ticket before the actor's eyes; ErrNoTicket when they see none. What
// stands on it is asked with the Sight. That the ticket was seen is for commands to take down.
func (a *API) Look(ctx context.Context, actor domain.Actor, id string) (Sight, error) {
	s := Sight{actor: actor}
	var err error
	if s.ticket, err = a.visibleTicket(ctx, actor, id); err != nil {
		return s, err
	}
	err = a.place(ctx, &s)
	return s, err
}

// Ticket is the ticket as the asker may see it.
func (s Sight) Ticket() ticket.Ticket { return s.ticket.SeenAs(s.actor, s.in, s.before...) }

// Tracker is the one that the ticket is in, with its hidden fields.
func (s Sight) Tracker() tracker.Tracker { return s.in }

// May tells whether the asker has the right where the ticket is.
func (s Sight) May(right domain.Right) bool { return s.may(right) }

// Opens tells whether the ticket becomes open by being seen: the asker is the first who could work on it.
func (s Sight) Opens() (bool, error) {
	if s.ticket.State != tracker.Posted || s.actor.ID == s.ticket.Reporter {
		return false, nil
	}
	facts := ticket.Facts{Tracker: s.in, Actor: s.actor, OccurredAt: s.ticket.UpdatedAt}
	events, err := ticket.Decide(s.ticket, ticket.See{}, facts)
	return len(events) > 0, err
}

// After is the sight of the ticket as it has become by a command.
func (s Sight) After(t ticket.Ticket) Sight {
	t.Inner.Watches = s.ticket.Inner.Watches
	s.ticket = t
	return s
}
