package tracker

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestATrackerUsesASharedFieldInItsOwnWay(t *testing.T) {
	t.Parallel()
	definition := Field{Code: "kind", Type: Radio, Label: Label{"Sorte", "Kind"}, Options: abc, Layout: Horizontal, Help: Label{EN: "Which?"}, Default: "b"}
	library := Shared{"kind": {Field: definition}, "gone": {Field: Field{Code: "gone", Type: Text}, Deleted: true}}
	use := Field{Code: "kind", Shared: true, Mandatory: true, Listable: true}
	stored := Field{Code: "kind", Type: Radio, Shared: true, Mandatory: true, Listable: true}
	for name, c := range map[string]struct {
		given []Event
		when  Field
		facts Facts
		then  []Event
		want  string
	}{
		"a first use":                              {when: use, then: []Event{FieldSet{stored}}},
		"the same use is nothing":                  {given: []Event{FieldSet{stored}}, when: use},
		"what it is stands in the library":         {when: Field{Code: "kind", Shared: true, Label: Label{EN: "Mine"}}, want: "shared not-allowed"},
		"what the library has not":                 {when: Field{Code: "none", Shared: true}, want: "shared unknown-field"},
		"what the library has no more":             {when: Field{Code: "gone", Shared: true}, want: "shared unknown-field"},
		"unless one came to use it":                {given: []Event{FieldSet{Field{Code: "gone", Type: Text, Shared: true}}}, when: Field{Code: "gone", Shared: true, Listable: true}, then: []Event{FieldSet{Field{Code: "gone", Type: Text, Shared: true, Listable: true}}}},
		"mandatory and hidden":                     {when: Field{Code: "kind", Shared: true, Mandatory: true, Hidden: true}, want: "mandatory hidden"},
		"an own field of another type becomes it":  {given: []Event{FieldSet{Field{Code: "kind", Type: Text}}}, when: use, facts: Facts{Answered: true}, want: "type type-changed"},
		"a condition on it":                        {given: []Event{FieldSet{stored}}, when: Field{Code: "x", Type: Text, Condition: on("kind", "c")}, then: []Event{FieldSet{Field{Code: "x", Type: Text, Condition: on("kind", "c")}}}},
		"a condition on an option that it has not": {given: []Event{FieldSet{stored}}, when: Field{Code: "x", Type: Text, Condition: on("kind", "z")}, want: "condition.answers unknown-option"},
	} {
		c.facts.Actor, c.facts.Shared = boss, library
		got, err := Decide(given(desk(c.given...)...).With(library), SetField{c.when}, c.facts)
		if wrong := problemsOf(err); wrong != c.want {
			t.Errorf("%s: got %q, want %q", name, wrong, c.want)
		}
		if diff := cmp.Diff(c.then, got); err == nil && diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	whole, _ := given(desk(FieldSet{stored})...).With(library).Field("kind")
	want := definition
	want.Shared, want.Mandatory, want.Listable = true, true, true
	if diff := cmp.Diff(want, whole); diff != "" {
		t.Error(diff)
	}
	if (Tracker{Fields: []Field{kind}}).UsesShared() || !given(desk(FieldSet{stored}, FieldRemoved{"kind"})...).UsesShared() {
		t.Error("who uses shared fields is told wrongly")
	}
}
