package tracker

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"suivi/domain"
)

// The limits of what a tracker asks.
const (
	MaxFields  = 100
	MaxOptions = 500
)

var fieldCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
var optionCode = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$`)

// check notes what is wrong with the field's own definition.
func (f Field) check(problems *domain.Problems) {
	if !fieldCode.MatchString(f.Code) {
		problems.Add("code", "bad-code", "a small letter, then up to 31 small letters, digits or _")
	}
	if !slices.Contains(FieldTypes(), f.Type) {
		problems.Add("type", "unknown-type", "one of %v, not %q", FieldTypes(), f.Type)
		return
	}
	f.checkOwnOptions(problems)
	f.checkParts(problems)
}

func (f Field) checkOwnOptions(problems *domain.Problems) {
	switch {
	case f.Type.HasOptions() && len(f.Options) == 0:
		problems.Add("options", "required", "a field of the type %s needs options", f.Type)
	case !f.Type.HasOptions() && len(f.Options) > 0:
		problems.Add("options", "not-allowed", "a field of the type %s has no options", f.Type)
	case len(f.Options) > MaxOptions:
		problems.Add("options", "too-many", "at most %d options", MaxOptions)
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

func (f Field) checkParts(problems *domain.Problems) {
	switch {
	case f.Layout != "" && f.Layout != Horizontal:
		problems.Add("layout", "unknown-layout", "%s, or nothing", Horizontal)
	case f.Layout != "" && f.Type != Radio && f.Type != Checkbox:
		problems.Add("layout", "not-allowed", "only radio and checkbox fields have a layout")
	}
	f.checkSource(problems)
	f.checkUse(problems)
	checkLabel("label", f.Label, MaxName, problems)
	checkLabel("help", f.Help, maxHelp, problems)
	for _, o := range f.Options {
		checkLabel("options", o.Label, MaxName, problems)
	}
}

func (f Field) checkSource(problems *domain.Problems) {
	switch {
	case f.Type == Constant && !f.Source.Valid():
		problems.Add("source", "unknown-source", "one of %v", Sources())
	case f.Type != Constant && f.Source != "":
		problems.Add("source", "not-allowed", "only constants have a source")
	}
	switch {
	case f.Source == SourceValue && f.Value == "":
		problems.Add("value", "required", "what is the constant?")
	case f.Source != SourceValue && f.Value != "":
		problems.Add("value", "not-allowed", "only a constant with the source %q has a value", SourceValue)
	case checkLine(f.Value) != Wrong{}:
		problems.Add("value", "bad-value", "%s", checkLine(f.Value).Sentence)
	}
}

// checkUse notes what a tracker cannot want of a field of the type.
func (f Field) checkUse(problems *domain.Problems) {
	switch {
	case f.Mandatory && f.Type.Fixed():
		problems.Add("mandatory", "not-allowed", "nobody is asked for a field of the type %s", f.Type)
	case f.Mandatory && f.Hidden:
		problems.Add("mandatory", "hidden", "who does not see a field cannot be made to answer it")
	}
	if f.Type == Captcha && (f.Hidden || f.Listable || f.Condition != nil) {
		problems.Add("type", "not-allowed", "a captcha is not hidden, listable or conditional")
	}
	if f.Listable && (f.Type == Textarea || f.Type == File) {
		problems.Add("listable", "not-allowed", "a list has no room for long texts and files")
	}
}

// maxHelp is how many characters are told beside a field, in each language.
const maxHelp = 2000

func checkLabel(field string, label Label, most int, problems *domain.Problems) {
	if utf8.RuneCountInString(label.FR) > most || utf8.RuneCountInString(label.EN) > most {
		problems.Add(field, "too-long", "at most %d characters in each language", most)
	}
	if strings.ContainsRune(label.FR+label.EN, 0) {
		problems.Add(field, "not-text", "there is a NUL character in it")
	}
}

// checkDefault notes what is wrong with the default answer, and gives its canonical form.
func (t Tracker) checkDefault(f Field, problems *domain.Problems) string {
	if f.Default == "" {
		return ""
	}
	if f.Type.Fixed() {
		problems.Add("default", "not-allowed", "nobody is asked for a field of the type %s", f.Type)
		return ""
	}
	if f.Type == File {
		problems.Add("default", "not-allowed", "a file is on one ticket")
		return ""
	}
	canonical, wrong := t.Answer(f, f.Default, "")
	if wrong != (Wrong{}) {
		problems.Add("default", wrong.Code, "%s", wrong.Sentence)
	}
	return canonical
}

// checkReplaces notes what would make answers given under old unreadable.
func (f Field) checkReplaces(old Field, facts Facts, problems *domain.Problems) {
	if f.Type != old.Type && facts.Answered && !f.Type.reads(old.Type) {
		problems.Add("type", "type-changed", "there are answers of the type %s: make a new field", old.Type)
		return
	}
	for _, o := range old.Options {
		if _, ok := f.option(o.Code); !ok && slices.Contains(facts.UsedOptions, o.Code) {
			problems.Add("options", "option-in-use", "tickets have the option %q: it may be retired, not deleted", o.Code)
		}
	}
}

// reads tells whether every answer of the old type is one of the new.
func (t FieldType) reads(old FieldType) bool {
	switch old {
	case Text:
		return t == Textarea
	case Dropdown, Radio:
		return t.HasOptions()
	case Multiselect, Checkbox:
		return t.Multiple()
	case AutoURL:
		return t == URL
	case Textarea, Number, Date, User, File, URL, Constant, Captcha:
	}
	return false
}

// Replaced tells whether the field changes what answers to an earlier one of its
// code mean: its type, or the options, of which it gives those that are lost.
func (t Tracker) Replaced(f Field) (lost []string, replaced bool) {
	old, had := t.Ever(f.Code)
	if !had {
		return nil, false
	}
	for _, o := range old.Options {
		if _, ok := f.option(o.Code); !ok {
			lost = append(lost, o.Code)
		}
	}
	return lost, len(lost) > 0 || f.Type != old.Type
}
