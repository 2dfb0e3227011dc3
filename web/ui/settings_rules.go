package ui

import (
	"fmt"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// rulesView is the rules of the changes from one state.
type rulesView struct {
	settingsFrame

	From    stateView
	Roles   []choice
	Needs   []choice
	Groups  []ruleGroup
	Looked  bool // at what would change
	Relaxed bool
	Edits   []ruleEdit
	Changes []changeRow
}

// ruleEdit is the rules of a change in words, before and after.
type ruleEdit struct {
	To            stateView
	Before, After string
}

// ruleGroup is the rules of the changes to one state, and an empty row for one more.
type ruleGroup struct {
	To   stateView
	Rows []ruleRow
}

type ruleRow struct {
	Name  string // before the names of its inputs
	Label string // of the change, with its number
	Roles []choice
	Own   bool
	Needs []choice
}

func rulesPage(p *page, in configured) error {
	from, err := p.ruledState(in.Tracker)
	if err != nil {
		return err
	}
	return p.showRules(in, from, in.Rules(), nil, nil)
}

// ruledState is the state of the address.
func (p *page) ruledState(in tracker.Tracker) (tracker.State, error) {
	from := tracker.State(p.path("from"))
	if !slices.Contains(ruled(in), from) {
		return "", domain.Errorf(domain.NotFound, "unknown-state", "no rules lead from %q", from)
	}
	return from, nil
}

// changeRules answers POST …/workflow/{from}: "do" is look to see what would change.
func changeRules(p *page, in configured) error {
	from, err := p.ruledState(in.Tracker)
	if err != nil {
		return err
	}
	return p.withForm(func(f *form) error {
		rules := withRules(in.Tracker, from, f)
		if f.Get("do") == "look" {
			return p.lookAtRules(in, from, rules)
		}
		return p.configure(in, change{
			form: f, address: settingsPath(in.Key, "workflow"), said: "edited", all: []tracker.Command{tracker.SetRules{Rules: rules}},
			again: func(wrong *Complaint, err error) error { return p.showRules(in, from, rules, wrong, err) },
		})
	})
}

func (p *page) lookAtRules(in configured, from tracker.State, rules []tracker.Rule) error {
	changes, err := p.flowChanges(in.Tracker, readapi.Proposal{Workflow: tracker.Strict, Rules: &rules})
	if err != nil {
		return err
	}
	v, err := p.rulesView(in, from, rules, nil)
	if err != nil {
		return err
	}
	v.Looked, v.Relaxed, v.Changes = true, in.Workflow == tracker.Relaxed, changes
	now := in.Rules()
	for _, group := range v.Groups {
		before, after := p.rulesText(rulesBetween(now, from, group.To.Key, "")), p.rulesText(rulesBetween(rules, from, group.To.Key, ""))
		if before != after {
			v.Edits = append(v.Edits, ruleEdit{group.To, before, after})
		}
	}
	return p.show("settings-rules", v)
}

// withRules are the tracker's rules with those of the form in place of its rules
// between the state and those that the form has. A row without roles is no rule.
func withRules(in tracker.Tracker, from tracker.State, f *form) []tracker.Rule {
	asked := ruled(in)
	rules := []tracker.Rule{}
	for _, r := range in.Rules() {
		if r.From != from || !slices.Contains(asked, r.To) {
			rules = append(rules, r)
		}
	}
	for _, to := range asked {
		for i := 0; f.Has(fmt.Sprintf("%s.%d", to, i)); i++ {
			name := fmt.Sprintf("%s.%d", to, i)
			rule := tracker.Rule{From: from, To: to, Roles: rolesOf(f.Values[name+".role"]), Own: f.Get(name+".own") == "on"}
			for _, need := range f.Values[name+".need"] {
				rule.Requires = append(rule.Requires, tracker.Requirement(need))
			}
			if len(rule.Roles) > 0 {
				rules = append(rules, rule)
			}
		}
	}
	slices.SortStableFunc(rules, func(a, b tracker.Rule) int {
		if d := slices.Index(tracker.States(), a.From) - slices.Index(tracker.States(), b.From); d != 0 {
			return d
		}
		return slices.Index(tracker.States(), a.To) - slices.Index(tracker.States(), b.To)
	})
	return rules
}

func (p *page) showRules(in configured, from tracker.State, rules []tracker.Rule, wrong *Complaint, failure error) error {
	v, err := p.rulesView(in, from, rules, wrong)
	if err != nil {
		return err
	}
	return p.answer(p.statusOf(failure), "settings-rules", v)
}

func (p *page) rulesView(in configured, from tracker.State, rules []tracker.Rule, wrong *Complaint) (rulesView, error) {
	frame, _, err := p.settings(in, "workflow", wrong)
	v := rulesView{settingsFrame: frame, From: p.state(from, in.Tracker), Roles: p.roleChoices(), Needs: p.needChoices()}
	for _, to := range ruled(in.Tracker) {
		if to == from {
			continue
		}
		group := ruleGroup{To: p.state(to, in.Tracker)}
		for i, r := range append(rulesBetween(rules, from, to, ""), tracker.Rule{}) {
			group.Rows = append(group.Rows, ruleRow{
				Name: fmt.Sprintf("%s.%d", to, i), Label: p.say("workflow.rule", "to", group.To.Label, "n", i+1),
				Roles: p.roleChoices(r.Roles...), Own: r.Own, Needs: p.needChoices(r.Requires...),
			})
		}
		v.Groups = append(v.Groups, group)
	}
	return v, err
}

func (p *page) needChoices(chosen ...tracker.Requirement) []choice {
	var choices []choice
	for _, need := range tracker.Requirements() {
		choices = append(choices, choice{Value: string(need), Label: p.say("need." + string(need)), Chosen: slices.Contains(chosen, need)})
	}
	return choices
}
