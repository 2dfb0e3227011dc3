package ticket

import (
	"maps"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
)

// The topics beside the eleven states, which stand for a change to them.
const (
	AboutComment    domain.Topic = "comment"
	AboutAssignment domain.Topic = "assignment"
	AboutEdit       domain.Topic = "edit"
	AboutPriority   domain.Topic = "priority"
	AboutDependency domain.Topic = "dependency"
	AboutAttachment domain.Topic = "attachment"
)

// Topics lists every kind of change that a watcher may want to hear of.
func Topics() []domain.Topic {
	var topics []domain.Topic
	for _, state := range tracker.States() {
		topics = append(topics, domain.Topic(state))
	}
	return append(topics, AboutComment, AboutAssignment, AboutEdit, AboutPriority, AboutDependency, AboutAttachment)
}

// CheckTopics notes the topics that there are not, and gives those that there
// are, each once, in the order of Topics.
func CheckTopics(field string, given []domain.Topic, problems *domain.Problems) []domain.Topic {
	all := Topics()
	for _, topic := range given {
		if !slices.Contains(all, topic) {
			problems.Add(field, "unknown-event", "one of %v, not %q", all, topic)
		}
	}
	return slices.DeleteFunc(all, func(topic domain.Topic) bool { return !slices.Contains(given, topic) })
}

func watch(t Ticket, c Watch, facts Facts) ([]Event, error) {
	var problems domain.Problems
	switch {
	case c.User == facts.Actor.ID && !t.mayWatch(facts.Actor, facts):
		return nil, rightMissing("watch this ticket")
	case c.User == facts.Actor.ID:
	case !facts.Tracker.May(facts.Actor, domain.ManageWatchers):
		return nil, rightMissing("manage the watchers of this ticket")
	case !t.mayWatch(domain.Actor{ID: c.User}, facts):
		problems.Add("user", "not-eligible", "%s has no role in %s that may watch", c.User, facts.Tracker.Key)
	}
	had, watches := t.Inner.Watches[c.User]
	topics := facts.watchDefault(c.User)
	switch {
	case c.Topics != nil:
		topics = CheckTopics("events", *c.Topics, &problems)
	case watches:
		topics = had
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if watches && slices.Equal(had, topics) {
		return nil, nil
	}
	return []Event{Watched{User: c.User, Topics: topics}}, nil
}

// mayWatch tells whether the person may be a watcher: the reporter, and members
// whose roles say so. Watching is what then lets them see the ticket.
func (t Ticket) mayWatch(who domain.Actor, facts Facts) bool {
	return who.ID == t.Reporter || facts.Tracker.May(who, domain.Watch)
}

func unwatch(t Ticket, c Unwatch, facts Facts) ([]Event, error) {
	if c.User != facts.Actor.ID && !facts.Tracker.May(facts.Actor, domain.ManageWatchers) {
		return nil, rightMissing("manage the watchers of this ticket")
	}
	if _, watches := t.Inner.Watches[c.User]; !watches {
		return nil, nil
	}
	return []Event{Unwatched(c)}, nil
}

// because is why somebody is made a watcher without having asked.
type because int

const (
	becauseReported because = iota
	becauseWrote
	becauseAssigned
)

// subscribe makes the person a watcher, unless they are one, or no longer want to
// be: who left is not called back by what they write, only by being assigned.
func (t Ticket) subscribe(who domain.Actor, why because, facts Facts) []Event {
	_, watches := t.Inner.Watches[who.ID]
	if watches || t.Inner.Left[who.ID] && why != becauseAssigned || !t.mayWatch(who, facts) {
		return nil
	}
	return []Event{Watched{User: who.ID, Topics: facts.watchDefault(who.ID), Automatic: true}}
}

func (f Facts) watchDefault(user domain.UserID) []domain.Topic {
	if topics, set := f.WatchDefaults[user]; set {
		return topics
	}
	return Topics()
}

func (i Inner) watched(e Watched) Inner {
	i.Watches = maps.Clone(i.Watches)
	if i.Watches == nil {
		i.Watches = map[domain.UserID][]domain.Topic{}
	}
	i.Watches[e.User] = e.Topics
	i.Left = maps.Clone(i.Left)
	delete(i.Left, e.User)
	return i
}

func (i Inner) unwatched(e Unwatched) Inner {
	i.Watches = maps.Clone(i.Watches)
	delete(i.Watches, e.User)
	i.Left = maps.Clone(i.Left)
	if i.Left == nil {
		i.Left = map[domain.UserID]bool{}
	}
	i.Left[e.User] = true
	return i
}
