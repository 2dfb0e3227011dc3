package ui

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed locales/*.json
var localeFiles embed.FS

// speech is a language that pages are in: its texts, and the templates that say them.
type speech struct {
	tag    language.Tag
	code   string // fr, en
	texts  map[string]*message
	shapes shapes // of numbers and dates
	pages  map[string]*template.Template
	parts  *parts
}

// message is one text: the same for any number, or one for each plural form of
// the language. "{name}" stands for an argument.
type message struct{ forms map[plural.Form]string }

// UnmarshalJSON reads a string, or an object of plural forms.
func (m *message) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		m.forms = map[plural.Form]string{plural.Other: one}
		return nil
	}
	var several map[string]string
	if err := json.Unmarshal(text, &several); err != nil {
		return fmt.Errorf("read a text: %w", err)
	}
	forms := map[string]plural.Form{"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other}
	m.forms = map[plural.Form]string{}
	for name, text := range several {
		form, ok := forms[name]
		if !ok {
			return fmt.Errorf("%q is no plural form", name)
		}
		m.forms[form] = text
	}
	if m.forms[plural.Other] == "" {
		return errors.New(`a text with plural forms has one for "other"`)
	}
	return nil
}

// readSpeeches reads the catalogues, the default language first.
func readSpeeches() ([]*speech, error) {
	var all []*speech
	for _, code := range []string{"en", "fr"} {
		file, err := localeFiles.ReadFile("locales/" + code + ".json")
		if err != nil {
			return nil, fmt.Errorf("read a catalogue: %w", err)
		}
		s := &speech{tag: language.Make(code), code: code, shapes: shapesOf(code)}
		if err := json.Unmarshal(file, &s.texts); err != nil {
			return nil, fmt.Errorf("read the catalogue %s: %w", code, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// say is the text of the key in this language, with arguments in pairs of name and
// value. The argument "n" chooses the plural form. A key that there is not is shown
// as it is; tests see to it that none is.
func (s *speech) say(key string, args ...any) string {
	m, ok := s.texts[key]
	if !ok {
		return key
	}
	text := m.forms[plural.Other]
	if len(args) == 0 {
		return text
	}
	for i := 0; i+1 < len(args); i += 2 {
		if n, isNumber := whole(args[i+1]); isNumber && args[i] == "n" {
			text = m.form(s.tag, n)
		}
	}
	return s.fill(text, args)
}

// fill puts the arguments in their places. Pages say hundreds of such texts: so nothing is
// prepared for one, and what is put in is not looked at again.
func (s *speech) fill(text string, args []any) string {
	var filled strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		filled.WriteString(before)
		if !found {
			return filled.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		value, given := s.argument(name, args)
		if !given || !closed {
			filled.WriteString("{")
			text = rest
			continue
		}
		filled.WriteString(value)
		text = after
	}
}

// argument is the one of the name, as it is read.
func (s *speech) argument(name string, args []any) (string, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != name {
			continue
		}
		if n, isNumber := whole(args[i+1]); isNumber {
			return s.shapes.number(n), true
		}
		return fmt.Sprint(args[i+1]), true
	}
	return "", false
}

func (m *message) form(tag language.Tag, n int64) string {
	form := plural.Cardinal.MatchPlural(tag, int(n%10_000_000), 0, 0, 0, 0)
	if text, ok := m.forms[form]; ok {
		return text
	}
	return m.forms[plural.Other]
}

func whole(value any) (int64, bool) {
	switch n := value.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	case uint64:
		return int64(n), true
	}
	return 0, false
}

// has tells whether there is a text of the key.
func (s *speech) has(key string) bool { return s.texts[key] != nil }

// keys are all keys, sorted.
func (s *speech) keys() []string { return slices.Sorted(maps.Keys(s.texts)) }

// speechFor is the language that was chosen, else the one that the browser asks for.
func (u *UI) speechFor(chosen, accepted string) *speech {
	for _, s := range u.speeches {
		if s.code == chosen {
			return s
		}
	}
	_, i := language.MatchStrings(u.matcher, accepted)
	return u.speeches[i]
}
