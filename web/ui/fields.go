package ui

import (
	"net/url"
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
)

// fieldInput is a custom field as a form asks for it.
type fieldInput struct {
	Name, ID   string
	Label      string
	Help       string
	Type       tracker.FieldType
	Value      string
	Options    []choice
	Mandatory  bool
	Hidden     bool // for staff alone
	Horizontal bool
	Wrong      string
	Decides    bool   // another field is asked or not by its answer
	FileName   string // of the file that is the answer
}

const answerPrefix = "answers."

// answersOf are the answers in a form, by field code.
func answersOf(in tracker.Tracker, values url.Values) map[string]string {
	answers := map[string]string{}
	for _, f := range in.Fields {
		given, ok := values[answerPrefix+f.Code]
		if f.Type.Fixed() {
			continue
		}
		switch {
		case ok && f.Type.Multiple():
			answers[f.Code] = strings.Join(slices.DeleteFunc(slices.Clone(given), func(v string) bool { return v == "" }), ",")
		case ok && len(given) > 0:
			answers[f.Code] = given[0]
		case f.Type.Multiple() && values.Has("sent"): // boxes that are not ticked are not sent
			answers[f.Code] = ""
		}
	}
	return answers
}

// askedAnswers leaves out what is not asked with the other answers: a form may
// still have had it.
func askedAnswers(in tracker.Tracker, answers map[string]string) map[string]string {
	asked := map[string]string{}
	for code, answer := range answers {
		if f, ok := in.Field(code); ok && !f.Inactive && in.Asks(f, withDefaults(in, answers)) {
			asked[code] = answer
		}
	}
	return asked
}

// withDefaults are the answers, and the defaults of the fields that have none yet.
func withDefaults(in tracker.Tracker, answers map[string]string) map[string]string {
	all := map[string]string{}
	for _, f := range in.Fields {
		if answer, given := answers[f.Code]; given {
			all[f.Code] = answer
		} else if !f.Inactive {
			all[f.Code] = f.Default
		}
	}
	return all
}

// inputs are the fields that are asked with the answers, in the tracker's order.
// files are the names of those that are answers.
func (p *page) inputs(in tracker.Tracker, answers, files map[string]string, wrong *Complaint) ([]fieldInput, error) {
	all := withDefaults(in, answers)
	var inputs []fieldInput
	for _, f := range in.Fields {
		if f.Inactive || f.Type.Fixed() || !in.Asks(f, all) {
			continue
		}
		input, err := p.input(in, f, all[f.Code])
		if err != nil {
			return nil, err
		}
		input.Wrong, input.FileName = wrong.Of(answerPrefix+f.Code), files[input.Value]
		inputs = append(inputs, input)
	}
	return inputs, nil
}

func (p *page) input(in tracker.Tracker, f tracker.Field, answer string) (fieldInput, error) {
	input := fieldInput{
		Name: answerPrefix + f.Code, ID: "field-" + f.Code, Label: p.fieldLabel(f), Help: p.label(f.Help), Type: f.Type, Value: answer,
		Mandatory: f.Mandatory, Hidden: f.Hidden, Horizontal: f.Layout == tracker.Horizontal,
		Decides: slices.ContainsFunc(in.Fields, func(g tracker.Field) bool { return g.Condition != nil && g.Condition.Field == f.Code }),
	}
	chosen := f.Type.Codes(answer)
	for _, o := range f.Options {
		if is := slices.Contains(chosen, o.Code); is || !o.Retired {
			input.Options = append(input.Options, choice{Value: o.Code, Label: p.optionLabel(f, o.Code), Chosen: is})
		}
	}
	if f.Type == tracker.User {
		members := make([]domain.UserID, 0, len(in.Members))
		for id := range in.Members {
			members = append(members, id)
		}
		people, err := p.byName(members)
		if err != nil {
			return input, err
		}
		for _, one := range people {
			input.Options = append(input.Options, choice{Value: string(one.ID), Label: one.Name, Chosen: answer == string(one.ID)})
		}
	}
	return input, nil
}
