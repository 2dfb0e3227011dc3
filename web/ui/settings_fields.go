package ui

import (
	"net/url"
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
)

// fieldsView is the custom fields of a tracker, and the form that they make.
type fieldsView struct {
	settingsFrame

	Rows   []fieldRow
	Former []fieldRow
	Shared []choice // of the library, that the tracker does not use yet
	Types  []choice
	Fields []fieldInput // the form, to try
}

type fieldRow struct {
	Code, Label, Type string
	URL               string
	Marks             []string
	When              string // it is asked only then; "": always
	First, Last       bool
	Inactive          bool
}

func fieldsPage(p *page, in configured) error { return p.showFields(in, p.query(), nil, nil) }

// changeFields answers POST …/fields: "do" is refresh to try the form, use to take a
// shared field, or up.CODE and down.CODE.
func changeFields(p *page, in configured) error {
	return p.withForm(func(f *form) error {
		c := change{
			form: f, address: settingsPath(in.Key, "fields"), said: "edited",
			again: func(wrong *Complaint, err error) error { return p.showFields(in, f.Values, wrong, err) },
		}
		switch way, code, _ := strings.Cut(f.Get("do"), "."); way {
		case "refresh":
			return p.showFields(in, f.Values, nil, nil)
		case "use":
			use, err := p.newUse(in.Tracker, f.Get("shared"))
			if err != nil {
				return err
			}
			c.all = []tracker.Command{tracker.SetField{Field: use}}
		default:
			c.all = []tracker.Command{tracker.OrderFields{Codes: moved(in.Tracker, way, code)}}
		}
		return p.configure(in, c)
	})
}

// newUse is a shared field as a tracker begins to use it.
func (p *page) newUse(in tracker.Tracker, code string) (tracker.Field, error) {
	definition, err := p.sharedUse(in, tracker.Field{Code: code, Shared: true})
	if err != nil {
		return definition, err
	}
	began, err := p.begins(tracker.Field{Type: definition.Type})
	return tracker.Field{Code: code, Shared: true, Mandatory: began.Mandatory, Hidden: began.Hidden, Inactive: began.Inactive}, err
}

// moved is the order of the fields with one of them a place higher or lower.
func moved(in tracker.Tracker, way, code string) []string {
	codes := make([]string, len(in.Fields))
	for i, f := range in.Fields {
		codes[i] = f.Code
	}
	at := slices.Index(codes, code)
	to := at + map[string]int{"up": -1, "down": 1}[way]
	if at >= 0 && to >= 0 && to < len(codes) {
		codes[at], codes[to] = codes[to], codes[at]
	}
	return codes
}

func removeField(p *page, in configured) error {
	return p.withForm(func(f *form) error {
		return p.configure(in, change{
			form: f, address: settingsPath(in.Key, "fields"), said: "field-removed",
			all:   []tracker.Command{tracker.RemoveField{Code: p.path("code")}},
			again: func(wrong *Complaint, err error) error { return p.showFields(in, f.Values, wrong, err) },
		})
	})
}

func (p *page) showFields(in configured, answers url.Values, wrong *Complaint, failure error) error {
	frame, _, err := p.settings(in, "fields", wrong)
	if err != nil {
		return err
	}
	v := fieldsView{settingsFrame: frame, Types: p.typeChoices("")}
	for i, f := range in.Fields {
		row := p.fieldRow(in.Tracker, f)
		row.First, row.Last = i == 0, i == len(in.Fields)-1
		v.Rows = append(v.Rows, row)
	}
	for _, f := range in.Former {
		v.Former = append(v.Former, p.fieldRow(in.Tracker, f))
	}
	shared, err := p.cfg.Reads.SharedFields(p.ctx(), p.actor())
	if err != nil {
		return err
	}
	for _, d := range shared {
		if used, ok := in.Field(d.Code); !ok || !used.Shared {
			v.Shared = append(v.Shared, choice{Value: d.Code, Label: p.fieldLabel(d.Field) + " (" + p.say("type."+string(d.Type)) + ")"})
		}
	}
	if v.Fields, err = p.inputs(in.Tracker, answersOf(in.Tracker, answers), nil, nil); err != nil {
		return err
	}
	return p.answer(p.statusOf(failure), "settings-fields", v)
}

func (p *page) typeChoices(chosen tracker.FieldType) []choice {
	var choices []choice
	for _, t := range tracker.FieldTypes() {
		choices = append(choices, choice{Value: string(t), Label: p.say("type." + string(t)), Chosen: t == chosen})
	}
	return choices
}

func (p *page) fieldRow(in tracker.Tracker, f tracker.Field) fieldRow {
	row := fieldRow{Code: f.Code, Label: p.fieldLabel(f), Type: p.say("type." + string(f.Type)), URL: settingsPath(in.Key, "fields/"+f.Code), Inactive: f.Inactive}
	for _, mark := range []struct {
		is   bool
		text string
	}{
		{f.Mandatory, p.say("form.required")}, {f.Hidden, p.say("field.hidden")}, {f.Listable, p.say("fields.in-lists")},
		{f.Inactive, p.say("fields.retired")}, {f.Shared, p.say("fields.shared")},
	} {
		if mark.is {
			row.Marks = append(row.Marks, mark.text)
		}
	}
	if c := f.Condition; c != nil {
		if on, ok := in.Field(c.Field); ok {
			var texts []string
			for _, answer := range c.Answers {
				texts = append(texts, p.answerText(on, answer, nil))
			}
			row.When = p.say("fields.when", "field", p.fieldLabel(on), "answers", strings.Join(texts, ", "))
		}
	}
	return row
}

// fieldNamed is the field of the address, in use or not.
func (p *page) fieldNamed(in tracker.Tracker) (tracker.Field, error) {
	f, ok := in.Ever(p.path("code"))
	if !ok {
		return f, domain.Errorf(domain.NotFound, "field-not-found", "the tracker %s has no field %q", in.Key, p.path("code"))
	}
	return f, nil
}
