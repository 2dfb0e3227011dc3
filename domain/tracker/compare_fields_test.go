package tracker

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFieldsAreComparedWithTheParentsByCode(t *testing.T) {
	t.Parallel()
	options := func(codes ...string) []Option {
		var all []Option
		for _, code := range codes {
			all = append(all, Option{Code: code})
		}
		return all
	}
	here := Tracker{Key: "NET", Fields: []Field{
		{Code: "same", Type: Text, Label: Label{EN: "Mine"}}, {Code: "type", Type: Text}, {Code: "hidden", Type: Date, Hidden: true},
		{Code: "more", Type: Radio, Options: options("a", "b")}, {Code: "fewer", Type: Radio, Options: options("a")},
		{Code: "retired", Type: Radio, Options: append(options("a"), Option{Code: "b", Retired: true})},
		{Code: "both", Type: Checkbox, Options: options("a"), Hidden: true}, {Code: "here", Type: Text},
	}}
	parent := Tracker{Key: "HELP", Fields: []Field{
		{Code: "above", Type: Text}, {Code: "type", Type: Number}, {Code: "hidden", Type: Date}, {Code: "same", Type: Text, Mandatory: true},
		{Code: "more", Type: Radio, Options: options("a")}, {Code: "fewer", Type: Radio, Options: options("a", "b")},
		{Code: "retired", Type: Radio, Options: options("a")}, {Code: "both", Type: Radio, Options: options("b")},
	}}
	type verdict struct {
		Code      string
		Verdict   Verdict
		Conflicts []string
	}
	want := []verdict{
		{"same", FieldEqual, nil}, {"type", FieldConflicting, []string{"type"}}, {"hidden", FieldConflicting, []string{"hidden"}},
		{"more", FieldConflicting, []string{"options"}}, {"fewer", FieldConflicting, []string{"options"}}, {"retired", FieldEqual, nil},
		{"both", FieldConflicting, []string{"type", "options", "hidden"}}, {"here", FieldOnlyHere, nil}, {"above", FieldOnlyAbove, nil},
	}
	var got []verdict
	for _, row := range here.CompareFields(parent) {
		got = append(got, verdict{row.Code, row.Verdict, row.Conflicts})
		own, mine := here.Field(row.Code)
		above, theirs := parent.Field(row.Code)
		if (row.Here != nil) != mine || (row.Parent != nil) != theirs || mine && !row.Here.equal(own) || theirs && !row.Parent.equal(above) {
			t.Errorf("%s: got %+v and %+v", row.Code, row.Here, row.Parent)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := (Tracker{}).CompareFields(Tracker{}); len(got) != 0 || got == nil {
		t.Errorf("got %v, want an empty list", got)
	}
}
