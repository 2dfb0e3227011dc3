package tracker

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"suivi/domain"
)

// MaxName is the longest name of a tracker, in characters.
const MaxName = 255

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
	switch c := command.(type) {
	case Configure:
		return decideConfigure(t, c.Settings, facts)
	case SetMember:
		return setMember(t, c, facts)
	case RemoveMember:
		return removeMember(t, c)
	case SetField:
		return setField(t, c)
	case RemoveField:
		return removeField(t, c)
	case OrderFields:
		return orderFields(t, c)
	}
	return nil, fmt.Errorf("tracker: no decision for %T", command)
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

func decideConfigure(t Tracker, s Settings, facts Facts) ([]Event, error) {
	var problems domain.Problems
	checkSettings(t, s, &problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	after := configure(t, Configured(s))
	if used := slices.DeleteFunc(slices.Clone(facts.UsedStates), after.Enabled); len(used) > 0 {
		return nil, domain.Errorf(domain.Refused, "state-in-use",
			"tickets of %s are in states that this would disable: %v; move them on first", t.Key, used)
	}
	changes := changed(t, s)
	if changes == nil {
		return nil, nil
	}
	return []Event{*changes}, nil
}

func checkSettings(t Tracker, s Settings, problems *domain.Problems) {
	if s.Name != nil {
		if n := utf8.RuneCountInString(strings.TrimSpace(*s.Name)); n < 1 || n > MaxName {
			problems.Add("name", "bad-length", "1 to %d characters", MaxName)
		}
	}
	if s.Mode != nil && !s.Mode.Valid() {
		problems.Add("mode", "unknown-mode", "one of %v", domain.Modes())
	}
	if s.Workflow != nil && !s.Workflow.Valid() {
		problems.Add("workflow", "unknown-workflow", "relaxed or strict")
	}
	if s.States != nil {
		for _, state := range *s.States {
			checkState("states", state, problems)
		}
	}
	for state := range s.Labels {
		if !state.Valid() {
			problems.Add("labels", "unknown-state", "%q is no state", state)
		}
	}
	if a := s.DefaultAssignee; a != nil && *a != "" && !t.CanBeAssigned(*a) {
		problems.Add("defaultAssignee", "not-assignable", "%s is no developer, resolver or manager here", *a)
	}
}

func checkState(field string, state State, problems *domain.Problems) {
	switch {
	case !state.Valid():
		problems.Add(field, "unknown-state", "%q is no state", state)
	case state == Transferred:
		problems.Add(field, "needs-parent", "transferred is for trackers with a parent")
	}
}

// changed is what of the settings differs from the tracker, nil if nothing does.
func changed(t Tracker, s Settings) *Configured {
	var c Configured
	if s.Name != nil {
		name := strings.TrimSpace(*s.Name)
		c.Name = differs(t.Name, &name)
	}
	c.Mode = differs(t.Mode, s.Mode)
	c.Workflow = differs(t.Workflow, s.Workflow)
	c.DefaultAssignee = differs(t.DefaultAssignee, s.DefaultAssignee)
	if s.States != nil && !slices.Equal(*s.States, t.Chosen) {
		c.States = s.States
	}
	for state, label := range s.Labels {
		if t.Labels[state] != label {
			if c.Labels == nil {
				c.Labels = map[State]Label{}
			}
			c.Labels[state] = label
		}
	}
	if c.Name == nil && c.Mode == nil && c.Workflow == nil && c.DefaultAssignee == nil && c.States == nil && c.Labels == nil {
		return nil
	}
	return &c
}

func differs[T comparable](now T, wanted *T) *T {
	if wanted == nil || *wanted == now {
		return nil
	}
	return wanted
}

func setMember(t Tracker, c SetMember, facts Facts) ([]Event, error) {
	var problems domain.Problems
	checkMember("roles", c.Roles, slices.Contains(facts.UnknownUsers, c.User), &problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	roles := inOrder(c.Roles)
	if slices.Equal(t.Members[c.User], roles) {
		return nil, nil
	}
	return []Event{MemberSet{c.User, roles}}, nil
}

// inOrder is the roles, each once, in the order of domain.Roles.
func inOrder(roles []domain.Role) []domain.Role {
	return slices.DeleteFunc(domain.Roles(), func(r domain.Role) bool { return !slices.Contains(roles, r) })
}

func checkMember(field string, roles []domain.Role, unknown bool, problems *domain.Problems) {
	if unknown {
		problems.Add(field, "unknown-user", "there is no such person")
	}
	if len(roles) == 0 {
		problems.Add(field, "required", "name at least one role; to take all away, delete the member")
	}
	for _, role := range roles {
		if !role.Valid() {
			problems.Add(field, "unknown-role", "one of %v, not %q", domain.Roles(), role)
		}
	}
}

func removeMember(t Tracker, c RemoveMember) ([]Event, error) {
	if _, ok := t.Members[c.User]; !ok {
		return nil, nil
	}
	return []Event{MemberRemoved(c)}, nil
}

func setField(t Tracker, c SetField) ([]Event, error) {
	var problems domain.Problems
	c.Field.check(&problems)
	old, ok := t.Field(c.Field.Code)
	if ok {
		c.Field.checkReplaces(old, &problems)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if ok && old.equal(c.Field) {
		return nil, nil
	}
	return []Event{FieldSet(c)}, nil
}

func removeField(t Tracker, c RemoveField) ([]Event, error) {
	if _, ok := t.Field(c.Code); !ok {
		return nil, domain.Errorf(domain.NotFound, "field-not-found", "the tracker %s has no field %q", t.Key, c.Code)
	}
	return []Event{FieldRemoved(c)}, nil
}

func orderFields(t Tracker, c OrderFields) ([]Event, error) {
	have := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		have[i] = f.Code
	}
	if slices.Equal(have, c.Codes) {
		return nil, nil
	}
	if !slices.Equal(slices.Sorted(slices.Values(have)), slices.Sorted(slices.Values(c.Codes))) {
		var problems domain.Problems
		problems.Add("codes", "not-all", "name each of the tracker's fields once: %v", have)
		return nil, problems.Err()
	}
	return []Event{FieldsOrdered(c)}, nil
}
