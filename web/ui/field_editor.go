package ui

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
)

// fieldState is a field as it is being made.
type fieldState struct {
	field   tracker.Field
	isNew   bool
	answers url.Values // of the form that is tried
}

// definitionForm is the part of a form that says what a field is, whoever uses it.
type definitionForm struct {
	Field      tracker.Field
	Types      []choice
	Options    []optionRow
	Sources    []choice // of a constant
	HasLayout  bool
	HasOptions bool
	Asked      bool // somebody is asked for it
	Default    *fieldInput
}

// fieldView is the form that makes a field or changes it, and the form that it makes.
type fieldView struct {
	settingsFrame
	definitionForm

	New       bool
	Former    bool // it is out of use
	Action    string
	Label     string
	TypeName  string
	OnFields  []choice
	OnAnswers []choice // that the other field offers; none: they are typed
	OnText    string
	Fields    []fieldInput
}

type optionRow struct {
	tracker.Option

	Index       int
	Number      int // for people
	Name        string
	First, Last bool
}

// spareOptions is how many empty rows for options there are.
const spareOptions = 2

func (p *page) showField(in configured, s fieldState, wrong *Complaint, failure error) error {
	frame, _, err := p.settings(in, "fields", wrong)
	if err != nil {
		return err
	}
	if s.field.Shared {
		if s.field, err = p.sharedUse(in.Tracker, s.field); err != nil {
			return err
		}
	}
	f := s.field
	_, used := in.Field(f.Code)
	v := fieldView{
		settingsFrame: frame, New: s.isNew, Former: !s.isNew && !used, Label: p.fieldLabel(f), TypeName: p.say("type." + string(f.Type)),
		Action: settingsPath(in.Key, "new-field"),
	}
	if !s.isNew {
		v.Action = settingsPath(in.Key, "fields/"+f.Code)
	}
	if v.definitionForm, err = p.definitionForm(in.Tracker, f); err != nil {
		return err
	}
	if err := p.fillField(&v, in.Tracker, s); err != nil {
		return err
	}
	return p.answer(p.statusOf(failure), "settings-field", v)
}

// definitionForm is the form of the field's definition. Of a shared field it is shown elsewhere.
func (p *page) definitionForm(in tracker.Tracker, f tracker.Field) (definitionForm, error) {
	d := definitionForm{
		Field: f, Types: p.typeChoices(f.Type), Asked: !f.Type.Fixed(),
		HasLayout: f.Type == tracker.Radio || f.Type == tracker.Checkbox, HasOptions: f.Type.HasOptions(),
	}
	for i, o := range append(slices.Clone(f.Options), make([]tracker.Option, spareOptions)...) {
		d.Options = append(d.Options, optionRow{o, i, i + 1, fmt.Sprintf("option.%d", i), i == 0, i >= len(f.Options)-1})
	}
	if f.Type == tracker.Constant {
		for _, source := range tracker.Sources() {
			d.Sources = append(d.Sources, choice{Value: string(source), Label: p.say("source." + string(source)), Chosen: f.Source == source})
		}
	}
	if !d.Asked || f.Type == tracker.File || f.Shared {
		return d, nil
	}
	input, err := p.input(in, f, f.Default)
	input.Name, input.ID, input.Label = "default", "default", p.say("fields.default")
	input.Help, input.Mandatory, input.Hidden, input.Decides = "", false, false, false
	d.Default = &input
	return d, err
}

// fillField adds what is asked of other fields: the condition, and the form to try.
func (p *page) fillField(v *fieldView, in tracker.Tracker, s fieldState) error {
	f := s.field
	v.OnFields = []choice{{Label: p.say("fields.always"), Chosen: f.Condition == nil}}
	for _, on := range in.Fields {
		if on.Code != f.Code && on.Type != tracker.Captcha && on.Type != tracker.File {
			v.OnFields = append(v.OnFields, choice{Value: on.Code, Label: p.fieldLabel(on), Chosen: f.Condition != nil && f.Condition.Field == on.Code})
		}
	}
	if f.Condition != nil {
		on, _ := in.Field(f.Condition.Field)
		input, err := p.input(in, on, strings.Join(f.Condition.Answers, ","))
		if err != nil {
			return err
		}
		for _, o := range input.Options {
			o.Chosen = slices.Contains(f.Condition.Answers, o.Value)
			v.OnAnswers = append(v.OnAnswers, o)
		}
		v.OnText = strings.Join(f.Condition.Answers, "\n")
	}
	then := tracker.Evolve(in, tracker.FieldSet{Field: f}, domain.Meta{})
	var err error
	v.Fields, err = p.inputs(then, answersOf(then, s.answers), nil, nil)
	return err
}

// sharedUse is the use of a field with its definition: as the library has it, else as it was last.
func (p *page) sharedUse(in tracker.Tracker, use tracker.Field) (tracker.Field, error) {
	shared, err := p.cfg.Reads.SharedFields(p.ctx(), p.actor())
	if err != nil {
		return use, err
	}
	definition, _ := in.Ever(use.Code)
	for _, d := range shared {
		if d.Code == use.Code {
			definition = d.Field
		}
	}
	definition.Code, definition.Shared = use.Code, true
	definition.Mandatory, definition.Hidden, definition.Listable = use.Mandatory, use.Hidden, use.Listable
	definition.Inactive, definition.Condition = use.Inactive, use.Condition
	return definition, nil
}
