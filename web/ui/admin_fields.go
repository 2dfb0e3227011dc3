package ui

import (
	"cmp"

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
	definitionForm

	Sections []tab
	New      bool
}

func definitionPage(p *page) error {
	code := p.query().Get("code")
	if code == "" {
		return p.showDefinition(true, tracker.Field{Type: tracker.Text}, nil)
	}
	f, had, err := p.definition(code)
	if err != nil {
		return err
	}
	if !had {
		return domain.Errorf(domain.NotFound, "field-not-found", "the library has no field %q", code)
	}
	return p.showDefinition(false, f, nil)
}

// definition is the shared field of the code, if the library has it.
func (p *page) definition(code string) (tracker.Field, bool, error) {
	l, err := p.cfg.Reads.Library(p.ctx(), p.actor())
	d, had := l.Definition(code)
	return d.Field, had && !d.Deleted, err
}

// define makes or changes a shared field: all but save shows the form again.
func define(p *page) error {
	return p.withForm(func(f *form) error {
		isNew, field := f.Get("new") == "on", definitionOf("", f.Values)
		if f.Get("do") != "save" {
			return p.showDefinition(isNew, field, nil)
		}
		if _, had, err := p.definition(field.Code); err != nil || isNew && had {
			return p.showDefinition(isNew, field, cmp.Or(err, errCodeTaken(field.Code)))
		}
		out, err := p.cfg.Commands.ChangeLibrary(p.ctx(), p.caller(), p.request(f), library.Define{Field: field})
		if err != nil {
			return p.showDefinition(isNew, field, err)
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

func (p *page) showDefinition(isNew bool, f tracker.Field, failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	title := p.say("library.new")
	if !isNew {
		title = p.say("fields.edit", "code", f.Code)
	}
	frame, _, err := p.frame(title, "admin")
	if err != nil {
		return err
	}
	v := definitionView{chrome: frame, Complaint: wrong, Sections: p.adminSections("/admin/fields"), New: isNew}
	if v.definitionForm, err = p.definitionForm(tracker.Tracker{}, f); err != nil {
		return err
	}
	return p.answer(p.statusOf(failure), "definition", v)
}
