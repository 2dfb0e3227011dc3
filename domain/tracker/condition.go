package tracker

import (
	"slices"

	"suivi/domain"
)

// Condition says that a field is asked only where another field of the tracker
// is asked and has one of the answers.
type Condition struct {
	Field   string   `json:"field"`
	Answers []string `json:"answers"` // canonical; of a field with several options, one of them is enough
}

func (c *Condition) equal(d *Condition) bool {
	if c == nil || d == nil {
		return c == d
	}
	return c.Field == d.Field && slices.Equal(c.Answers, d.Answers)
}

// Asks tells whether a ticket with the answers is asked for the field: its
// condition holds, and those up the chain do.
func (t Tracker) Asks(f Field, answers map[string]string) bool {
	for range len(t.Fields) + 1 { // a chain cannot be longer, since cycles are refused
		if f.Condition == nil {
			return true
		}
		on, ok := t.Field(f.Condition.Field)
		if !ok || !f.Condition.met(on, answers[on.Code]) {
			return false
		}
		f = on
	}
	return false
}

func (c *Condition) met(on Field, answer string) bool {
	return slices.ContainsFunc(on.Type.Codes(answer), func(code string) bool { return slices.Contains(c.Answers, code) })
}

// checkConditions notes what a change of the field did to its own condition and
// to those of the fields that depend on it.
func (t Tracker) checkConditions(changed string, problems *domain.Problems) {
	for _, f := range t.Fields {
		if f.Condition != nil && (f.Code == changed || f.Condition.Field == changed) {
			t.checkCondition(f, problems)
		}
	}
}

func (t Tracker) checkCondition(f Field, problems *domain.Problems) {
	on, ok := t.Field(f.Condition.Field)
	switch {
	case !ok:
		problems.Add("condition.field", "unknown-field", "%s: there is no field %q to depend on", f.Code, f.Condition.Field)
		return
	case t.circular(f):
		problems.Add("condition.field", "cycle", "%s would depend on itself", f.Code)
		return
	case on.Type == Captcha || on.Type == File:
		problems.Add("condition.field", "no-answer", "%s has no answers to depend on", on.Code)
	case on.Hidden && !f.Hidden:
		problems.Add("condition.field", "hidden", "%s would tell of the hidden field %s to those who do not see it", f.Code, on.Code)
	case len(f.Condition.Answers) == 0:
		problems.Add("condition.answers", "required", "name at least one answer")
	}
	for _, answer := range f.Condition.Answers {
		if on.Type.HasOptions() {
			if _, ok := on.option(answer); !ok {
				problems.Add("condition.answers", "unknown-option", "%s: %s has no option %q", f.Code, on.Code, answer)
			}
		} else if canonical, wrong := t.Answer(on, answer, ""); !on.Type.Fixed() && on.Type != File && (wrong != (Wrong{}) || canonical != answer) {
			problems.Add("condition.answers", "bad-answer", "%s: %q is no answer to %s in its canonical form", f.Code, answer, on.Code)
		}
	}
}

func (t Tracker) circular(f Field) bool {
	seen := map[string]bool{}
	for f.Condition != nil && !seen[f.Code] {
		seen[f.Code] = true
		f, _ = t.Field(f.Condition.Field)
	}
	return f.Condition != nil
}

// dependents are the codes of the fields whose condition is on the field.
func (t Tracker) dependents(code string) []string {
	var codes []string
	for _, f := range t.Fields {
		if f.Condition != nil && f.Condition.Field == code {
			codes = append(codes, f.Code)
		}
	}
	return codes
}
