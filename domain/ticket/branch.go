package ticket

import (
	"maps"
	"slices"

	"suivi/domain"
)

// branch is for whoever may change states here. Whether they may post where the
// new ticket is to be, its own posting decides.
func branch(t Ticket, c Branch, facts Facts) ([]Event, error) {
	if !facts.Tracker.May(facts.Actor, domain.ChangeState) {
		return nil, rightMissing("branch a ticket from a comment")
	}
	said, ok := remark(t.Inner.Comments, c.Comment)
	switch {
	case !ok:
		return nil, domain.ErrNoComment(t.ID, c.Comment)
	case said.Deleted:
		return nil, domain.Errorf(domain.Refused, "comment-deleted", "the comment %d of %s has been deleted", c.Comment, t.ID)
	case c.Ticket == "":
		return nil, nil
	}
	return []Event{Branched(c)}, nil
}

// copyWatches makes those watchers of a new ticket who watch the one that it grew out of, and may watch here.
func (t Ticket) copyWatches(watchers map[domain.UserID][]domain.Topic, facts Facts) []Event {
	var events []Event
	for _, user := range slices.Sorted(maps.Keys(watchers)) {
		if t.mayWatch(domain.Actor{ID: user}, facts) {
			events = append(events, Watched{User: user, Topics: watchers[user], Automatic: true})
		}
	}
	return events
}
