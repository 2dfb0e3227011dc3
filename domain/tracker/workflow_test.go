package tracker

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

// The strict preset in bugtracker mode, by hand from product.md §5 and
// mod_tracker.md §2.4: from, to, and who may (r own reporter, d developer, s resolver, m manager).
const bugtrackerPreset = `
posted:    open d, working dm, blocked dm, waiting dm, resolved s, abandoned dsm
open:      working dm, blocked dm, waiting dm, testing dm, resolved s, abandoned dsm
working:   open d, blocked dm, waiting dm, testing dm, published dm, resolved s, abandoned dsm
blocked:   open d, working dm, waiting dm, resolved s, abandoned dsm
waiting:   open d, working dm, blocked dm, resolved s, abandoned dsm
testing:   working dm, published dm, resolved s, validated rdsm, abandoned dsm
published: working dm, testing dm, resolved s, validated rdsm
resolved:  validated rdsm, open d, posted rm
validated: open d, posted rm
abandoned: open d, posted rm
`

func parsePreset(t *testing.T, text string) map[[2]State]string {
	t.Helper()
	table := map[[2]State]string{}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		from, arrows, _ := strings.Cut(strings.TrimSpace(line), ":")
		for arrow := range strings.SplitSeq(arrows, ",") {
			to, who, ok := strings.Cut(strings.TrimSpace(arrow), " ")
			if !ok || !State(from).Valid() || !State(to).Valid() {
				t.Fatalf("cannot read %q", line)
			}
			table[[2]State{State(from), State(to)}] = who
		}
	}
	return table
}

func TestStrictPresetForEveryRoleAndPairOfStates(t *testing.T) {
	t.Parallel()
	table := parsePreset(t, bugtrackerPreset)
	letters := map[string]domain.Role{"r": domain.Reporter, "d": domain.Developer, "s": domain.Resolver, "m": domain.Manager}
	desk := Tracker{Key: "HELP", Mode: domain.Bugtracker, Workflow: Strict}
	for letter, role := range letters {
		for _, from := range States() {
			for _, to := range States() {
				for _, own := range []bool{true, false} {
					who, arrow := table[[2]State{from, to}]
					want := "transition-forbidden"
					switch {
					case from == to:
						want = "no-change"
					case arrow && strings.Contains(who, letter) && (own || letter != "r"):
						want = ""
					case arrow:
						want = "role-missing"
					}
					err := desk.CheckChange(Change{From: from, To: to, Roles: []domain.Role{role}, Own: own})
					if got := codeOf(err); got != want {
						t.Errorf("%s, own %t, %s → %s: got %q, want %q", role, own, from, to, got, want)
					}
				}
			}
		}
	}
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return domain.CodeOf(err)
}

func TestOtherModesLetReportersResolveAndDevelopersNotValidate(t *testing.T) {
	t.Parallel()
	desk := Tracker{Key: "HELP", Mode: domain.Custom, Workflow: Strict}
	for _, c := range []struct {
		change Change
		want   string
	}{
		{Change{From: Working, To: Resolved, Roles: []domain.Role{domain.Reporter}, Own: true}, ""},
		{Change{From: Working, To: Resolved, Roles: []domain.Role{domain.Reporter}}, "role-missing"},
		{Change{From: Resolved, To: Validated, Roles: []domain.Role{domain.Developer}}, "role-missing"},
		{Change{From: Testing, To: Published, Roles: []domain.Role{domain.Developer}}, ""},
	} {
		if got := codeOf(desk.CheckChange(c.change)); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.change, got, c.want)
		}
	}
}

func TestRelaxedLetsWorkersSetAnyEnabledState(t *testing.T) {
	t.Parallel()
	desk := Tracker{Key: "HELP", Mode: domain.Ticketing, Workflow: Relaxed}
	for _, role := range domain.Roles() {
		for _, to := range States() {
			want := ""
			switch {
			case to == Validated:
				want = "no-change"
			case to == Transferred:
				want = "transition-forbidden"
			case to == Testing || to == Published:
				want = "state-disabled"
			case role == domain.Reporter:
				want = "role-missing"
			}
			err := desk.CheckChange(Change{From: Validated, To: to, Roles: []domain.Role{role}, Own: true})
			if got := codeOf(err); got != want {
				t.Errorf("%s → %s: got %q, want %q", role, to, got, want)
			}
		}
	}
}

func TestARuleMayRequireThings(t *testing.T) {
	t.Parallel()
	rule := Rule{Requires: Requirements()}
	for _, c := range []struct {
		change Change
		want   Requirement
	}{
		{Change{}, RequiresComment},
		{Change{Comment: true}, RequiresResolution},
		{Change{Comment: true, Resolution: true}, RequiresAssignee},
		{Change{Comment: true, Resolution: true, Assignee: true, PrerequisitesOpen: 1}, RequiresPrerequisitesClosed},
		{Change{Comment: true, Resolution: true, Assignee: true}, ""},
	} {
		if got := rule.missing(c.change); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.change, got, c.want)
		}
	}
}

