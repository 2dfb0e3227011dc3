package commands

import (
	"context"
	"slices"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// AddPrerequisite makes the ticket depend on another. Two commands that would
// close a cycle together cannot both succeed, on whatever nodes: the site's
// dependencies are one stream, and the second is decided on what the first has
// written. The outcome's state is the ticket, which the deed leaves as it is;
// so an IfMatch means the ticket's version.
func (h *Handler) AddPrerequisite(ctx context.Context, c Caller, req Request, id, prerequisite domain.TicketID) (Outcome[ticket.Ticket], error) {
	return h.changeDependencies(ctx, c, req, dependency.Add{Ticket: id, Prerequisite: prerequisite}, id, prerequisite)
}

// RemovePrerequisite ends that.
func (h *Handler) RemovePrerequisite(ctx context.Context, c Caller, req Request, id, prerequisite domain.TicketID) (Outcome[ticket.Ticket], error) {
	return h.changeDependencies(ctx, c, req, dependency.Remove{Ticket: id, Prerequisite: prerequisite}, id, prerequisite)
}

func (h *Handler) changeDependencies(ctx context.Context, c Caller, req Request, command dependency.Command, id, prerequisite domain.TicketID) (Outcome[ticket.Ticket], error) {
	wanted := req.IfMatch
	req.IfMatch = nil // it is not the graph's version
	facts := dependency.Facts{Actor: c.Actor}
	out, err := h.dependencies.execute(ctx, dependency.Stream, req, func(ctx context.Context, g dependency.Graph) ([]dependency.Event, domain.Meta, error) {
		var err error
		if facts.Ticket, err = h.party(ctx, id); err != nil {
			return nil, domain.Meta{}, err
		}
		if facts.Prerequisite, err = h.party(ctx, prerequisite); err != nil {
			return nil, domain.Meta{}, err
		}
		events, err := dependency.Decide(g, command, facts)
		if version := facts.Ticket.Ticket.Version; err == nil && wanted != nil && *wanted != version {
			err = errStale(version, *wanted)
		}
		return events, req.meta(c, h.occurredAt(c)), err
	})
	if err != nil {
		return Outcome[ticket.Ticket]{}, err
	}
	if out.Replayed {
		if facts.Ticket, err = h.party(ctx, id); err != nil {
			return Outcome[ticket.Ticket]{}, err
		}
	}
	t := facts.Ticket.Ticket
	seen := Outcome[ticket.Ticket]{State: t, Version: t.Version, Position: out.Position, Replayed: out.Replayed}
	return h.seen(ctx, c, seen, facts.Ticket.Tracker)
}

// party is a ticket as its stream tells it now, with its tracker; the zero one when there is no such ticket.
func (h *Handler) party(ctx context.Context, id domain.TicketID) (dependency.Party, error) {
	f, err := h.tickets.refresh(ctx, id.Stream())
	if err != nil || !f.state.Exists() {
		return dependency.Party{}, err
	}
	in, err := h.desks.get(ctx, f.state.Tracker.Stream())
	return dependency.Party{Ticket: f.state, Tracker: in}, err
}

// prerequisitesOpen is how many prerequisites hold the ticket up, if the command
// is a change of state that a rule wants to know it for. It is a fact that
// decides, so it comes from the streams and not from a table.
func (h *Handler) prerequisitesOpen(ctx context.Context, t ticket.Ticket, command ticket.Command, in tracker.Tracker) (open int, err error) {
	asks := func(c ticket.Command) bool {
		change, ok := c.(ticket.ChangeState)
		return ok && in.AsksForPrerequisites(t.State, change.To)
	}
	if !slices.ContainsFunc(ticket.Inside(command), asks) {
		return 0, nil
	}
	g, err := h.dependencies.refresh(ctx, dependency.Stream)
	if err != nil {
		return 0, err
	}
	for _, id := range g.state.Prerequisites(t.ID) {
		f, err := h.tickets.refresh(ctx, id.Stream())
		if err != nil {
			return 0, err
		}
		if f.state.HoldsUp() {
			open++
		}
	}
	return open, nil
}
