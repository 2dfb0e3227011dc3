package ticket

import "suivi/domain"

// deleteTicket deletes a ticket that is there: a deleted one nobody sees, so it does not come here.
func deleteTicket(facts Facts) ([]Event, error) {
	if !facts.Tracker.May(facts.Actor, domain.Delete) {
		return nil, rightMissing("delete this ticket")
	}
	return []Event{Deleted{}}, nil
}

func undelete(t Ticket, facts Facts) ([]Event, error) {
	if !facts.Actor.Admin {
		return nil, domain.Errorf(domain.Forbidden, "admin-only", "only administrators bring deleted tickets back")
	}
	if !t.Inner.Deleted {
		return nil, nil
	}
	return []Event{Undeleted{}}, nil
}
