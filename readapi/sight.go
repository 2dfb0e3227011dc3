package readapi

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// sight is a ticket as it is now, the tracker that it is in, and who sees it there.
type sight struct {
	actor  domain.Actor
	ticket ticket.Ticket
	in     tracker.Tracker
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
	s.in, err = to.trackerOf(c.UserContext(), s.ticket.Tracker)
	return s, err
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
