package tracker

import (
	"slices"

	"suivi/domain"
)

// Shared are the definitions of the site's library, by code.
type Shared map[string]SharedField

// SharedField is a definition of the library. A deleted one is offered to no
// further tracker.
type SharedField struct {
	Field
	Deleted bool
}

// UsesShared tells whether the tracker has fields of the library, in use or not.
func (t Tracker) UsesShared() bool {
	return slices.ContainsFunc(slices.Concat(t.Fields, t.Former), func(f Field) bool { return f.Shared })
}

// With is the tracker with the library's definitions in its fields. The fold of
// its own events has but the way in which it uses them.
func (t Tracker) With(shared Shared) Tracker {
	t.Fields, t.Former = withShared(t.Fields, shared), withShared(t.Former, shared)
	return t
}

func withShared(fields []Field, shared Shared) []Field {
	fields = slices.Clone(fields)
	for i, f := range fields {
		if d, ok := shared[f.Code]; ok && f.Shared {
			fields[i] = f.as(d.Field)
		}
	}
	return fields
}

// as is the use of a definition: what it is comes from the library, how it is used from the tracker.
func (f Field) as(definition Field) Field {
	use := f
	f = definition
	f.Code, f.Shared = use.Code, true
	f.Mandatory, f.Inactive, f.Hidden, f.Listable, f.Condition = use.Mandatory, use.Inactive, use.Hidden, use.Listable, use.Condition
	return f
}

// use is what a tracker's event says of a shared field: how it is used, and of which type it was then.
func (f Field) use() Field {
	if !f.Shared {
		return f
	}
	return Field{Code: f.Code, Type: f.Type, Shared: true,
		Mandatory: f.Mandatory, Inactive: f.Inactive, Hidden: f.Hidden, Listable: f.Listable, Condition: f.Condition}
}

// checkUse gives the field with its definition, if the library has it.
func (t Tracker) checkUse(f Field, shared Shared, problems *domain.Problems) Field {
	d, ok := shared[f.Code]
	old, used := t.Field(f.Code)
	switch {
	case f.Type != "" || f.Label != (Label{}) || len(f.Options) > 0 || f.Layout+string(f.Source)+f.Value+f.Default != "" || f.Help != (Label{}):
		problems.Add("shared", "not-allowed", "what a shared field is stands in the library alone")
	case !ok || d.Deleted && (!used || !old.Shared):
		problems.Add("shared", "unknown-field", "the library has no field %q", f.Code)
	}
	return f.as(d.Field)
}

// CheckDefinition is the field in its canonical form, as a definition that takes
// the place of old, which is the zero Field where there is none.
func CheckDefinition(f, old Field, facts Facts) (Field, error) {
	var problems domain.Problems
	f.check(&problems)
	if f.Type == User && f.Default != "" {
		problems.Add("default", "not-allowed", "not in every tracker is the same person a member")
	}
	if old.Code != "" {
		f.checkReplaces(old, facts, &problems)
	}
	if err := problems.Err(); err != nil {
		return f, err
	}
	f.Default = Tracker{}.checkDefault(f, &problems)
	return f, problems.Err()
}

// Same tells whether the fields are alike in every part.
func (f Field) Same(g Field) bool { return f.equal(g) }
