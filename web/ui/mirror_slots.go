package ui

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration"
	"suivi/integration/mirror"
)

// slotView is one input: a choice where it is known what there is, else a line of text.
type slotView struct {
	ID, Name, Label string
	Value           string
	Options         []choice // none: a text
	None            string   // what no choice is called
	Needed          bool
	Wrong           string
	State           stateView // whose it is, where it is one
	Person          personView
}

// mappedField is a field, and what it is there.
type mappedField struct {
	Code, Label string
	Kind        slotView
	Which       *slotView
	Answers     []slotView
}

// slots makes the inputs of a form.
type slots struct {
	*page

	in      toolOf
	typed   url.Values
	choices map[string][]mirror.Choice
	wrong   map[string]string
}

// slots knows what is wrong with each input: what was refused, else what a check has found.
func (p *page) slots(in toolOf, ask mirrorAsked, choices map[string][]mirror.Choice) slots {
	s := slots{page: p, in: in, typed: ask.typed, choices: choices, wrong: map[string]string{}}
	if ask.found != nil {
		for _, one := range ask.found.problems {
			s.wrong[one.Where] = cmp.Or(s.wrong[one.Where], one.Detail)
			if key := "problem." + one.Code; p.has(key) {
				s.wrong[one.Where] = p.say(key)
			}
		}
	}
	if ask.wrong != nil {
		maps.Copy(s.wrong, ask.wrong.fields)
	}
	return s
}

func (s slots) slot(name, label string, offered []mirror.Choice) slotView {
	v := slotView{ID: name, Name: name, Label: label, Value: s.typed.Get(name), None: s.say("mirror.nothing"), Wrong: s.wrong[name]}
	for _, one := range offered {
		v.Options = append(v.Options, choice{Value: one.ID, Label: one.Name, Chosen: one.ID == v.Value})
	}
	known := func(c choice) bool { return c.Chosen }
	if len(v.Options) > 0 && v.Value != "" && !slices.ContainsFunc(v.Options, known) {
		v.Options = append(v.Options, choice{Value: v.Value, Label: s.say("mirror.not-there", "id", v.Value), Chosen: true})
	}
	return v
}

func (p *page) secretSlot(secrets []integration.KeptSecret, s slots) slotView {
	offered := make([]mirror.Choice, len(secrets))
	for i, one := range secrets {
		offered[i] = mirror.Choice{ID: one.Name, Name: one.Name + " — " + one.Site}
	}
	v := s.slot("secret", p.say("mirror.secret"), offered)
	v.Needed, v.None = true, p.say("form.choose")
	v.Wrong = cmp.Or(v.Wrong, s.wrong["site"])
	return v
}

// mostMapped is how many people the form shows.
const mostMapped = 200

func (p *page) fillMapping(v *mirrorFormView, in toolOf, form mirror.Form, s slots) error {
	for _, one := range []tracker.Direction{tracker.Outwards, tracker.BothWays} {
		v.Directions = append(v.Directions, choice{Value: string(one), Label: p.say("direction." + string(one)), Chosen: v.Typed.Get("direction") == string(one)})
	}
	for _, one := range []tracker.Deletion{tracker.KeepTwin, tracker.CloseTwin, tracker.DeleteTwin} {
		v.Deletions = append(v.Deletions, choice{Value: string(one), Label: p.say("deletion." + string(one)), Chosen: v.Typed.Get("deletion") == string(one)})
	}
	for _, state := range in.EnabledStates() {
		slot := s.slot("states."+string(state), "", s.choices[form.Statuses])
		slot.State = p.state(state, in.Tracker)
		slot.Label = slot.State.Label
		v.States = append(v.States, slot)
	}
	for _, blank := range form.Fixed {
		slot := s.slot("fixed."+blank.Word, p.word("fixed", blank.Word), s.choices[blank.Choices])
		slot.Needed = blank.Needed
		v.Fixed = append(v.Fixed, slot)
	}
	for _, field := range in.Fields {
		v.Fields = append(v.Fields, s.mapped(field, form))
	}
	return p.fillPeople(v, in, s, form.People)
}

// word is what people call a word of a tool.
func (p *page) word(family, word string) string {
	if key := "mirror." + family + "." + word; p.has(key) {
		return p.say(key)
	}
	return word
}

// mapped is what the field is there: of which kind, which one, and what its options are.
func (s slots) mapped(field tracker.Field, form mirror.Form) mappedField {
	name := "fields." + field.Code
	v := mappedField{Code: field.Code, Label: s.fieldLabel(field)}
	var kinds []mirror.Choice
	for _, kind := range form.Kinds {
		if !kind.Options || len(field.Options) > 0 {
			kinds = append(kinds, mirror.Choice{ID: kind.Word, Name: s.word("kind", kind.Word)})
		}
	}
	v.Kind = s.slot(name, s.say("mirror.becomes", "field", v.Label), kinds)
	v.Kind.None = s.say("mirror.stays")
	if v.Kind.Value == "" {
		return v
	}
	kind := fieldKind(form, v.Kind.Value)
	if kind.Choices != "" {
		which := s.slot(name+".id", s.say("mirror.which", "field", v.Label), s.choices[kind.Choices])
		which.Wrong = cmp.Or(which.Wrong, s.wrong[name])
		v.Which, v.Kind.Wrong = &which, ""
	}
	for _, option := range field.Options {
		slot := s.slot(name+".answers."+option.Code, s.optionLabel(field, option.Code), s.choices[kind.Answers])
		v.Answers = append(v.Answers, slot)
	}
	return v
}

// fillPeople shows the members, those who work on tickets first.
func (p *page) fillPeople(v *mirrorFormView, in toolOf, s slots, word string) error {
	staff := in.Assignable()
	ids := slices.Clone(staff)
	for id := range in.Members {
		if !slices.Contains(staff, id) {
			ids = append(ids, id)
		}
	}
	shown, err := p.people(p.ctx(), ids...)
	if err != nil {
		return err
	}
	slices.SortFunc(ids, func(a, b domain.UserID) int {
		if worksA, worksB := slices.Contains(staff, a), slices.Contains(staff, b); worksA != worksB {
			return map[bool]int{true: -1, false: 1}[worksA]
		}
		return byNameThenID(shown[a], shown[b])
	})
	v.MorePeople = len(ids) > mostMapped
	var actors []mirror.Choice
	for _, id := range ids[:min(len(ids), mostMapped)] {
		slot := s.slot("people."+string(id), shown[id].Name, s.choices[word])
		slot.Person = shown[id]
		v.People = append(v.People, slot)
		actors = append(actors, mirror.Choice{ID: string(id), Name: shown[id].Name})
	}
	v.Actor = s.slot("actor", p.say("mirror.part.actor"), actors)
	v.Actor.None = p.say("mirror.actor-none")
	return nil
}

// place is what people call a part of a mirror: of states.open the state.
func (p *page) place(where string, in tracker.Tracker) string {
	part, rest, _ := strings.Cut(where, ".")
	switch part {
	case "states":
		return p.state(tracker.State(rest), in).Label
	case "fixed":
		return p.word("fixed", rest)
	case "fields":
		code, more, _ := strings.Cut(rest, ".")
		field, known := in.Ever(code)
		if !known {
			return code
		}
		if option, ok := strings.CutPrefix(more, "answers."); ok {
			return p.fieldLabel(field) + " · " + p.optionLabel(field, option)
		}
		return p.fieldLabel(field)
	case "people":
		if shown, err := p.people(p.ctx(), domain.UserID(rest)); err == nil {
			return shown[domain.UserID(rest)].Name
		}
	}
	return p.word("part", part)
}
