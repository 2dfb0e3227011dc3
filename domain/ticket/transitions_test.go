package ticket

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/tracker"
)

// rule is a workflow of one way out of posted, for reporters.
func rule(requires ...tracker.Requirement) func(*tracker.Tracker) {
	return func(t *tracker.Tracker) {
		t.Workflow = tracker.Strict
		t.ChosenRules = &[]tracker.Rule{{From: tracker.Posted, To: tracker.Waiting, Roles: []domain.Role{domain.Reporter, domain.Resolver}, Requires: requires}}
	}
}

func TestATransitionSaysWhatMustBeGivenWithIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in    tracker.Tracker
		given []Event
		by    domain.Actor
		want  Transition
	}{
		"nothing":            {in: help(rule()), by: pupil, want: Transition{Allowed: true}},
		"a comment":          {in: help(rule(tracker.RequiresComment)), by: pupil, want: Transition{Allowed: true, Requires: []tracker.Requirement{tracker.RequiresComment}}},
		"a resolution":       {in: help(rule(tracker.RequiresResolution)), by: solver, want: Transition{Allowed: true, Requires: []tracker.Requirement{tracker.RequiresResolution}}},
		"one that is there":  {in: help(rule(tracker.RequiresResolution)), given: []Event{ResolutionWritten{"Unmuted"}}, by: pupil, want: Transition{Allowed: true}},
		"both":               {in: help(rule(tracker.RequiresComment, tracker.RequiresResolution)), by: solver, want: Transition{Allowed: true, Requires: []tracker.Requirement{tracker.RequiresComment, tracker.RequiresResolution}}},
		"what I cannot give": {in: help(rule(tracker.RequiresResolution)), by: pupil, want: Transition{Code: "requirement-missing", Reason: "this change requires: resolution"}},
		"what nobody gives with it": {
			in: help(rule(tracker.RequiresComment, tracker.RequiresAssignee)), by: pupil, want: Transition{Code: "requirement-missing", Reason: "this change requires: assignee"},
		},
		"for others": {in: help(rule()), by: helper, want: Transition{Code: "role-missing", Reason: "none of your roles may change posted to waiting"}},
	} {
		c.want.To = tracker.Waiting
		all := Transitions(given(posted(c.given...)), Facts{Tracker: c.in, Actor: c.by})
		if len(all) != len(tracker.States()) {
			t.Fatalf("got %d states, want all", len(all))
		}
		if diff := cmp.Diff(c.want, all[4]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestATransitionToADisabledStateSaysSo(t *testing.T) {
	t.Parallel()
	for _, tr := range Transitions(given(posted()), Facts{Tracker: help(), Actor: boss}) {
		want := map[tracker.State]string{tracker.Posted: "no-change", tracker.Testing: "state-disabled", tracker.Published: "state-disabled", tracker.Transferred: "transition-forbidden"}[tr.To]
		if tr.Code != want || tr.Allowed != (want == "") || (tr.Reason == "") != tr.Allowed {
			t.Errorf("%+v, want %q", tr, want)
		}
	}
}

// A note leaves no trace in what reporters see, and does not keep them from acting either.
func TestANoteHindersNoTransition(t *testing.T) {
	t.Parallel()
	noted := Evolve(given(posted()), NoteAdded{Note: 1, Body: "Hm"}, domain.Meta{Actor: helper.ID, OccurredAt: monday.Add(time.Hour)})
	before, after := Transitions(given(posted()), Facts{Tracker: help(rule()), Actor: pupil}), Transitions(noted, Facts{Tracker: help(rule()), Actor: pupil})
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("transitions (-before +after the note):\n%s", diff)
	}
}
