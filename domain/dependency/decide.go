package dependency

import (
	"fmt"
	"slices"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// Command is something that a person wants of the dependencies. The types below are all there are.
type Command interface{ dependencyCommand() }

// Add makes a ticket depend on a prerequisite.
type Add struct{ Ticket, Prerequisite domain.TicketID }

// Remove ends that.
type Remove struct{ Ticket, Prerequisite domain.TicketID }

func (Add) dependencyCommand()    {}
func (Remove) dependencyCommand() {}

// Facts are what Decide needs to know beside the graph.
type Facts struct {
	Actor                domain.Actor
	Ticket, Prerequisite Party
}

// Party is one of the two tickets, and the tracker that it is in. The zero one does not exist.
type Party struct {
	Ticket  ticket.Ticket
	Tracker tracker.Tracker
}

func (p Party) seenBy(a domain.Actor) bool {
	return p.Ticket.Exists() && p.Ticket.SeenBy(a, p.Tracker)
}

// Decide turns a command into events, or says why not. No events means that the
// dependencies already are as the command wants them.
//
// The right to manage dependencies counts where the dependent ticket is; the
// prerequisite need only be seen.
func Decide(g Graph, command Command, facts Facts) ([]Event, error) {
	switch c := command.(type) {
	case Add:
		return add(g, c, facts)
	case Remove:
		if err := check(c.Ticket, c.Prerequisite, facts); err != nil || !slices.Contains(g.Prerequisites(c.Ticket), c.Prerequisite) {
			return nil, err
		}
		return []Event{Removed(c)}, nil
	}
	return nil, fmt.Errorf("dependency: no decision for %T", command)
}

func add(g Graph, c Add, facts Facts) ([]Event, error) {
	if err := check(c.Ticket, c.Prerequisite, facts); err != nil {
		return nil, err
	}
	now := g.Prerequisites(c.Ticket)
	switch {
	case slices.Contains(now, c.Prerequisite):
		return nil, nil
	case c.Ticket == c.Prerequisite:
		return nil, domain.Errorf(domain.Refused, "dependency-cycle", "%s cannot depend on itself", c.Ticket)
	case g.DependsOn(c.Prerequisite, c.Ticket):
		return nil, domain.Errorf(domain.Refused, "dependency-cycle", "%s already depends on %s, directly or through others", c.Prerequisite, c.Ticket)
	case len(now) >= MaxPrerequisites:
		return nil, domain.Errorf(domain.Refused, "too-many-prerequisites", "a ticket has at most %d prerequisites", MaxPrerequisites)
	}
	return []Event{Added(c)}, nil
}

func check(id, prerequisite domain.TicketID, facts Facts) error {
	if !facts.Ticket.seenBy(facts.Actor) {
		return domain.ErrNoTicket(id)
	}
	if !facts.Prerequisite.seenBy(facts.Actor) {
		return domain.ErrNoTicket(prerequisite)
	}
	if !facts.Ticket.Tracker.May(facts.Actor, domain.ManageDependencies) {
		return domain.Errorf(domain.Forbidden, "right-missing", "none of your roles may manage the dependencies of this ticket")
	}
	return nil
}
