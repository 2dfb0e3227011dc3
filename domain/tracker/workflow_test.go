package tracker

import (
	"slices"
	"strings"
	"testing"

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
	rule := Rule{Requires: []Requirement{RequiresComment, RequiresResolution, RequiresAssignee}}
	for _, c := range []struct {
		change Change
		want   Requirement
	}{
		{Change{}, RequiresComment},
		{Change{Comment: true}, RequiresResolution},
		{Change{Comment: true, Resolution: true}, RequiresAssignee},
		{Change{Comment: true, Resolution: true, Assignee: true}, ""},
	} {
		if got := rule.missing(c.change); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.change, got, c.want)
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
