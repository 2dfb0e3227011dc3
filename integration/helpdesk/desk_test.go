package helpdesk

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/tracker"
)

func TestDeskOfTheRealLog(t *testing.T) {
	t.Parallel()
	desk, err := NewDesk(realLog(t))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(desk.People), 22; got != want {
		t.Errorf("people: got %d want %d", got, want)
	}
	if got, want := desk.People[6], (Person{"Value 7", "value-7@helpdesk.example"}); got != want {
		t.Errorf("got %v want %v", got, want)
	}
	got := map[string]int{}
	for _, f := range desk.Fields {
		got[f.Code] = len(f.Options)
	}
	want := map[string]int{"variant": 0, "variant_index": 0, "seriousness": 1, "customer": 0, "product": 21, "responsible_section": 7,
		"seriousness_2": 4, "service_level": 4, "service_type": 4, "support_section": 7, "workgroup": 4}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("options: got + want -:\n%s", diff)
	}
}

// What the desk asks for, the domain takes: the tracker is made by its own rules.
func TestTheDeskMakesATrackerThatTheDomainAccepts(t *testing.T) {
	t.Parallel()
	desk, err := NewDesk(realLog(t))
	if err != nil {
		t.Fatal(err)
	}
	made := newTracker(t)
	missing, err := desk.Missing(made)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range missing {
		made = change(t, made, tracker.SetField{Field: field})
	}
	if diff := cmp.Diff(desk.Fields, made.Fields); diff != "" {
		t.Errorf("got + want -:\n%s", diff)
	}
	if again, err := desk.Missing(made); err != nil || len(again) > 0 {
		t.Errorf("the second time: got %v, %v want nothing", again, err)
	}
}

func TestMissingOptionsAreAddedBehindTheTrackersOwn(t *testing.T) {
	t.Parallel()
	own := tracker.Option{Code: "mine", Label: tracker.Label{EN: "Mine"}}
	in := change(t, newTracker(t), tracker.SetField{Field: tracker.Field{Code: "product", Type: tracker.Dropdown, Options: []tracker.Option{own}}})
	desk := Desk{Fields: []tracker.Field{{Code: "product", Type: tracker.Dropdown, Options: []tracker.Option{{Code: "value-1"}}}}}
	missing, err := desk.Missing(in)
	if err != nil {
		t.Fatal(err)
	}
	want := []tracker.Field{{Code: "product", Type: tracker.Dropdown, Options: []tracker.Option{own, {Code: "value-1"}}}}
	if diff := cmp.Diff(want, missing); diff != "" {
		t.Errorf("got + want -:\n%s", diff)
	}
}

func TestATrackerThatDoesNotFitIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	strict, few := tracker.Strict, []tracker.State{tracker.Open}
	option := []tracker.Option{{Code: "value-1"}}
	retired := []tracker.Option{{Code: "value-1", Retired: true}}
	desk := Desk{Fields: []tracker.Field{{Code: "product", Type: tracker.Dropdown, Options: option}}}
	tests := []struct {
		name    string
		command tracker.Command
		want    string
	}{
		{"strict", tracker.Configure{Settings: tracker.Settings{Workflow: &strict}}, "set it to relaxed while you import"},
		{"few states", tracker.Configure{Settings: tracker.Settings{States: &few}}, "does not use the state working"},
		{"another type", tracker.SetField{Field: tracker.Field{Code: "product", Type: tracker.Text}}, `its field "product" is a text field and the log needs a dropdown; import into another one with --tracker`},
		{"mandatory", tracker.SetField{Field: tracker.Field{Code: "product", Type: tracker.Dropdown, Options: option, Mandatory: true}}, "is mandatory and the log may leave it empty"},
		{"retired", tracker.SetField{Field: tracker.Field{Code: "product", Type: tracker.Dropdown, Options: retired}}, "is retired and the log uses it"},
		{"another mandatory field", tracker.SetField{Field: tracker.Field{Code: "room", Type: tracker.Text, Mandatory: true}}, `wants an answer to its field "room"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := desk.Missing(change(t, newTracker(t), tt.command))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\nwant … %s …", err, tt.want)
			}
		})
	}
}

func TestTextsThatWouldBecomeTheSameAreRefused(t *testing.T) {
	t.Parallel()
	first := "Case 1,Wait,Value 1,2012/10/09 14:50:17.000" + rest
	for _, second := range []string{strings.Replace(first, "Wait,Value 1", "Wait,value-1", 1), first[:len(first)-7] + "VALUE 1"} {
		_, err := NewDesk(readText(t, first, second))
		if err == nil || !strings.Contains(err.Error(), "line 3:") || !strings.Contains(err.Error(), "would become the same") {
			t.Errorf("%s: got %v", second, err)
		}
	}
}

func TestNamesAreSortedAsPeopleCount(t *testing.T) {
	t.Parallel()
	n := newNames("product", "option", maxOption)
	for i, name := range []string{"Value 10", "Other", "Value 2", "Value 1", ""} {
		if err := n.add(i, name); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"Other", "Value 1", "Value 2", "Value 10"}, n.sorted()); diff != "" {
		t.Errorf("got + want -:\n%s", diff)
	}
}

func newTracker(t *testing.T) tracker.Tracker {
	t.Helper()
	name, mode, workflow := "Help desk", domain.Custom, tracker.Relaxed
	return change(t, tracker.Tracker{}, tracker.Create{Key: "HELP", Settings: tracker.Settings{Name: &name, Mode: &mode, Workflow: &workflow}})
}

func change(t *testing.T, in tracker.Tracker, command tracker.Command) tracker.Tracker {
	t.Helper()
	events, err := tracker.Decide(in, command, tracker.Facts{Actor: domain.Actor{ID: "usr_admin", Admin: true}})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		in = tracker.Evolve(in, e, domain.Meta{})
	}
	return in
}
