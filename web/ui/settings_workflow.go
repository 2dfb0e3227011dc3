package ui

import (
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// workflowView is which changes of state a tracker allows, drawn and as a table.
type workflowView struct {
	settingsFrame

	Strict  bool
	Preset  bool // the rules are the mode's
	Roles   []tab
	Graph   flowGraph
	Tos     []stateView
	Rows    []flowRow
	Ask     string // what the page asks to confirm: strict, relaxed, reset; "": nothing
	Changes []changeRow
}

// flowRow is the changes from one state.
type flowRow struct {
	State stateView
	URL   string // of the page that edits them
	Cells []flowCell
}

type flowCell struct {
	Same  bool
	Words string
	Rules []flowRule
}

// flowRule is a rule in a cell: the roles as letters, and in words.
type flowRule struct {
	Letters []string
	Own     bool
	Needs   []string
}

func workflowPage(p *page, in configured) error { return p.showWorkflow(in, nil, nil) }

// changeWorkflow answers POST …/workflow: "do" is strict, relaxed or reset.
func changeWorkflow(p *page, in configured) error {
	return p.withForm(func(f *form) error {
		c := change{
			form: f, address: settingsPath(in.Key, "workflow"), said: "edited",
			again: func(wrong *Complaint, err error) error { return p.showWorkflow(in, wrong, err) },
		}
		if do := f.Get("do"); do == "reset" {
			c.all, c.said = []tracker.Command{tracker.ResetRules{}}, "reset"
		} else {
			flow := tracker.Workflow(do)
			c.all = []tracker.Command{tracker.Configure{Settings: tracker.Settings{Workflow: &flow}}}
		}
		return p.configure(in, c)
	})
}

func (p *page) showWorkflow(in configured, wrong *Complaint, failure error) error {
	frame, _, err := p.settings(in, "workflow", wrong)
	if err != nil {
		return err
	}
	v := workflowView{settingsFrame: frame, Strict: in.Workflow == tracker.Strict, Preset: in.ChosenRules == nil, Ask: p.query().Get("ask")}
	proposal := readapi.Proposal{Workflow: tracker.Workflow(v.Ask), Rules: in.ChosenRules}
	switch v.Ask {
	case "reset":
		proposal = readapi.Proposal{Workflow: tracker.Strict}
	case "strict", "relaxed":
	default:
		v.Ask = ""
	}
	if v.Ask != "" {
		if v.Changes, err = p.flowChanges(in.Tracker, proposal); err != nil {
			return err
		}
	}
	role := domain.Role(p.query().Get("role"))
	v.Roles = p.roleTabs(in.Key, role)
	for _, s := range ruled(in.Tracker) {
		v.Tos = append(v.Tos, p.state(s, in.Tracker))
	}
	v.Graph = drawFlow(v.Tos, p.arcs(in.Tracker, role))
	for _, from := range ruled(in.Tracker) {
		v.Rows = append(v.Rows, p.flowRow(in.Tracker, from, role))
	}
	return p.answer(p.statusOf(failure), "settings-workflow", v)
}

// ruled are the states that rules can lead from and to, of those that the tracker uses.
func ruled(in tracker.Tracker) []tracker.State {
	return slices.DeleteFunc(in.EnabledStates(), func(s tracker.State) bool { return s == tracker.Transferred })
}

// roleTabs show the rules of all roles, or of one alone.
func (p *page) roleTabs(key domain.TrackerKey, chosen domain.Role) []tab {
	path := settingsPath(key, "workflow")
	tabs := []tab{{Name: p.say("workflow.everybody"), URL: path, Active: chosen == ""}}
	for _, role := range domain.Roles() {
		tabs = append(tabs, tab{Name: p.say("role." + string(role)), URL: path + "?role=" + string(role), Active: role == chosen})
	}
	return tabs
}

// rulesBetween are those of the rules that are for a change, and for the role if one is chosen.
func rulesBetween(rules []tracker.Rule, from, to tracker.State, role domain.Role) []tracker.Rule {
	var between []tracker.Rule
	for _, r := range rules {
		if r.From == from && r.To == to && (role == "" || slices.Contains(r.Roles, role)) {
			between = append(between, r)
		}
	}
	return between
}

func (p *page) arcs(in tracker.Tracker, role domain.Role) []flowChange {
	var arcs []flowChange
	states, all := ruled(in), in.Rules()
	for i, from := range states {
		for j, to := range states {
			rules := rulesBetween(all, from, to, role)
			if len(rules) == 0 {
				continue
			}
			title := p.say("workflow.arc", "from", p.state(from, in).Label, "to", p.state(to, in).Label, "who", p.rulesText(rules))
			own := !slices.ContainsFunc(rules, func(r tracker.Rule) bool { return !r.Own })
			arcs = append(arcs, flowChange{From: i, To: j, Title: title, Own: own})
		}
	}
	return arcs
}

// rulesText is rules in words.
func (p *page) rulesText(rules []tracker.Rule) string {
	var all []string
	for _, r := range rules {
		var words []string
		for _, role := range r.Roles {
			words = append(words, p.say("role."+string(role)))
		}
		text := strings.Join(words, ", ")
		if r.Own {
			text = p.say("workflow.own-of", "who", text)
		}
		parts := []string{text}
		for _, need := range r.Requires {
			parts = append(parts, p.say("need."+string(need)))
		}
		all = append(all, strings.Join(parts, " + "))
	}
	return strings.Join(all, "; ")
}

func (p *page) flowRow(in tracker.Tracker, from tracker.State, role domain.Role) flowRow {
	row := flowRow{State: p.state(from, in), URL: settingsPath(in.Key, "workflow/"+string(from))}
	all := in.Rules()
	for _, to := range ruled(in) {
		rules := rulesBetween(all, from, to, role)
		cell := flowCell{Same: from == to, Words: p.rulesText(rules)}
		for _, r := range rules {
			shown := flowRule{Own: r.Own}
			for _, holder := range r.Roles {
				shown.Letters = append(shown.Letters, p.say("role.short."+string(holder)))
			}
			for _, need := range r.Requires {
				shown.Needs = append(shown.Needs, p.say("need."+string(need)))
			}
			cell.Rules = append(cell.Rules, shown)
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}
