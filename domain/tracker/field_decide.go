package tracker

import (
	"slices"

	"suivi/domain"
)

func setField(t Tracker, c SetField, facts Facts) ([]Event, error) {
	var problems domain.Problems
	if c.Field.Shared {
		c.Field = t.checkUse(c.Field, facts.Shared, &problems)
		if err := problems.Err(); err != nil {
			return nil, err
		}
	}
	c.Field.check(&problems)
	old, ok := t.Field(c.Field.Code)
	if earlier, had := t.Ever(c.Field.Code); had {
		c.Field.checkReplaces(earlier, facts, &problems)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	after := Evolve(t, FieldSet(c), domain.Meta{})
	if len(after.Fields) > MaxFields {
		problems.Add("code", "too-many", "a tracker has at most %d fields", MaxFields)
	}
	c.Field.Default = after.checkDefault(c.Field, &problems)
	after.checkConditions(c.Field.Code, &problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if ok && old.equal(c.Field) {
		return nil, nil
	}
	return []Event{FieldSet{c.Field.use()}}, nil
}

func removeField(t Tracker, c RemoveField) ([]Event, error) {
	if _, ok := t.Field(c.Code); !ok {
		return nil, domain.Errorf(domain.NotFound, "field-not-found", "the tracker %s has no field %q", t.Key, c.Code)
	}
	if others := t.dependents(c.Code); len(others) > 0 {
		return nil, domain.Errorf(domain.Refused, "field-needed", "whether these are asked depends on %s: %v", c.Code, others)
	}
	return []Event{FieldRemoved(c)}, nil
}

func orderFields(t Tracker, c OrderFields) ([]Event, error) {
	have := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		have[i] = f.Code
	}
	if slices.Equal(have, c.Codes) {
		return nil, nil
	}
	if !slices.Equal(slices.Sorted(slices.Values(have)), slices.Sorted(slices.Values(c.Codes))) {
		var problems domain.Problems
		problems.Add("codes", "not-all", "name each of the tracker's fields once: %v", have)
		return nil, problems.Err()
	}
	return []Event{FieldsOrdered(c)}, nil
}
