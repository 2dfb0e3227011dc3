package ui

import (
	"net/url"
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
)

// handlingView is what becomes of tickets that come in: who gets them, and where they stand.
type handlingView struct {
	settingsFrame

	Typed   url.Values
	Default []choice
	Ways    []choice
	Among   []choice
	Fields  []assignField
	Parent  domain.TrackerKey
}

// assignField is a field by whose answer tickets can be given to people.
type assignField struct {
	Code, Label string
	Chosen      bool
	Options     []assignOption
}

type assignOption struct {
	Name, ID, Label string
	People          []choice
	Wrong           string
}

func handlingPage(p *page, in configured) error {
	a := in.Assignment
	if a.By == "" {
		a.By = tracker.ByDefault
	}
	typed := url.Values{
		"default": {string(in.DefaultAssignee)}, "by": {string(a.By)}, "field": {a.Field}, "new": {string(in.EntersAt())},
		"comments": {onOff(!in.CommentsOff)}, "report": {string(in.Reports())}, "report-comments": {onOff(in.ReportComments)},
		"course.id": {in.Course.ID}, "course.short": {in.Course.ShortName}, "course.name": {in.Course.Name},
	}
	for _, id := range a.Among {
		typed.Add("among", string(id))
	}
	for option, id := range a.People {
		typed.Set("people."+a.Field+"."+option, string(id))
	}
	return p.showHandling(in, typed, nil, nil)
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func changeHandling(p *page, in configured) error {
	return p.withForm(func(f *form) error {
		assignee, end, report := domain.UserID(f.Get("default")), tracker.StackEnd(f.Get("new")), tracker.BackReport(f.Get("report"))
		off, tells := f.Get("comments") == "off", f.Get("report-comments") == "on"
		assignment := assignmentOf(in.Tracker, f.Values)
		settings := tracker.Settings{
			DefaultAssignee: &assignee, Assignment: &assignment, NewTickets: &end, CommentsOff: &off, ReportComments: &tells,
			Course: &tracker.Course{ID: f.Get("course.id"), ShortName: f.Get("course.short"), Name: f.Get("course.name")},
		}
		if f.Has("report") {
			settings.BackReport = &report
		} else {
			settings.ReportComments = nil
		}
		return p.configure(in, change{
			form: f, address: settingsPath(in.Key, "handling"), said: "edited", all: []tracker.Command{tracker.Configure{Settings: settings}},
			again: func(wrong *Complaint, err error) error { return p.showHandling(in, f.Values, wrong, err) },
		})
	})
}

// assignmentOf names what the chosen way needs. People who take turns keep their places.
func assignmentOf(in tracker.Tracker, values url.Values) tracker.Assignment {
	a := tracker.Assignment{By: tracker.AssignBy(values.Get("by"))}
	switch a.By {
	case tracker.ByField:
		a.Field, a.People = values.Get("field"), map[string]domain.UserID{}
		for name := range values {
			if option, ok := strings.CutPrefix(name, "people."+a.Field+"."); ok && values.Get(name) != "" {
				a.People[option] = domain.UserID(values.Get(name))
			}
		}
	case tracker.ByRoundRobin, tracker.ByLeastOpen:
		chosen := values["among"]
		for _, id := range in.Assignment.Among {
			if i := slices.Index(chosen, string(id)); i >= 0 {
				a.Among = append(a.Among, id)
			}
		}
		for _, id := range chosen {
			if !slices.Contains(a.Among, domain.UserID(id)) {
				a.Among = append(a.Among, domain.UserID(id))
			}
		}
	case tracker.ByDefault:
		a.By = in.Assignment.By
		if a.By != "" {
			a.By = tracker.ByDefault
		}
	}
	return a
}

func (p *page) showHandling(in configured, typed url.Values, wrong *Complaint, failure error) error {
	frame, _, err := p.settings(in, "handling", wrong)
	if err != nil {
		return err
	}
	people, err := p.assignable(in.Tracker, surroundings{})
	if err != nil {
		return err
	}
	v := handlingView{settingsFrame: frame, Typed: typed, Default: peopleChoices(people, typed["default"]), Among: peopleChoices(people, typed["among"]), Parent: in.Parent}
	for _, by := range []tracker.AssignBy{tracker.ByDefault, tracker.ByField, tracker.ByRoundRobin, tracker.ByLeastOpen} {
		v.Ways = append(v.Ways, choice{Value: string(by), Label: p.say("assign." + string(by)), Chosen: typed.Get("by") == string(by)})
	}
	for _, f := range in.Fields {
		if f.Type == tracker.Dropdown || f.Type == tracker.Radio {
			v.Fields = append(v.Fields, p.assignField(f, people, typed, wrong))
		}
	}
	return p.answer(p.statusOf(failure), "settings-handling", v)
}

func (p *page) assignField(f tracker.Field, people []personView, typed url.Values, wrong *Complaint) assignField {
	shown := assignField{Code: f.Code, Label: p.fieldLabel(f), Chosen: typed.Get("field") == f.Code}
	for _, o := range f.Options {
		name := "people." + f.Code + "." + o.Code
		option := assignOption{Name: name, ID: name, Label: p.optionLabel(f, o.Code), People: peopleChoices(people, typed[name])}
		if shown.Chosen {
			option.Wrong = wrong.Of("assignment.people." + o.Code)
		}
		if len(typed[name]) > 0 || !o.Retired {
			shown.Options = append(shown.Options, option)
		}
	}
	return shown
}

func peopleChoices(people []personView, chosen []string) []choice {
	choices := make([]choice, len(people))
	for i, one := range people {
		choices[i] = choice{Value: string(one.ID), Label: one.Name, Chosen: slices.Contains(chosen, string(one.ID))}
	}
	return choices
}
