package tracker

import (
	"maps"
	"slices"

	"suivi/domain"
)

// AssignBy is how a tracker finds the first assignee of a new ticket.
type AssignBy string

// The ways to find one. Whoever cannot be assigned (any more) is passed over;
// where nobody is found, the default assignee is taken, if there is one.
const (
	ByDefault    AssignBy = "default"     // the default assignee
	ByField      AssignBy = "field"       // by the answer to a dropdown or radio field
	ByRoundRobin AssignBy = "round-robin" // one after the other, as the numbers go
	ByLeastOpen  AssignBy = "least-open"  // who has the fewest open tickets here
)

// Assignment says how new tickets are given to people. The zero Assignment is ByDefault.
type Assignment struct {
	By     AssignBy                 `json:"by,omitempty"`
	Field  string                   `json:"field,omitempty"`  // of ByField: the code of its field
	People map[string]domain.UserID `json:"people,omitempty"` // of ByField: by option
	Among  []domain.UserID          `json:"among,omitempty"`  // of the other two; empty: everybody who can be assigned
}

func (a Assignment) equal(b Assignment) bool {
	return a.By == b.By && a.Field == b.Field && maps.Equal(a.People, b.People) && slices.Equal(a.Among, b.Among)
}

// NewTicket is what the choice of an assignee depends on.
type NewTicket struct {
	Number  int64
	Answers map[string]string
	// Open is how many open tickets of the tracker people have. It may be a little
	// old: then two tickets in a row go to the same person, who had the fewest.
	Open map[domain.UserID]int
}

// FirstAssignee is whom the new ticket is given to when nobody was named; "" is nobody.
func (t Tracker) FirstAssignee(ticket NewTicket) domain.UserID {
	chosen := domain.UserID("")
	switch a := t.Assignment; a.By {
	case ByField:
		chosen = a.People[ticket.Answers[a.Field]]
	case ByRoundRobin:
		chosen = inTurn(t.candidates(), ticket.Number)
	case ByLeastOpen:
		chosen = inTurn(leastOpen(t.candidates(), ticket.Open), ticket.Number)
	case ByDefault:
	}
	if !t.CanBeAssigned(chosen) {
		chosen = t.DefaultAssignee
	}
	if !t.CanBeAssigned(chosen) {
		return ""
	}
	return chosen
}

// FirstAssignees is everybody whom FirstAssignee may choose.
func (t Tracker) FirstAssignees() []domain.UserID {
	people := []domain.UserID{t.DefaultAssignee}
	switch a := t.Assignment; a.By {
	case ByField:
		people = slices.AppendSeq(people, maps.Values(a.People))
	case ByRoundRobin, ByLeastOpen:
		people = append(people, t.candidates()...)
	case ByDefault:
	}
	return slices.DeleteFunc(people, func(user domain.UserID) bool { return !t.CanBeAssigned(user) })
}

// Assignable is everybody whom tickets of the tracker can be given to, by id.
func (t Tracker) Assignable() []domain.UserID {
	people := slices.Sorted(maps.Keys(t.Members))
	return slices.DeleteFunc(people, func(user domain.UserID) bool { return !t.CanBeAssigned(user) })
}

// candidates are those of the people in turn who can be assigned.
func (t Tracker) candidates() []domain.UserID {
	if len(t.Assignment.Among) == 0 {
		return t.Assignable()
	}
	return slices.DeleteFunc(slices.Clone(t.Assignment.Among), func(user domain.UserID) bool { return !t.CanBeAssigned(user) })
}

// inTurn needs no counter: the ticket's number is one.
func inTurn(people []domain.UserID, number int64) domain.UserID {
	if len(people) == 0 {
		return ""
	}
	n := int64(len(people))
	return people[((number-1)%n+n)%n]
}

func leastOpen(people []domain.UserID, open map[domain.UserID]int) []domain.UserID {
	if len(people) == 0 {
		return nil
	}
	fewest := slices.MinFunc(people, func(a, b domain.UserID) int { return open[a] - open[b] })
	return slices.DeleteFunc(people, func(user domain.UserID) bool { return open[user] > open[fewest] })
}

func checkAssignment(t Tracker, a *Assignment, problems *domain.Problems) {
	if a == nil {
		return
	}
	if !slices.Contains([]AssignBy{"", ByDefault, ByField, ByRoundRobin, ByLeastOpen}, a.By) {
		problems.Add("assignment.by", "unknown-way", "default, field, round-robin or least-open")
	}
	if a.By == ByField {
		a.checkField(t, problems)
	} else if a.Field != "" || len(a.People) > 0 {
		problems.Add("assignment.field", "not-allowed", "a field and people by option are for the way %q", ByField)
	}
	if len(a.Among) > 0 && a.By != ByRoundRobin && a.By != ByLeastOpen {
		problems.Add("assignment.among", "not-allowed", "people in turn are for the ways %q and %q", ByRoundRobin, ByLeastOpen)
	}
	for i, user := range a.Among {
		if slices.Contains(a.Among[:i], user) {
			problems.Add("assignment.among", "duplicate", "%s stands twice", user)
		}
		checkAssignable(t, "assignment.among", user, problems)
	}
}

func (a Assignment) checkField(t Tracker, problems *domain.Problems) {
	field, ok := t.Field(a.Field)
	if !ok || field.Type != Dropdown && field.Type != Radio {
		problems.Add("assignment.field", "unknown-field", "the tracker has no dropdown or radio field %q", a.Field)
		return
	}
	for option, user := range a.People {
		if _, ok := field.option(option); !ok {
			problems.Add("assignment.people."+option, "unknown-option", "the field has no such option")
		}
		checkAssignable(t, "assignment.people."+option, user, problems)
	}
}

func checkAssignable(t Tracker, field string, user domain.UserID, problems *domain.Problems) {
	if !t.CanBeAssigned(user) {
		problems.Add(field, "not-assignable", "tickets cannot be given to %s here", user)
	}
}
