package tracker

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

func TestEveryModeThanksInBothLanguagesUntilATextIsSetByHand(t *testing.T) {
	t.Parallel()
	seen := map[Label]bool{}
	for _, mode := range domain.Modes() {
		for _, assignee := range []domain.UserID{"", helper.ID} {
			thanks := Tracker{Mode: mode, DefaultAssignee: assignee}.Thanks()
			if thanks.FR == "" || thanks.EN == "" {
				t.Errorf("%s: %+v", mode, thanks)
			}
			named := strings.Contains(thanks.FR, "{assignee}") && strings.Contains(thanks.EN, "{assignee}")
			if named != (mode == domain.Ticketing && assignee != "") {
				t.Errorf("%s, given to %q: %+v", mode, assignee, thanks)
			}
			seen[thanks] = true
		}
		byHand := Tracker{Mode: mode, ThankYou: Label{EN: "Ta"}}
		if got := byHand.Thanks(); got.EN != "Ta" || got.FR != (Tracker{Mode: mode}).Thanks().FR {
			t.Errorf("%s with an English text set by hand: %+v", mode, got)
		}
	}
	if len(seen) != 4 {
		t.Errorf("got %d different texts, want three, and one with the assignee", len(seen))
	}
}

// Whatever was chosen by hand is there again after any walk through the modes.
func TestAWalkThroughTheModesLosesNothing(t *testing.T) {
	t.Parallel()
	chosen := []Event{
		Configured{Mode: new(domain.Custom), States: &[]State{Open, Testing, Resolved}, Labels: map[State]Label{Open: {FR: "Vu"}}, ThankYou: &Label{FR: "Merci"}},
		muted, RulesSet{[]Rule{opening}},
	}
	before := given(desk(chosen...)...)
	after := before
	for _, mode := range append(domain.Modes(), domain.Custom) {
		for range 2 { // saved twice
			events, err := Decide(after, Configure{Settings{Mode: &mode}}, Facts{Actor: boss})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				after = Evolve(after, e, domain.Meta{OccurredAt: before.UpdatedAt})
			}
		}
		if diff := cmp.Diff([]State{Posted, Open, Testing, Resolved}, after.EnabledStates()); diff != "" {
			t.Errorf("in %s: %s", mode, diff)
		}
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
}
