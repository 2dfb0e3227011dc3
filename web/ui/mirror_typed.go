package ui

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration"
	"suivi/integration/mirror"
)

// typedMirror is what the form has of the mirror, by the names of its inputs. Those of what is
// mapped are as mirror.Problem and domain.FieldError name the parts of a mirror.
func typedMirror(m tracker.Mirror) url.Values {
	typed := url.Values{
		"secret": {m.Secret}, "project": {m.Project}, "direction": {string(m.Direction)}, "deletion": {string(m.Deletion)},
		"notes": {onOff(m.Notes)}, "actor": {string(m.Actor)},
	}
	for state, id := range m.States {
		typed.Set("states."+string(state), id)
	}
	for word, id := range m.Fixed {
		typed.Set("fixed."+word, id)
	}
	for user, id := range m.People {
		typed.Set("people."+string(user), id)
	}
	for code, to := range m.Fields {
		typed.Set("fields."+code, to.As)
		typed.Set("fields."+code+".id", to.ID)
		for option, id := range to.Answers {
			typed.Set("fields."+code+".answers."+option, id)
		}
	}
	return typed
}

// drafted is the mirror that is typed, with the form and the secrets that it is made by.
func (p *page) drafted(in toolOf, typed url.Values) (draft tracker.Mirror, form mirror.Form, secrets []integration.KeptSecret, err error) {
	if form, err = p.cfg.Mirrors.Form(in.tool); err != nil {
		return draft, form, nil, err
	}
	if secrets, err = p.cfg.Mirrors.SecretsFor(p.ctx(), in.Key); err != nil {
		return draft, form, nil, err
	}
	return draftOf(in, typed, secrets, form), form, secrets, nil
}

// draftOf is the mirror that the form makes. What the form does not show stays as it was.
func draftOf(in toolOf, typed url.Values, secrets []integration.KeptSecret, form mirror.Form) tracker.Mirror {
	had, has := in.Mirror(in.tool)
	m := tracker.Mirror{
		Tool: in.tool, Secret: typed.Get("secret"), Project: strings.TrimSpace(typed.Get("project")), Direction: tracker.Direction(typed.Get("direction")),
		Deletion: tracker.Deletion(typed.Get("deletion")), Notes: typed.Get("notes") == "on", Paused: !has || had.Paused, Actor: domain.UserID(typed.Get("actor")),
	}
	if i := slices.IndexFunc(secrets, func(s integration.KeptSecret) bool { return s.Name == m.Secret }); i >= 0 {
		m.Site = secrets[i].Site
	} else if m.Secret == had.Secret {
		m.Site = had.Site // it is gone; the check says so
	}
	m.States, m.Fixed, m.People = maps.Clone(had.States), maps.Clone(had.Fixed), maps.Clone(had.People)
	for _, state := range in.EnabledStates() {
		m.States = typedInto(m.States, state, typed.Get("states."+string(state)))
	}
	for _, blank := range form.Fixed {
		m.Fixed = typedInto(m.Fixed, blank.Word, typed.Get("fixed."+blank.Word))
	}
	for _, user := range typed["person"] {
		m.People = typedInto(m.People, domain.UserID(user), typed.Get("people."+user))
	}
	m.Fields = maps.Clone(had.Fields)
	for _, field := range in.Fields {
		m.Fields = fieldInto(m.Fields, field, typed, form)
	}
	return m
}

func typedInto[K comparable](into map[K]string, key K, text string) map[K]string {
	text = strings.TrimSpace(text)
	if text == "" {
		delete(into, key)
		return into
	}
	if into == nil {
		into = map[K]string{}
	}
	into[key] = text
	return into
}

// fieldInto takes of what was typed for a field what its kind has a use for.
func fieldInto(into map[string]tracker.FieldMapping, field tracker.Field, typed url.Values, form mirror.Form) map[string]tracker.FieldMapping {
	name := "fields." + field.Code
	to := tracker.FieldMapping{As: typed.Get(name)}
	if to.As == "" {
		delete(into, field.Code)
		return into
	}
	if fieldKind(form, to.As).Choices != "" {
		to.ID = strings.TrimSpace(typed.Get(name + ".id"))
	}
	for _, option := range field.Options {
		to.Answers = typedInto(to.Answers, option.Code, typed.Get(name+".answers."+option.Code))
	}
	if into == nil {
		into = map[string]tracker.FieldMapping{}
	}
	into[field.Code] = to
	return into
}

func fieldKind(form mirror.Form, word string) mirror.Blank {
	for _, kind := range form.Kinds {
		if kind.Word == word {
			return kind
		}
	}
	return mirror.Blank{}
}

// propose puts what is proposed where nothing is typed.
func propose(typed url.Values, mapping tracker.Mapping) {
	fieldsTyped := map[string]bool{} // what a field is there goes together
	for name := range typed {
		if code, ok := strings.CutPrefix(name, "fields."); ok && typed.Get(name) != "" {
			code, _, _ = strings.Cut(code, ".")
			fieldsTyped[code] = true
		}
	}
	for name, values := range typedMirror(tracker.Mirror{Mapping: mapping}) {
		code, ofField := strings.CutPrefix(name, "fields.")
		code, _, _ = strings.Cut(code, ".")
		if strings.Contains(name, ".") && typed.Get(name) == "" && (!ofField || !fieldsTyped[code]) {
			typed[name] = values
		}
	}
}
