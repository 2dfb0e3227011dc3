package ui

import (
	"context"
	"hash/fnv"
	"html/template"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"suivi/domain"
	"suivi/domain/tracker"
)

// personView is a person as pages show them.
type personView struct {
	ID       domain.UserID
	Name     string
	Initials string
	Tone     int // of the mark with the initials, from 0 to 7
}

func newPersonView(id domain.UserID, name string) personView {
	if id == "" {
		return personView{}
	}
	if name == "" {
		name = string(id)
	}
	const tones = 8
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(id)) // never fails
	return personView{ID: id, Name: name, Initials: initials(name), Tone: int(sum.Sum32() % tones)}
}

// initials are the first letters of the first and the last word.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return "?"
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	if len(words) == 1 {
		return string(unicode.ToUpper(first))
	}
	last, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return string([]rune{unicode.ToUpper(first), unicode.ToUpper(last)})
}

// people shows people by their ids.
type people map[domain.UserID]personView

func (p *page) people(ctx context.Context, ids ...domain.UserID) (people, error) {
	shown := people{}
	for _, id := range ids { // many are there more than once
		shown[id] = personView{}
	}
	names, err := p.cfg.Accounts.Names(ctx, slices.Collect(maps.Keys(shown)))
	if err != nil {
		return nil, err
	}
	for id := range shown {
		shown[id] = newPersonView(id, names[id])
	}
	return shown, nil
}

// stateView is a state as pages show it: its shape and its name.
type stateView struct {
	Key   tracker.State
	Label string
	List  tracker.List
}

func (p *page) label(l tracker.Label) string {
	if p.code == "fr" && l.FR != "" || l.EN == "" {
		return l.FR
	}
	return l.EN
}

func (p *page) state(s tracker.State, in tracker.Tracker) stateView {
	return stateView{s, p.label(in.Label(s)), s.List()}
}

// choice is an option of a select, a radio or a checkbox.
type choice struct {
	Value, Label string
	Chosen       bool
	State        tracker.State // where it stands for one
}

// Badge is the state that the choice stands for.
func (c choice) Badge() stateView { return stateView{Key: c.State, Label: c.Label} }

// options are the choices in a select. People and trackers can be hundreds, several times on a page.
func options(choices []choice) template.HTML {
	var text strings.Builder
	for _, c := range choices {
		text.WriteString(`<option value="`)
		template.HTMLEscape(&text, []byte(c.Value))
		text.WriteString(`"`)
		if c.Chosen {
			text.WriteString(` selected`)
		}
		text.WriteString(`>`)
		template.HTMLEscape(&text, []byte(c.Label))
		text.WriteString(`</option>`)
	}
	return template.HTML(text.String()) //nolint:gosec // what people wrote is escaped
}