func TestRulesSetByHandDecideAloneInEveryMode(t *testing.T) {
	t.Parallel()
	byHand := []Rule{{From: Posted, To: Testing, Roles: []domain.Role{domain.Reporter}, Own: true}}
	for _, mode := range domain.Modes() {
		desk := Tracker{Key: "HELP", Mode: mode, Workflow: Strict, ChosenRules: &byHand, Chosen: States()}
		for _, c := range []struct {
			change Change
			want   string
		}{
			{Change{From: Posted, To: Testing, Roles: []domain.Role{domain.Reporter}, Own: true}, ""},
			{Change{From: Posted, To: Testing, Roles: []domain.Role{domain.Manager}}, "role-missing"},
			{Change{From: Posted, To: Working, Roles: []domain.Role{domain.Developer}}, "transition-forbidden"},
		} {
			if got := codeOf(desk.CheckChange(c.change)); got != c.want {
				t.Errorf("%s, %+v: got %q, want %q", mode, c.change, got, c.want)
			}
		}
	}
}

// What would change is what CheckChange says of the one and of the other, no more and no less.
func TestAComparisonOfWorkflowsNamesEveryDifference(t *testing.T) {
	t.Parallel()
	now := Tracker{Key: "HELP", Mode: domain.Bugtracker, Workflow: Strict}
	byHand := append([]Rule{{From: Posted, To: Validated, Roles: []domain.Role{domain.Reporter}, Own: true}},
		slices.DeleteFunc(StrictPreset(domain.Bugtracker), func(r Rule) bool { return r.From == Working && r.To == Open })...)
	then := now
	then.ChosenRules = &byHand
	want := []Difference{
		{From: Posted, Role: domain.Reporter, Own: true, Appear: []State{Validated}, Disappear: []State{}},
		{From: Working, Role: domain.Developer, Appear: []State{}, Disappear: []State{Open}},
		{From: Working, Role: domain.Developer, Own: true, Appear: []State{}, Disappear: []State{Open}},
	}
	if diff := cmp.Diff(want, now.Compare(then)); diff != "" {
		t.Error(diff)
	}
	same := now
	if got := now.Compare(same); len(got) != 0 {
		t.Errorf("the same: got %v", got)
	}
	relaxed := now
	relaxed.Workflow = Relaxed
	for _, d := range relaxed.Compare(now) {
		for _, to := range States() {
			change := Change{From: d.From, To: to, Roles: []domain.Role{d.Role}, Own: d.Own}
			before, after := relaxed.CheckChange(change) == nil, now.CheckChange(change) == nil
			if slices.Contains(d.Appear, to) != (after && !before) || slices.Contains(d.Disappear, to) != (before && !after) {
				t.Errorf("%+v, to %s: allowed before %t, after %t", d, to, before, after)
			}
		}
	}
}

func TestEnabledStatesFollowTheModeUntilChosenByHand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tracker Tracker
		want    string
	}{
		{Tracker{Mode: domain.Bugtracker}, "posted open working blocked waiting testing published resolved validated abandoned"},
		{Tracker{Mode: domain.Custom}, "posted open working blocked waiting testing published resolved validated abandoned"},
		{Tracker{Mode: domain.Ticketing}, "posted open working blocked waiting resolved validated abandoned"},
		{Tracker{Mode: domain.Taskspread}, "posted open blocked waiting resolved abandoned"},
		{Tracker{Mode: domain.Taskspread, Chosen: []State{Testing, Open}}, "posted open testing"},
	} {
		var want []State
		for word := range strings.FieldsSeq(c.want) {
			want = append(want, State(word))
		}
		if got := c.tracker.EnabledStates(); !slices.Equal(got, want) {
			t.Errorf("%s %v: got %v, want %v", c.tracker.Mode, c.tracker.Chosen, got, want)
		}
	}
}

func TestEveryStateHasBothLabelsAndOneList(t *testing.T) {
	t.Parallel()
	resolved := []State{Resolved, Validated, Abandoned, Transferred}
	for _, s := range States() {
		if l := (Tracker{}).Label(s); l.FR == "" || l.EN == "" || l.EN == string(s) {
			t.Errorf("%s: label %+v", s, l)
		}
		if want := slices.Contains(resolved, s); (s.List() == ResolvedList) != want {
			t.Errorf("%s: list %s", s, s.List())
		}
	}
	relabelled := Tracker{Labels: map[State]Label{Open: {EN: "Seen"}}}
	if got := relabelled.Label(Open); got != (Label{"Ouvert", "Seen"}) {
		t.Errorf("got %+v", got)
	}
}
