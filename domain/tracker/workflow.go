package tracker

import (
	"slices"

	"suivi/domain"
)

// Workflow says how state changes are judged (product.md §5).
type Workflow string

// The two workflows.
const (
	Relaxed Workflow = "relaxed" // whoever may change state may set any enabled state
	Strict  Workflow = "strict"  // a change must match a rule
)

// Valid tells whether w is one of the two workflows.
func (w Workflow) Valid() bool { return w == Relaxed || w == Strict }

// Rule allows a change of state to the holders of some roles.
type Rule struct {
	From     State         `json:"from"`
	To       State         `json:"to"`
	Roles    []domain.Role `json:"roles"`
	Own      bool          `json:"own,omitempty"` // only on tickets that the person reported
	Requires []Requirement `json:"requires,omitempty"`
}

// Requirement is what must be there for a change by a rule.
type Requirement string

// The requirements that a rule can name.
const (
	RequiresComment    Requirement = "comment"    // given with the change
	RequiresResolution Requirement = "resolution" // given with the change, or already written
	RequiresAssignee   Requirement = "assignee"
	// RequiresPrerequisitesClosed asks that every prerequisite of the ticket is in the resolved list.
	RequiresPrerequisitesClosed Requirement = "prerequisites-closed"
)

// Requirements lists every requirement that a rule can name.
func Requirements() []Requirement {
	return []Requirement{RequiresComment, RequiresResolution, RequiresAssignee, RequiresPrerequisitesClosed}
}

// legal is the strict preset's graph: to which states a ticket may go (product.md §5).
func legal(from State) []State {
	switch from {
	case Posted:
		return []State{Open, Working, Blocked, Waiting, Resolved, Abandoned}
	case Open:
		return []State{Working, Blocked, Waiting, Testing, Resolved, Abandoned}
	case Working:
		return []State{Open, Blocked, Waiting, Testing, Published, Resolved, Abandoned}
	case Blocked:
		return []State{Open, Working, Waiting, Resolved, Abandoned}
	case Waiting:
		return []State{Open, Working, Blocked, Resolved, Abandoned}
	case Testing:
		return []State{Working, Published, Resolved, Validated, Abandoned}
	case Published:
		return []State{Working, Testing, Resolved, Validated}
	case Resolved:
		return []State{Validated, Open, Posted}
	case Validated, Abandoned:
		return []State{Open, Posted}
	case Transferred: // only breaking the link leads out of it
	}
	return nil
}

// targets are the states that a role may set under the strict preset:
// mod_tracker.md §2.4 with the original developer column, blocked like waiting.
func targets(mode domain.Mode, role domain.Role) []State {
	switch role {
	case domain.Reporter:
		if mode == domain.Bugtracker {
			return []State{Posted, Validated}
		}
		return []State{Posted, Resolved, Validated}
	case domain.Developer:
		states := []State{Open, Working, Blocked, Waiting, Testing, Published, Abandoned}
		if mode == domain.Bugtracker {
			states = append(states, Validated)
		}
		return states
	case domain.Resolver:
		return []State{Resolved, Validated, Abandoned}
	case domain.Manager:
		return []State{Posted, Working, Blocked, Waiting, Testing, Published, Validated, Abandoned}
	}
	return nil
}

// StrictPreset is the rules that a strict tracker of the mode starts with: the
// legal graph, each arrow for the roles that may set its target. A reporter's
// arrows hold on their own tickets.
func StrictPreset(mode domain.Mode) []Rule {
	var rules []Rule
	for _, from := range States() {
		for _, to := range legal(from) {
			rules = append(rules, presetRules(mode, from, to)...)
		}
	}
	return rules
}

func presetRules(mode domain.Mode, from, to State) []Rule {
	var rules []Rule
	if slices.Contains(targets(mode, domain.Reporter), to) {
		rules = append(rules, Rule{From: from, To: to, Roles: []domain.Role{domain.Reporter}, Own: true})
	}
	var roles []domain.Role
	for _, role := range []domain.Role{domain.Developer, domain.Resolver, domain.Manager} {
		if slices.Contains(targets(mode, role), to) {
			roles = append(roles, role)
		}
	}
	if len(roles) > 0 {
		rules = append(rules, Rule{From: from, To: to, Roles: roles})
	}
	return rules
}

// Change is a state change that someone wants.
type Change struct {
	From, To State
	Roles    []domain.Role // that the person holds
	Admin    bool          // the person administers the site
	Own      bool          // the person reported the ticket
	// What the ticket has, or is given with the change.
	Comment, Resolution, Assignee bool
	PrerequisitesOpen             int // how many of its prerequisites are not closed
}

// CheckChange tells why the tracker does not allow a state change, or nil. The
// codes are no-change, state-disabled, transition-forbidden, role-missing and
// requirement-missing (product.md §5).
func (t Tracker) CheckChange(c Change) error {
	switch {
	case !c.To.Valid():
		return domain.Errorf(domain.Invalid, "unknown-state", "%q is no state", c.To)
	case c.To == c.From:
		return domain.Errorf(domain.Refused, "no-change", "the ticket is already %s", c.To)
	case c.To == Transferred || c.From == Transferred:
		return domain.Errorf(domain.Refused, "transition-forbidden", "only a cascade changes to or from transferred")
	case !t.Enabled(c.To):
		return domain.Errorf(domain.Refused, "state-disabled", "the tracker %s does not use the state %s", t.Key, c.To)
	case t.Workflow == Relaxed:
		return t.checkRelaxed(c)
	}
	return t.checkRules(c)
}

// AsksForPrerequisites tells whether a rule for the change wants to know of prerequisites.
func (t Tracker) AsksForPrerequisites(from, to State) bool {
	return t.Workflow == Strict && slices.ContainsFunc(t.Rules(), func(r Rule) bool {
		return r.From == from && r.To == to && slices.Contains(r.Requires, RequiresPrerequisitesClosed)
	})
}

func (t Tracker) checkRelaxed(c Change) error {
	if !c.Admin && !t.Policy().Holds(c.Roles, domain.ChangeState) {
		return roleMissing(c)
	}
	return nil
}

func (t Tracker) checkRules(c Change) error {
	err := error(domain.Errorf(domain.Refused, "transition-forbidden",
		"the workflow has no way from %s to %s", c.From, c.To))
	for _, rule := range t.Rules() {
		if rule.From != c.From || rule.To != c.To {
			continue
		}
		if !rule.covers(c) {
			if domain.CodeOf(err) == "transition-forbidden" {
				err = roleMissing(c)
			}
			continue
		}
		missing := rule.missing(c)
		if missing == "" {
			return nil
		}
		err = domain.Errorf(domain.Refused, "requirement-missing", "this change requires: %s", missing)
	}
	return err
}

func roleMissing(c Change) error {
	return domain.Errorf(domain.Forbidden, "role-missing", "none of your roles may change %s to %s", c.From, c.To)
}

func (r Rule) covers(c Change) bool {
	return (!r.Own || c.Own) && slices.ContainsFunc(c.Roles, func(role domain.Role) bool {
		return slices.Contains(r.Roles, role)
	})
}

func (r Rule) missing(c Change) Requirement {
	for _, need := range r.Requires {
		if need == RequiresComment && !c.Comment || need == RequiresResolution && !c.Resolution ||
			need == RequiresAssignee && !c.Assignee || need == RequiresPrerequisitesClosed && c.PrerequisitesOpen > 0 {
			return need
		}
	}
	return ""
}
