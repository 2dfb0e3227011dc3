package tracker

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"suivi/domain"
)

func decideConfigure(t Tracker, s Settings, facts Facts) ([]Event, error) {
	var problems domain.Problems
	checkSettings(t, s, &problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	after := configure(t, Configured(s), domain.Meta{Actor: facts.Actor.ID})
	checkMigrate(after, s.Migrate, &problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if stuck := slices.DeleteFunc(slices.Clone(facts.UsedStates), after.keeps); len(stuck) > 0 {
		return nil, domain.Errorf(domain.Refused, "state-in-use",
			"tickets of %s are in states that this would disable: %v; say in migrate where they go, or move them on first", t.Key, stuck)
	}
	changes := changed(t, s)
	if changes == nil {
		return nil, nil
	}
	return []Event{*changes}, nil
}

func checkSettings(t Tracker, s Settings, problems *domain.Problems) {
	checkTexts(s, problems)
	if s.Mode != nil && !s.Mode.Valid() {
		problems.Add("mode", "unknown-mode", "one of %v", domain.Modes())
	}
	if s.Workflow != nil && !s.Workflow.Valid() {
		problems.Add("workflow", "unknown-workflow", "relaxed or strict")
	}
	if s.NewTickets != nil && !s.NewTickets.Valid() {
		problems.Add("newTickets", "unknown-end", "top or bottom")
	}
	if s.BackReport != nil && !s.BackReport.Valid() {
		problems.Add("backReport", "unknown-report", "inform or resolve")
	}
	if s.States != nil {
		for _, state := range *s.States {
			checkState(t, state, problems)
		}
	}
	for state := range s.Labels {
		if !state.Valid() {
			problems.Add("labels", "unknown-state", "%q is no state", state)
		}
	}
	if a := s.DefaultAssignee; a != nil && *a != "" {
		checkAssignable(t, "defaultAssignee", *a, problems)
	}
	checkAssignment(t, s.Assignment, problems)
}

func checkState(t Tracker, state State, problems *domain.Problems) {
	switch {
	case !state.Valid():
		problems.Add("states", "unknown-state", "%q is no state", state)
	case state == Transferred && t.Parent == "":
		problems.Add("states", "needs-parent", "transferred is for trackers with a parent")
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
	c.Intro = differs(t.Intro, s.Intro)
	c.ThankYou = differs(t.ThankYou, s.ThankYou)
	c.ContactURL = differs(t.ContactURL, s.ContactURL)
	c.CommentsOff = differs(t.CommentsOff, s.CommentsOff)
	c.NewTickets = differs(t.EntersAt(), s.NewTickets)
	c.Course = differs(t.Course, s.Course)
	c.BackReport = differs(t.Reports(), s.BackReport)
	c.ReportComments = differs(t.ReportComments, s.ReportComments)
	if s.States != nil && !slices.Equal(*s.States, t.Chosen) {
		c.States = s.States
	}
	if s.Assignment != nil && !s.Assignment.equal(t.Assignment) {
		c.Assignment = s.Assignment
	}
	for from, to := range s.Migrate {
		if t.Migrations[from].To != to {
			c.Migrate = s.Migrate
		}
	}
	for state, label := range s.Labels {
		if t.Labels[state] != label {
			if c.Labels == nil {
				c.Labels = map[State]Label{}
			}
			c.Labels[state] = label
		}
	}
	if reflect.ValueOf(c).IsZero() {
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

func configure(t Tracker, e Configured, meta domain.Meta) Tracker {
	set(&t.Name, e.Name)
	set(&t.Mode, e.Mode)
	set(&t.Workflow, e.Workflow)
	set(&t.Chosen, e.States)
	set(&t.DefaultAssignee, e.DefaultAssignee)
	set(&t.Intro, e.Intro)
	set(&t.ThankYou, e.ThankYou)
	set(&t.ContactURL, e.ContactURL)
	set(&t.CommentsOff, e.CommentsOff)
	set(&t.Course, e.Course)
	set(&t.Assignment, e.Assignment)
	set(&t.NewTickets, e.NewTickets)
	set(&t.BackReport, e.BackReport)
	set(&t.ReportComments, e.ReportComments)
	if len(e.Labels) > 0 {
		t.Labels = maps.Clone(t.Labels)
		for state, label := range e.Labels {
			if label == (Label{}) {
				delete(t.Labels, state)
			} else {
				t.Labels[state] = label
			}
		}
	}
	t.Migrations = migrations(t, e.Migrate, meta.Actor)
	return t
}

func set[T any](target *T, value *T) {
	if value != nil {
		*target = *value
	}
}
