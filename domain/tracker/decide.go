package tracker

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"suivi/domain"
)

// Decide turns a command into events, or says why not. No events means that
// the tracker already is as the command wants it.
func Decide(t Tracker, command Command, facts Facts) ([]Event, error) {
	if c, ok := command.(Create); ok {
		return create(t, c, facts)
	}
	if !t.Sees(facts.Actor) {
		return nil, domain.ErrNoTracker(t.Key)
	}
	if !t.May(facts.Actor, domain.Configure) {
		return nil, domain.Errorf(domain.Forbidden, "right-missing", "only managers configure the tracker %s", t.Key)
	}
	if t.Archived {
		return decideArchived(t, command)
	}
	switch c := command.(type) {
	case Archive:
		return []Event{Archived{}}, nil
	case Unarchive:
		return nil, nil
	case Configure:
		return decideConfigure(t, c.Settings, facts)
	case SetMember:
		return setMember(t, c, facts)
	case RemoveMember:
		return removeMember(t, c)
	case SetField:
		return setField(t, c, facts)
	case RemoveField:
		return removeField(t, c)
	case OrderFields:
		return orderFields(t, c)
	case SetRights:
		return setRights(t, c)
	case ResetRights:
		return resetRights(t, c)
	case SetRules:
		return setRules(t, c)
	case ResetRules:
		return resetRules(t)
	case SetMirror:
		return setMirror(t, c, facts)
	case RemoveMirror:
		return removeMirror(t, c)
	}
	return nil, fmt.Errorf("tracker: no decision for %T", command)
}

// decideArchived lets nothing through but the way back.
func decideArchived(t Tracker, command Command) ([]Event, error) {
	switch command.(type) {
	case Archive:
		return nil, nil
	case Unarchive:
		return []Event{Unarchived{}}, nil
	}
	return nil, ErrArchived(t.Key)
}

// ErrArchived refuses to change what is in an archived tracker.
func ErrArchived(key domain.TrackerKey) *domain.Error {
	return domain.Errorf(domain.Refused, "tracker-archived", "the tracker %s is archived: it can be read, and nothing in it changed", key)
}

func create(t Tracker, c Create, facts Facts) ([]Event, error) {
	if !facts.Actor.Admin {
		return nil, domain.Errorf(domain.Forbidden, "admin-only", "only administrators of the site create trackers")
	}
	if t.Exists() {
		return nil, domain.Errorf(domain.Refused, "key-taken", "there is already a tracker %s", c.Key)
	}
	var problems domain.Problems
	if !c.Key.Valid() {
		problems.Add("key", "bad-key", "a capital, then 1 to 9 capitals or digits")
	}
	if c.Name == nil {
		problems.Add("name", "required", "a tracker needs a name")
	}
	for user, roles := range c.Members {
		checkMember("members."+string(user), roles, slices.Contains(facts.UnknownUsers, user), &problems)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	created := Created{Key: c.Key, Name: strings.TrimSpace(*c.Name), Mode: domain.Bugtracker, Workflow: Relaxed}
	set(&created.Mode, c.Mode)
	set(&created.Workflow, c.Workflow)
	events := []Event{created}
	for _, user := range slices.Sorted(maps.Keys(c.Members)) {
		events = append(events, MemberSet{user, inOrder(c.Members[user])})
	}
	for _, e := range events {
		t = Evolve(t, e, domain.Meta{})
	}
	more, err := decideConfigure(t, c.Settings, facts)
	return append(events, more...), err
}
