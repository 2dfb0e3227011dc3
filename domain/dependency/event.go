package dependency

import "suivi/domain"

// Event is a fact about the site's dependencies. The types below are all there are.
type Event interface{ dependencyEvent() }

// Added says that the ticket depends on the prerequisite from now on.
type Added struct {
	Ticket       domain.TicketID `json:"ticket"`
	Prerequisite domain.TicketID `json:"prerequisite"`
}

// Removed says that it does no longer.
type Removed struct {
	Ticket       domain.TicketID `json:"ticket"`
	Prerequisite domain.TicketID `json:"prerequisite"`
}

func (Added) dependencyEvent()   {}
func (Removed) dependencyEvent() {}
