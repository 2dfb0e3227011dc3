package ui

import (
	"slices"
	"strings"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
)

// chip is a filter that is on, and the address without it.
type chip struct{ Name, Value, URL string }

// filterForm is the form that adds filters.
type filterForm struct {
	Action    string
	Kept      []pair // parameters that the form does not ask for
	States    []choice
	Assignees []choice
	Fields    []filterField
	From, To  string
	Any       bool // one of them is on
}

type pair struct{ Name, Value string }

// filterField is a listable field with options, to choose one of.
type filterField struct {
	Name, Label string
	Options     []choice
}

func (a asked) filterForm(in tracker.Tracker, around surroundings) filterForm {
	p := a.page
	f := filterForm{Action: a.path, From: a.query.Get("from"), To: a.query.Get("to")}
	for _, name := range []string{"list", "scope", "sort", "q", "saved", "view", "at", "tracker", "reporter", "resolvedFrom", "resolvedTo"} {
		if value := a.query.Get(name); value != "" {
			f.Kept = append(f.Kept, pair{name, value})
		}
	}
	chosen := strings.Split(a.query.Get("state"), ",")
	for _, s := range tracker.States() {
		if in.Exists() && !in.Enabled(s) && !slices.Contains(chosen, string(s)) {
			continue
		}
		f.States = append(f.States, choice{Value: string(s), Label: p.state(s, in).Label, Chosen: slices.Contains(chosen, string(s)), State: s})
	}
	assignee := a.query.Get("assignee")
	f.Assignees = []choice{{Label: p.say("filter.anybody"), Chosen: assignee == ""}, {Value: "me", Label: p.say("filter.me"), Chosen: assignee == "me"},
		{Value: "none", Label: p.say("filter.nobody"), Chosen: assignee == "none"}}
	if people, err := p.assignable(in, around); err == nil {
		for _, one := range people {
			f.Assignees = append(f.Assignees, choice{Value: string(one.ID), Label: one.Name, Chosen: assignee == string(one.ID)})
		}
	}
	for _, field := range in.Fields {
		if field.Listable && field.Type.HasOptions() && !a.isPast() {
			f.Fields = append(f.Fields, p.filterField(field, a.query.Get(fieldPrefix+field.Code)))
		}
	}
	f.Any = a.query.Has("state") || assignee != "" || f.From != "" || f.To != "" || len(a.fieldParams()) > 0
	return f
}

func (p *page) filterField(field tracker.Field, chosen string) filterField {
	shown := filterField{Name: fieldPrefix + field.Code, Label: p.fieldLabel(field), Options: []choice{{Label: p.say("filter.any"), Chosen: chosen == ""}}}
	for _, o := range field.Options {
		shown.Options = append(shown.Options, choice{Value: o.Code, Label: p.optionLabel(field, o.Code), Chosen: chosen == o.Code})
	}
	return shown
}

// assignable are those whom tickets can be given to, by name: of the tracker, or of any.
func (p *page) assignable(in tracker.Tracker, around surroundings) ([]personView, error) {
	var ids []domain.UserID
	if in.Exists() {
		ids = in.Assignable()
	} else {
		for _, t := range around.trackers {
			ids = append(ids, t.Assignable()...)
		}
	}
	slices.Sort(ids)
	return p.byName(slices.Compact(ids))
}

// mostPeople is how many people a choice offers.
const mostPeople = 500

func (p *page) byName(ids []domain.UserID) ([]personView, error) {
	ids = ids[:min(len(ids), mostPeople)]
	shown, err := p.people(p.ctx(), ids...)
	if err != nil {
		return nil, err
	}
	all := make([]personView, 0, len(ids))
	for _, id := range ids {
		all = append(all, shown[id])
	}
	slices.SortFunc(all, func(a, b personView) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return all, nil
}

// fieldParams are the parameters that are named after fields, sorted.
func (a asked) fieldParams() []string {
	var names []string
	for name := range a.query {
		if strings.HasPrefix(name, fieldPrefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (a asked) chips(in tracker.Tracker, around surroundings) ([]chip, error) {
	p := a.page
	var chips []chip
	add := func(name, label, value string) {
		chips = append(chips, chip{label, value, a.with(name, "")})
	}
	if q := a.query.Get("q"); q != "" {
		add("q", p.say("chip.search"), q)
	}
	for s := range strings.SplitSeq(a.query.Get("state"), ",") {
		if s != "" {
			rest := slices.DeleteFunc(strings.Split(a.query.Get("state"), ","), func(other string) bool { return other == s })
			chips = append(chips, chip{p.say("column.state"), p.state(tracker.State(s), in).Label, a.with("state", strings.Join(rest, ","))})
		}
	}
	for _, name := range []string{"assignee", "reporter"} {
		if value := a.query.Get(name); value != "" {
			text, err := p.peopleText(value)
			if err != nil {
				return nil, err
			}
			add(name, p.say("column."+name), text)
		}
	}
	if value := a.query.Get("tracker"); value != "" {
		add("tracker", p.say("chip.tracker"), value)
	}
	for _, name := range []string{"from", "to", "resolvedFrom", "resolvedTo"} {
		if value := a.query.Get(name); value != "" {
			add(name, p.say("chip."+name), p.dayText(value))
		}
	}
	for _, name := range a.fieldParams() {
		label, value := a.fieldChip(name, in, around)
		add(name, label, value)
	}
	return chips, nil
}

func (a asked) fieldChip(name string, in tracker.Tracker, around surroundings) (label, value string) {
	code, value := strings.TrimPrefix(name, fieldPrefix), a.query.Get(name)
	f, ok := in.Field(code)
	for i := 0; !ok && i < len(around.trackers) && !in.Exists(); i++ {
		f, ok = around.trackers[i].SeenAs(a.page.actor()).Field(code)
	}
	if !ok {
		return code, value
	}
	return a.page.fieldLabel(f), a.page.answerText(f, value, nil)
}

// peopleText names people in a filter: ids, "me" and "none", with commas between.
func (p *page) peopleText(value string) (string, error) {
	var names []string
	for id := range strings.SplitSeq(value, ",") {
		switch id {
		case "me":
			names = append(names, p.say("filter.me"))
		case "none":
			names = append(names, p.say("filter.nobody"))
		default:
			shown, err := p.people(p.ctx(), domain.UserID(id))
			if err != nil {
				return "", err
			}
			names = append(names, shown[domain.UserID(id)].Name)
		}
	}
	return strings.Join(names, ", "), nil
}

// day is the beginning of a day in the person's zone, so many days later, as reads take it.
func (p *page) day(text string, later int) (string, error) {
	at, err := p.dayOf("from", text)
	if err != nil {
		return "", err
	}
	return at.AddDate(0, 0, later).UTC().Format(time.RFC3339), nil
}

// dayOf is the beginning of the day that was typed in a field, in the person's zone.
func (p *page) dayOf(field, text string) (time.Time, error) {
	at, err := time.ParseInLocation(time.DateOnly, text, p.zone)
	if err != nil {
		var problems domain.Problems
		problems.Add(field, "not-a-date", "a day as in 2026-11-23")
		return at, problems.Err()
	}
	return at, nil
}

func (p *page) dayText(text string) string {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return p.shapes.date(at)
}
