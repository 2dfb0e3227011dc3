package tracker

import (
	"fmt"
	"slices"

	"suivi/domain"
)

// MaxRules is how many rules a workflow may have. The preset has some 90.
const MaxRules = 500

func setRules(t Tracker, c SetRules) ([]Event, error) {
	if err := CheckRules(c.Rules); err != nil {
		return nil, err
	}
	rules := inForm(c.Rules)
	if t.ChosenRules != nil && slices.EqualFunc(*t.ChosenRules, rules, Rule.equal) {
		return nil, nil
	}
	return []Event{RulesSet{rules}}, nil
}

func resetRules(t Tracker) ([]Event, error) {
	if t.ChosenRules == nil {
		return nil, nil
	}
	return []Event{RulesReset{}}, nil
}

// CheckRules tells what is wrong with rules that someone proposes, or nil.
func CheckRules(rules []Rule) error {
	var problems domain.Problems
	if len(rules) > MaxRules {
		problems.Add("rules", "too-many", "at most %d rules", MaxRules)
		return problems.Err()
	}
	for i, rule := range rules {
		rule.check(fmt.Sprintf("rules.%d", i), &problems)
	}
	return problems.Err()
}

func (r Rule) check(field string, problems *domain.Problems) {
	for _, state := range []State{r.From, r.To} {
		switch {
		case !state.Valid():
			problems.Add(field, "unknown-state", "%q is no state", state)
		case state == Transferred:
			problems.Add(field, "cascade-only", "only a cascade changes to or from transferred")
		}
	}
	if r.From == r.To {
		problems.Add(field, "no-change", "a rule leads from one state to another")
	}
	if len(r.Roles) == 0 {
		problems.Add(field, "required", "name at least one role")
	}
	for _, role := range r.Roles {
		if !role.Valid() {
			problems.Add(field, "unknown-role", "one of %v, not %q", domain.Roles(), role)
		}
	}
	for _, need := range r.Requires {
		if !slices.Contains(Requirements(), need) {
			problems.Add(field, "unknown-requirement", "one of %v, not %q", Requirements(), need)
		}
	}
}

// inForm is the rules as they are kept: roles and requirements in order, each once.
func inForm(rules []Rule) []Rule {
	kept := make([]Rule, len(rules))
	for i, r := range rules {
		r.Roles = inOrder(r.Roles)
		r.Requires = slices.DeleteFunc(Requirements(), func(n Requirement) bool { return !slices.Contains(r.Requires, n) })
		if len(r.Requires) == 0 {
			r.Requires = nil
		}
		kept[i] = r
	}
	return kept
}

func (r Rule) equal(s Rule) bool {
	return r.From == s.From && r.To == s.To && r.Own == s.Own &&
		slices.Equal(r.Roles, s.Roles) && slices.Equal(r.Requires, s.Requires)
}
