package ui

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"suivi/domain"
	"suivi/domain/library"
	"suivi/domain/tracker"
)

// libraryView is the fields that trackers share.
type libraryView struct {
	*chrome

	Sections    []tab
	Definitions []definitionRow
	Wrong       *Complaint
}

// definitionRow is a shared field, and who uses it.
type definitionRow struct {
	Code, Label, Type string
	UsedBy            []domain.TrackerKey
}

func libraryPage(p *page) error { return p.showLibrary(nil) }

func (p *page) showLibrary(failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	l, err := p.cfg.Reads.Library(p.ctx(), p.actor())
	if err != nil {
		return err
	}
	frame, _, err := p.frame(p.say("admin.title"), "admin")
	if err != nil {
		return err
	}
	v := libraryView{chrome: frame, Sections: p.adminSections("/admin/fields"), Wrong: wrong}
	for _, d := range l.Definitions {
		if d.Deleted {
			continue
		}
		users, _, err := p.cfg.Reads.SharedBy(p.ctx(), d.Code)
		if err != nil {
			return err
		}
		v.Definitions = append(v.Definitions, definitionRow{d.Code, p.label(d.Label), p.say("type." + string(d.Type)), users})
	}
	return p.answer(p.statusOf(failure), "library", v)
}

// definitionView is the form of a shared field.
type definitionView struct {
	*chrome
	*Complaint

	Sections []tab
	New      bool
	Typed    url.Values
	Types    []choice
	Origins  []choice // of a constant
	Options  []sharedOptionRow
}

// sharedOptionRow is an option as the form has it.
type sharedOptionRow struct {
	Number       int // from 1, for people
	Index        int // in the form
	Code, FR, EN string
	Retired      bool
}

// emptyOptions is how many further options a form has room for.
const emptyOptions = 3

func definitionPage(p *page) error {
	code := p.query().Get("code")
	if code == "" {
		return p.showDefinition(true, url.Values{"type": {string(tracker.Text)}}, nil)
	}
	l, err := p.cfg.Reads.Library(p.ctx(), p.actor())
	if err != nil {
		return err
	}
	d, had := l.Definition(code)
	if !had || d.Deleted {
		return domain.Errorf(domain.NotFound, "field-not-found", "the library has no field %q", code)
	}
	return p.showDefinition(false, typedField(d.Field), nil)
}

// typedField is a field as its form has it.
func typedField(f tracker.Field) url.Values {
	typed := url.Values{
		"code": {f.Code}, "type": {string(f.Type)}, "label.fr": {f.Label.FR}, "label.en": {f.Label.EN}, "help.fr": {f.Help.FR}, "help.en": {f.Help.EN},
		"layout": {f.Layout}, "source": {string(f.Source)}, "value": {f.Value}, "default": {f.Default},
	}
	for i, o := range f.Options {
		typed.Add("option.code", o.Code)
		typed.Add("option.fr", o.Label.FR)
		typed.Add("option.en", o.Label.EN)
		if o.Retired {
			typed.Add("option.retired", strconv.Itoa(i))
		}
	}
	return typed
}

// optionRows are the options in a form, those without any text left out.
func optionRows(typed url.Values) []sharedOptionRow {
	at := func(name string, i int) string {
		if values := typed[name]; i < len(values) {
			return strings.TrimSpace(values[i])
		}
		return ""
	}
	var rows []sharedOptionRow
	for i := range typed["option.code"] {
		row := sharedOptionRow{Code: at("option.code", i), FR: at("option.fr", i), EN: at("option.en", i),
			Retired: slices.Contains(typed["option.retired"], strconv.Itoa(i))}
		if row.Code+row.FR+row.EN != "" {
			rows = append(rows, row)
		}
	}
	return rows
}

// fieldTyped is the definition that a form says.
func fieldTyped(typed url.Values) tracker.Field {
	get := func(name string) string { return strings.TrimSpace(typed.Get(name)) }
	f := tracker.Field{
		Code: get("code"), Type: tracker.FieldType(get("type")), Label: tracker.Label{FR: get("label.fr"), EN: get("label.en")},
		Help: tracker.Label{FR: get("help.fr"), EN: get("help.en")}, Default: get("default"),
	}
	if f.Type.HasOptions() {
		for _, row := range optionRows(typed) {
			f.Options = append(f.Options, tracker.Option{Code: row.Code, Label: tracker.Label{FR: row.FR, EN: row.EN}, Retired: row.Retired})
		}
	}
	if f.Type == tracker.Radio || f.Type == tracker.Checkbox {
		f.Layout = get("layout")
	}
	if f.Type == tracker.Constant {
		f.Source = tracker.Source(get("source"))
		if f.Source == tracker.SourceValue {
			f.Value = get("value")
		}
	}
	return f
}

// define makes or changes a shared field. What does not belong to its type is left
// out of what was typed.
func define(p *page) error {
	return p.withForm(func(f *form) error {
		isNew := f.Get("new") == "on"
		if f.Get("do") == "refresh" {
			return p.showDefinition(isNew, f.Values, nil)
		}
		out, err := p.cfg.Commands.ChangeLibrary(p.ctx(), p.caller(), p.request(f), library.Define{Field: fieldTyped(f.Values)})
		if err != nil {
			return p.showDefinition(isNew, f.Values, err)
		}
		return p.settled(out.Position.Commit, out.Position.Prepare, "/admin/fields", "field-saved")
	})
}

func deleteDefinition(p *page) error {
	return p.withForm(func(f *form) error {
		out, err := p.cfg.Commands.ChangeLibrary(p.ctx(), p.caller(), p.request(f), library.Delete{Code: f.Get("code")})
		if err != nil {
			return p.showLibrary(err)
		}
		return p.settled(out.Position.Commit, out.Position.Prepare, "/admin/fields", "field-deleted")
	})
}

func (p *page) showDefinition(isNew bool, typed url.Values, failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	title := p.say("library.new")
	if !isNew {
		title = p.say("fields.edit", "code", typed.Get("code"))
	}
	frame, _, err := p.frame(title, "admin")
	if err != nil {
		return err
	}
	v := definitionView{chrome: frame, Complaint: wrong, Sections: p.adminSections("/admin/fields"), New: isNew, Typed: typed}
	for _, t := range tracker.FieldTypes() {
		v.Types = append(v.Types, choice{Value: string(t), Label: p.say("type." + string(t)), Chosen: typed.Get("type") == string(t)})
	}
	for _, s := range tracker.Sources() {
		v.Origins = append(v.Origins, choice{Value: string(s), Label: p.say("origin." + string(s)), Chosen: typed.Get("source") == string(s)})
	}
	v.Options = optionRows(typed)
	for range emptyOptions {
		v.Options = append(v.Options, sharedOptionRow{})
	}
	for i := range v.Options {
		v.Options[i].Number, v.Options[i].Index = i+1, i
	}
	return p.answer(p.statusOf(failure), "definition", v)
}
