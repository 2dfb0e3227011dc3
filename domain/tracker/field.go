package tracker

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"suivi/domain"
)

// FieldType is what kind of answer a field takes.
type FieldType string

// The field types.
const (
	Text     FieldType = "text"     // one line, up to 255 characters
	Dropdown FieldType = "dropdown" // the code of one option
)

// MaxTextAnswer is the longest answer to a text field, in characters.
const MaxTextAnswer = 255

// Field is a custom field of a tracker. Its code names it in answers, for ever.
type Field struct {
	Code      string    `json:"code"`
	Type      FieldType `json:"type"`
	Label     Label     `json:"label"`
	Mandatory bool      `json:"mandatory"`
	Options   []Option  `json:"options,omitempty"` // of a dropdown
}

// Option is one choice of a dropdown. A retired one stays readable on the
// tickets that have it and is no longer accepted.
type Option struct {
	Code    string `json:"code"`
	Label   Label  `json:"label"`
	Retired bool   `json:"retired,omitempty"`
}

func (f Field) equal(g Field) bool {
	return f.Code == g.Code && f.Type == g.Type && f.Label == g.Label &&
		f.Mandatory == g.Mandatory && slices.Equal(f.Options, g.Options)
}

func (f Field) option(code string) (Option, bool) {
	i := slices.IndexFunc(f.Options, func(o Option) bool { return o.Code == code })
	if i < 0 {
		return Option{}, false
	}
	return f.Options[i], true
}

// CheckAnswer tells what is wrong with an answer to the field: a stable code
// and a sentence, or two empty strings. before is the answer it replaces; a
// retired option may stay. An empty answer means none.
func (f Field) CheckAnswer(answer, before string) (code, sentence string) {
	switch {
	case answer == "" && f.Mandatory:
		return "required", "an answer is required"
	case answer == "" || answer == before:
		return "", ""
	case f.Type == Dropdown:
		return f.checkOption(answer)
	case utf8.RuneCountInString(answer) > MaxTextAnswer:
		return "too-long", "at most 255 characters"
	case strings.ContainsAny(answer, "\r\n\x00"):
		return "not-one-line", "one line of text only"
	}
	return "", ""
}

func (f Field) checkOption(answer string) (code, sentence string) {
	switch o, ok := f.option(answer); {
	case !ok:
		return "unknown-option", "the field has no such option"
	case o.Retired:
		return "retired-option", "this option is no longer offered"
	}
	return "", ""
}

var code = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
var optionCode = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$`)

// check notes what is wrong with the field's own definition.
func (f Field) check(problems *domain.Problems) {
	if !code.MatchString(f.Code) {
		problems.Add("code", "bad-code", "a small letter, then up to 31 small letters, digits or _")
	}
	switch {
	case f.Type != Text && f.Type != Dropdown:
		problems.Add("type", "unknown-type", "text or dropdown, not %q", f.Type)
	case f.Type == Dropdown && len(f.Options) == 0:
		problems.Add("options", "required", "a dropdown needs options")
	case f.Type == Text && len(f.Options) > 0:
		problems.Add("options", "not-allowed", "a text field has no options")
	}
	seen := map[string]bool{}
	for _, o := range f.Options {
		switch {
		case !optionCode.MatchString(o.Code):
			problems.Add("options", "bad-code", "%q: letters, digits, and _ . - after the first, up to 64", o.Code)
		case seen[o.Code]:
			problems.Add("options", "duplicate", "the option %q stands twice", o.Code)
		}
		seen[o.Code] = true
	}
}

// checkReplaces notes what would make answers given under old unreadable.
func (f Field) checkReplaces(old Field, problems *domain.Problems) {
	if f.Type != old.Type {
		problems.Add("type", "type-changed", "a field keeps its type (%s): make a new one", old.Type)
	}
	for _, o := range old.Options {
		if _, ok := f.option(o.Code); !ok {
			problems.Add("options", "option-erased", "the option %q may be retired, not erased", o.Code)
		}
	}
}
