package ui

import (
	"net/url"
	"slices"

	"suivi/domain/tracker"
)

// statesView is which states a tracker uses and what they are called there.
type statesView struct {
	settingsFrame

	Rows   []usedState
	ByMode bool // they are the mode's
}

type usedState struct {
	State   stateView // with its built-in name
	Enabled bool
	Fixed   bool   // nobody chooses: posted is always there, transferred comes with a parent
	FR, EN  string // names of one's own
	BuiltIn tracker.Label
	Tickets int64
	Goes    []choice // where its tickets go when it is disabled; none where there are no tickets
	Wrong   string
}

func statesPage(p *page, in configured) error {
	typed := url.Values{}
	for _, s := range in.EnabledStates() {
		typed.Add("state", string(s))
	}
	for s, label := range in.Labels {
		typed.Set("label."+string(s)+".fr", label.FR)
		typed.Set("label."+string(s)+".en", label.EN)
	}
	return p.showStates(in, typed, nil, nil)
}

func changeStates(p *page, in configured) error {
	return p.withForm(func(f *form) error {
		if f.Get("do") == "mode" {
			f.Values["state"] = textsOf(ofMode(in.Tracker).EnabledStates())
		}
		after := in.Tracker
		after.Chosen = chosenStates(in.Tracker, f.Values["state"])
		labels := map[tracker.State]tracker.Label{}
		for _, s := range tracker.States() {
			labels[s] = *labelOf(f.Values, "label."+string(s))
		}
		return p.configure(in, change{
			form: f, address: settingsPath(in.Key, "states"), said: "edited",
			all:   []tracker.Command{tracker.Configure{Settings: tracker.Settings{States: &after.Chosen, Labels: labels, Migrate: migrateOf(f.Values, after)}}},
			again: func(wrong *Complaint, err error) error { return p.showStates(in, f.Values, wrong, err) },
		})
	})
}

// ofMode is the tracker with the states of its mode.
func ofMode(in tracker.Tracker) tracker.Tracker {
	in.Chosen = nil
	return in
}

func textsOf(states []tracker.State) []string {
	texts := make([]string, len(states))
	for i, s := range states {
		texts[i] = string(s)
	}
	return texts
}

// chosenStates are those that were ticked, as a tracker keeps them: none where they
// are the mode's, so that they change with it.
func chosenStates(in tracker.Tracker, ticked []string) []tracker.State {
	chosen := []tracker.State{}
	for _, s := range tracker.States() {
		if s == tracker.Posted || s != tracker.Transferred && slices.Contains(ticked, string(s)) {
			chosen = append(chosen, s)
		}
	}
	after := in
	after.Chosen = chosen
	if slices.Equal(after.EnabledStates(), ofMode(in).EnabledStates()) {
		return []tracker.State{}
	}
	return chosen
}

func (p *page) showStates(in configured, typed url.Values, wrong *Complaint, failure error) error {
	frame, _, err := p.settings(in, "states", wrong)
	if err != nil {
		return err
	}
	tickets, err := p.cfg.Reads.TicketsInStates(p.ctx(), in.Key)
	if err != nil {
		return err
	}
	v := statesView{settingsFrame: frame, ByMode: len(in.Chosen) == 0}
	for _, s := range tracker.States() {
		row := usedState{
			State: stateView{s, p.label(s.DefaultLabel()), s.List()}, BuiltIn: s.DefaultLabel(), Tickets: tickets[s],
			Enabled: slices.Contains(typed["state"], string(s)), Fixed: s == tracker.Posted || s == tracker.Transferred,
			FR: typed.Get("label." + string(s) + ".fr"), EN: typed.Get("label." + string(s) + ".en"), Wrong: wrong.Of("migrate." + string(s)),
		}
		if row.Fixed {
			row.Enabled = in.Enabled(s)
		} else if row.Tickets > 0 {
			row.Goes = p.goesTo(in.Tracker, in.Tracker, s, typed)
		}
		v.Rows = append(v.Rows, row)
	}
	return p.answer(p.statusOf(failure), "settings-states", v)
}

// migrateChoice is a state that a change disables, and where its tickets can go.
type migrateChoice struct {
	State   stateView
	Tickets int64
	Goes    []choice
	Wrong   string
}

// migrateChoices are for the states in which tickets are and that after does not have.
func (p *page) migrateChoices(in, after tracker.Tracker, typed url.Values) ([]migrateChoice, error) {
	tickets, err := p.cfg.Reads.TicketsInStates(p.ctx(), in.Key)
	if err != nil {
		return nil, err
	}
	var choices []migrateChoice
	for _, s := range in.EnabledStates() {
		if tickets[s] > 0 && !after.Enabled(s) && s != tracker.Transferred {
			choices = append(choices, migrateChoice{State: p.state(s, in), Tickets: tickets[s], Goes: p.goesTo(in, after, s, typed)})
		}
	}
	return choices, nil
}

// goesTo are the states of after that tickets of the state can go to, as they are called now.
func (p *page) goesTo(in, after tracker.Tracker, from tracker.State, typed url.Values) []choice {
	var goes []choice
	for _, s := range after.EnabledStates() {
		if s != from && s != tracker.Transferred {
			goes = append(goes, choice{Value: string(s), Label: p.state(s, in).Label, Chosen: typed.Get("migrate."+string(from)) == string(s), State: s})
		}
	}
	return goes
}

// migrateOf is where the form says that tickets go, of the states that after does not have.
func migrateOf(values url.Values, after tracker.Tracker) map[tracker.State]tracker.State {
	migrate := map[tracker.State]tracker.State{}
	for _, s := range tracker.States() {
		if to := values.Get("migrate." + string(s)); to != "" && !after.Enabled(s) {
			migrate[s] = tracker.State(to)
		}
	}
	return migrate
}
