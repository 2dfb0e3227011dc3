package ticket

import (
	"errors"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Transition is whether a person may put the ticket in a state, and if not why.
type Transition struct {
	To       tracker.State         `json:"to"`
	Allowed  bool                  `json:"allowed"`
	Requires []tracker.Requirement `json:"requires,omitempty"` // what must be given with the change
	Code     string                `json:"code,omitempty"`
	Reason   string                `json:"reason,omitempty"`
}

// Transitions tells for each state, in the order of the life cycle, what Decide
// would say to a change to it now: it decides, and leaves the events aside.
func Transitions(t Ticket, facts Facts) []Transition {
	facts.OccurredAt = t.Inner.LastAt // a history does not go back
	var all []Transition
	for _, to := range tracker.States() {
		all = append(all, try(t, to, facts))
	}
	return all
}

// gifts are what can be given with a change, the least first.
func gifts() [][]tracker.Requirement {
	return [][]tracker.Requirement{
		nil, {tracker.RequiresComment}, {tracker.RequiresResolution}, {tracker.RequiresComment, tracker.RequiresResolution},
	}
}

func try(t Ticket, to tracker.State, facts Facts) Transition {
	var refusal *domain.Error
	for _, given := range gifts() {
		change := ChangeState{To: to}
		for _, gift := range given {
			if gift == tracker.RequiresComment {
				change.Comment = "."
			} else {
				change.Resolution = "."
			}
		}
		_, err := Decide(t, change, facts)
		if err == nil {
			return Transition{To: to, Allowed: true, Requires: given}
		}
		e, ok := errors.AsType[*domain.Error](err)
		if !ok {
			return Transition{To: to, Code: domain.CodeOf(err), Reason: err.Error()}
		}
		// What is missing in spite of a gift tells more than what the gift would have mended.
		if refusal == nil || e.Code == "requirement-missing" {
			refusal = e
		}
		if e.Code != "requirement-missing" && given == nil {
			break // nothing that one could give helps
		}
	}
	return Transition{To: to, Code: refusal.Code, Reason: refusal.Message}
}
