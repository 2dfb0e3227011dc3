package tracker

import (
	"slices"

	"suivi/domain"
)

// Difference is what another workflow would change for the holders of one role
// alone, on tickets in one state: their own, or those of others.
type Difference struct {
	From      State       `json:"from"`
	Role      domain.Role `json:"role"`
	Own       bool        `json:"own"`
	Appear    []State     `json:"appear"`    // to which they could change then, and not now
	Disappear []State     `json:"disappear"` // to which they can change now, and not then
}

// Compare tells what would change for whom if the tracker were like then. It
// asks CheckChange, with everything given that a rule can require, so that it
// says what commands would do. Where nothing changes there is no Difference.
func (t Tracker) Compare(then Tracker) []Difference {
	t, then = t.withRules(), then.withRules()
	differences := []Difference{}
	for _, from := range States() {
		for _, role := range domain.Roles() {
			for _, own := range []bool{false, true} {
				before, after := t.reachable(from, role, own), then.reachable(from, role, own)
				d := Difference{From: from, Role: role, Own: own, Appear: without(after, before), Disappear: without(before, after)}
				if len(d.Appear)+len(d.Disappear) > 0 {
					differences = append(differences, d)
				}
			}
		}
	}
	return differences
}

// withRules is the tracker with its preset written out, which would else be made for each question.
func (t Tracker) withRules() Tracker {
	rules := t.Rules()
	t.ChosenRules = &rules
	return t
}

func (t Tracker) reachable(from State, role domain.Role, own bool) []State {
	return slices.DeleteFunc(States(), func(to State) bool {
		return t.CheckChange(Change{From: from, To: to, Roles: []domain.Role{role}, Own: own,
			Comment: true, Resolution: true, Assignee: true}) != nil
	})
}

func without(states, others []State) []State {
	return slices.DeleteFunc(slices.Clone(states), func(s State) bool { return slices.Contains(others, s) })
}
