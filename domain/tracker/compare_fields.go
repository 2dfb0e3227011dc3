package tracker

import "slices"

// Verdict is what became of a field when two trackers were compared.
type Verdict string

// The verdicts. Answers to equal fields fit both ways.
const (
	FieldEqual       Verdict = "equal"
	FieldConflicting Verdict = "conflicting"
	FieldOnlyHere    Verdict = "missing-in-parent"
	FieldOnlyAbove   Verdict = "missing-here"
)

// FieldComparison is a field of a tracker beside that of the same code of its parent.
type FieldComparison struct {
	Code      string   `json:"code"`
	Verdict   Verdict  `json:"verdict"`
	Conflicts []string `json:"conflicts,omitempty"` // in what they differ: type, options, hidden
	Here      *Field   `json:"here,omitempty"`
	Parent    *Field   `json:"parent,omitempty"`
}

// CompareFields compares the fields in use with those of the parent, by code: in
// the order of the tracker, and after its own those that only the parent has.
func (t Tracker) CompareFields(parent Tracker) []FieldComparison {
	rows := []FieldComparison{}
	for _, f := range t.Fields {
		row := FieldComparison{Code: f.Code, Verdict: FieldOnlyHere, Here: &f}
		if above, ok := parent.Field(f.Code); ok {
			row.Parent, row.Conflicts, row.Verdict = &above, f.conflicts(above), FieldEqual
			if len(row.Conflicts) > 0 {
				row.Verdict = FieldConflicting
			}
		}
		rows = append(rows, row)
	}
	for _, f := range parent.Fields {
		if _, ok := t.Field(f.Code); !ok {
			rows = append(rows, FieldComparison{Code: f.Code, Verdict: FieldOnlyAbove, Parent: &f})
		}
	}
	return rows
}

// conflicts is what may keep an answer to one of the fields from being one to the other.
func (f Field) conflicts(g Field) []string {
	var parts []string
	if f.Type != g.Type {
		parts = append(parts, "type")
	}
	if f.Type.HasOptions() && g.Type.HasOptions() && (!f.offersAll(g) || !g.offersAll(f)) {
		parts = append(parts, "options")
	}
	if f.Hidden != g.Hidden {
		parts = append(parts, "hidden")
	}
	return parts
}

// offersAll tells whether the field offers every option that the other offers.
func (f Field) offersAll(g Field) bool {
	return !slices.ContainsFunc(g.Options, func(o Option) bool {
		own, ok := f.option(o.Code)
		return !o.Retired && (!ok || own.Retired)
	})
}
