package ui

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"suivi/accounts"
	"suivi/domain"
	"suivi/domain/tracker"
)

// fieldOf is the field that somebody has typed. A shared one has but the way in which
// the tracker uses it.
func fieldOf(in tracker.Tracker, code string, f *form) tracker.Field {
	on := func(name string) bool { return f.Get(name) == "on" }
	field := tracker.Field{Code: code, Shared: on("shared")}
	if !field.Shared {
		field = definitionOf(code, f.Values)
	}
	field.Mandatory, field.Hidden, field.Listable, field.Inactive = on("mandatory"), on("hidden"), on("listable"), on("inactive")
	field.Condition = conditionOf(in, f.Values)
	return field
}

// definitionOf is what a field is, as somebody has typed it; what does not belong to its
// type is left out. For the code "" it is the one that was typed, or made of the label.
func definitionOf(code string, values url.Values) tracker.Field {
	field := tracker.Field{Code: code, Type: tracker.FieldType(values.Get("type")), Label: *labelOf(values, "label"), Help: *labelOf(values, "help")}
	if field.Code == "" {
		field.Code = codeFrom(values.Get("code"), field.Label)
	}
	if field.Type == tracker.Radio || field.Type == tracker.Checkbox {
		field.Layout = values.Get("layout")
	}
	if field.Type == tracker.Constant {
		if field.Source = tracker.Source(values.Get("source")); field.Source == tracker.SourceValue {
			field.Value = values.Get("value")
		}
	}
	if field.Type.HasOptions() {
		field.Options = optionsOf(values)
	}
	if !field.Type.Fixed() && field.Type != tracker.File {
		field.Default = strings.Join(slices.DeleteFunc(slices.Clone(values["default"]), func(v string) bool { return v == "" }), ",")
	}
	return field
}

// optionsOf are the rows of options that have something in them. "do" moves one: up.2.
func optionsOf(values url.Values) []tracker.Option {
	var options []tracker.Option
	at, step := -1, 0
	if way, row, ok := strings.Cut(values.Get("do"), "."); ok {
		if n, err := strconv.Atoi(row); err == nil {
			at, step = n, map[string]int{"up": -1, "down": 1}[way]
		}
	}
	for i := 0; values.Has(fmt.Sprintf("option.%d.code", i)) && i <= tracker.MaxOptions; i++ {
		name := fmt.Sprintf("option.%d", i)
		o := tracker.Option{Label: *labelOf(values, name), Retired: values.Get(name+".retired") == "on"}
		if o.Code = codeFrom(values.Get(name+".code"), o.Label); o.Code == "" {
			continue
		}
		if options = append(options, o); i == at {
			at = len(options) - 1 // rows without anything do not count
		}
	}
	if to := at + step; at >= 0 && at < len(options) && to >= 0 && to < len(options) {
		options[at], options[to] = options[to], options[at]
	}
	return options
}

// codeFrom is the code that was typed; where there is none, one made of the label:
// small letters and digits without accents.
func codeFrom(typed string, label tracker.Label) string {
	const longest = 32
	if typed = strings.TrimSpace(typed); typed != "" {
		return typed
	}
	text := label.EN
	if text == "" {
		text = label.FR
	}
	words := strings.FieldsFunc(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text)), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	code := strings.Join(words, "_")
	return code[:min(len(code), longest)]
}

// conditionOf names answers as the other field keeps them, where they are some.
func conditionOf(in tracker.Tracker, values url.Values) *tracker.Condition {
	on, ok := in.Field(values.Get("condition.field"))
	if !ok {
		return nil
	}
	c := &tracker.Condition{Field: on.Code}
	for _, answer := range values["condition.answer"] {
		for line := range strings.SplitSeq(answer, "\n") {
			line = strings.TrimSpace(line)
			if canonical, wrong := in.Answer(on, line, ""); wrong == (tracker.Wrong{}) && !on.Type.HasOptions() {
				line = canonical
			}
			known := !on.Type.HasOptions() || slices.ContainsFunc(on.Options, func(o tracker.Option) bool { return o.Code == line })
			if line != "" && known { // what is left of another field's answers is none of this one's
				c.Answers = append(c.Answers, line)
			}
		}
	}
	return c
}

func newFieldPage(p *page, in configured) error {
	kind := tracker.FieldType(p.query().Get("type"))
	if !slices.Contains(tracker.FieldTypes(), kind) {
		kind = tracker.Text
	}
	field, err := p.begins(tracker.Field{Type: kind})
	if err != nil {
		return err
	}
	return p.showField(in, fieldState{field: field, isNew: true}, nil, nil)
}

// begins gives a field that a tracker begins to use the flags that the site has for new ones,
// as far as its type can have them.
func (p *page) begins(f tracker.Field) (tracker.Field, error) {
	settings, err := p.cfg.Accounts.SiteSettings(p.ctx())
	has := func(flag string) bool { return slices.Contains(settings.NewFields, flag) }
	f.Inactive = has(accounts.FieldInactive)
	f.Mandatory = has(accounts.FieldMandatory) && !f.Type.Fixed()
	f.Hidden = has(accounts.FieldHidden) && f.Type != tracker.Captcha
	return f, err
}

func fieldPage(p *page, in configured) error {
	f, err := p.fieldNamed(in.Tracker)
	if err != nil {
		return err
	}
	return p.showField(in, fieldState{field: f}, nil, nil)
}

// setField answers POST …/new-field and …/fields/{code}: all but save shows the form again.
func setField(p *page, in configured) error {
	return p.withForm(func(f *form) error {
		state := fieldState{isNew: p.path("code") == "", answers: f.Values}
		if !state.isNew {
			if _, err := p.fieldNamed(in.Tracker); err != nil {
				return err
			}
		}
		state.field = fieldOf(in.Tracker, p.path("code"), f)
		if f.Get("do") != "save" {
			return p.showField(in, state, nil, nil)
		}
		if _, used := in.Field(state.field.Code); used && state.isNew {
			err := errCodeTaken(state.field.Code)
			return p.showField(in, state, p.complain(err), err)
		}
		return p.configure(in, change{
			form: f, address: settingsPath(in.Key, "fields"), said: "edited", all: []tracker.Command{tracker.SetField{Field: state.field}},
			again: func(wrong *Complaint, err error) error { return p.showField(in, state, wrong, err) },
		})
	})
}

func errCodeTaken(code string) error {
	var problems domain.Problems
	problems.Add("code", "code-taken", "there is a field %s", code)
	return problems.Err()
}
