package tracker

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

func TestNothingMigratesToOrFromTransferred(t *testing.T) {
	t.Parallel()
	below := given(desk()...)
	below.Parent = "TOP"
	for _, migrate := range []map[State]State{{Testing: Transferred}, {Transferred: Open}} {
		s := Settings{States: &[]State{Open, Working}, Migrate: migrate}
		if events, err := Decide(below, Configure{s}, Facts{Actor: boss}); domain.CodeOf(err) != "invalid-input" {
			t.Errorf("%v: got %v, %v", migrate, events, err)
		}
	}
}

func TestAMigrationHoldsAsLongAsItsStateIsDisabled(t *testing.T) {
	t.Parallel()
	by := func(t Tracker, e Event, who domain.UserID) Tracker { return Evolve(t, e, domain.Meta{Actor: who}) }
	desk := by(given(desk()...), withoutTesting, boss.ID)
	if diff := cmp.Diff(map[State]Migration{Testing: {Working, boss.ID}}, desk.Migrations); diff != "" {
		t.Fatal(diff)
	}
	renamed := by(desk, Configured{Name: new("New")}, helper.ID)
	if to, who, ok := renamed.MigratesTo(Testing); to != Working || who != boss.ID || !ok {
		t.Errorf("after another change: got %s, %s, %t", to, who, ok)
	}
	// working is disabled as well: what comes from testing goes all the way.
	further := by(renamed, Configured{States: &[]State{Open}, Migrate: map[State]State{Working: Open}}, helper.ID)
	for from, want := range map[State]domain.UserID{Testing: boss.ID, Working: helper.ID} {
		if to, who, ok := further.MigratesTo(from); to != Open || who != want || !ok {
			t.Errorf("from %s: got %s, %s, %t", from, to, who, ok)
		}
	}
	if to, _, ok := by(desk, Configured{States: &[]State{Open}}, boss.ID).MigratesTo(Testing); to != Posted || !ok {
		t.Errorf("a way that ends nowhere: got %s, %t; want posted", to, ok)
	}
	back := by(further, Configured{States: &[]State{}}, boss.ID)
	if len(back.Migrations) != 0 {
		t.Errorf("all states are enabled again: %v", back.Migrations)
	}
	if to, _, ok := desk.MigratesTo(Blocked); ok {
		t.Errorf("nobody said where blocked goes, and it goes to %s", to)
	}
}
