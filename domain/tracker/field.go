package tracker

import (
	"slices"

	"suivi/domain"
)

// FieldType is what kind of answer a field takes.
type FieldType string

// The field types. An answer is always one string; answer.go has its forms.
const (
	Text        FieldType = "text"        // one line, up to 255 characters
	Textarea    FieldType = "textarea"    // lines, up to 64 KiB
	Number      FieldType = "number"      // a decimal number
	Date        FieldType = "date"        // a day, as in 2026-11-23
	Dropdown    FieldType = "dropdown"    // the code of one option
	Radio       FieldType = "radio"       // likewise, all in sight
	Multiselect FieldType = "multiselect" // the codes of some options
	Checkbox    FieldType = "checkbox"    // likewise, all in sight
	User        FieldType = "user"        // the id of a member of the tracker
	File        FieldType = "file"        // one file: the id of its attachment
	URL         FieldType = "url"         // an address on the web
	AutoURL     FieldType = "autourl"     // the page that the poster came from; not asked, not edited
	Constant    FieldType = "constant"    // what the server knows when a ticket is posted; not asked, not edited
	Captcha     FieldType = "captcha"     // no answer: who posts solves a challenge
)

// FieldTypes is every type.
func FieldTypes() []FieldType {
	return []FieldType{Text, Textarea, Number, Date, Dropdown, Radio, Multiselect, Checkbox, User, File, URL, AutoURL, Constant, Captcha}
}

// HasOptions tells whether the answers are options.
func (t FieldType) HasOptions() bool { return t == Dropdown || t == Radio || t.Multiple() }

// Multiple tells whether an answer may be several options.
func (t FieldType) Multiple() bool { return t == Multiselect || t == Checkbox }

// Fixed tells whether an answer is given once, when the ticket is posted, and
// never edited. That of a captcha is not even kept.
func (t FieldType) Fixed() bool { return t == AutoURL || t == Constant || t == Captcha }

// Horizontal is the layout of a radio or checkbox field whose options stand side by side.
const Horizontal = "horizontal"

// Field is a custom field of a tracker. Its code names it in answers, for ever.
type Field struct {
	Code      string     `json:"code"`
	Type      FieldType  `json:"type"`
	Label     Label      `json:"label"`
	Mandatory bool       `json:"mandatory"`
	Options   []Option   `json:"options,omitempty"`
	Layout    string     `json:"layout,omitempty"` // "" or Horizontal
	Source    Source     `json:"source,omitempty"` // of a constant
	Value     string     `json:"value,omitempty"`  // of a constant whose source is itself
	Help      Label      `json:"help,omitzero"`    // what people are told beside it
	Default   string     `json:"default,omitempty"`
	Inactive  bool       `json:"inactive,omitempty"` // not asked when posting; answers stay
	Hidden    bool       `json:"hidden,omitempty"`   // for those alone who hold see-internal
	Listable  bool       `json:"listable,omitempty"` // a column of lists
	Condition *Condition `json:"condition,omitempty"`
	Shared    bool       `json:"shared,omitempty"` // defined in the site's library
}

// Option is one choice. A retired one stays readable on the tickets that have it
// and is no longer accepted.
type Option struct {
	Code    string `json:"code"`
	Label   Label  `json:"label"`
	Retired bool   `json:"retired,omitempty"`
}

func (f Field) equal(g Field) bool {
	return f.Code == g.Code && f.Type == g.Type && f.Label == g.Label && f.Mandatory == g.Mandatory &&
		slices.Equal(f.Options, g.Options) && f.Layout == g.Layout && f.Source == g.Source && f.Value == g.Value &&
		f.Help == g.Help && f.Default == g.Default && f.Inactive == g.Inactive && f.Hidden == g.Hidden &&
		f.Listable == g.Listable && f.Shared == g.Shared && f.Condition.equal(g.Condition)
}

func (f Field) option(code string) (Option, bool) {
	i := slices.IndexFunc(f.Options, func(o Option) bool { return o.Code == code })
	if i < 0 {
		return Option{}, false
	}
	return f.Options[i], true
}

// SeesHidden tells whether the person may see hidden fields and their answers.
func (t Tracker) SeesHidden(a domain.Actor) bool { return t.May(a, domain.SeeInternal) }

// Unseen are the codes of the fields whose answers the person may not see, those
// that are out of use among them.
func (t Tracker) Unseen(a domain.Actor) []string {
	if t.SeesHidden(a) {
		return nil
	}
	return t.HiddenCodes()
}

// HiddenCodes are the codes of the fields that are hidden, those that are out of use among them.
func (t Tracker) HiddenCodes() []string {
	var codes []string
	for _, f := range slices.Concat(t.Fields, t.Former) {
		if f.Hidden {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// Ever is the field with the code, in use or not, if the tracker has ever had it.
func (t Tracker) Ever(code string) (Field, bool) {
	for _, f := range slices.Concat(t.Fields, t.Former) {
		if f.Code == code {
			return f, true
		}
	}
	return Field{}, false
}

// withField has the field in the place of the one with its code, or last.
func (t Tracker) withField(f Field) Tracker {
	t.Fields = slices.Clone(t.Fields)
	if i := t.fieldIndex(f.Code); i >= 0 {
		t.Fields[i] = f
	} else {
		t.Fields = append(t.Fields, f)
	}
	t.Former = slices.DeleteFunc(slices.Clone(t.Former), func(g Field) bool { return g.Code == f.Code })
	return t
}

func (t Tracker) withoutField(code string) Tracker {
	if f, ok := t.Field(code); ok {
		t.Former = append(slices.Clip(t.Former), f)
	}
	t.Fields = slices.DeleteFunc(slices.Clone(t.Fields), func(f Field) bool { return f.Code == code })
	return t
}

// SeenAs is the tracker as the person may see it: without the fields that are
// hidden from them and what goes by these, unless they configure it.
func (t Tracker) SeenAs(a domain.Actor) Tracker {
	if t.May(a, domain.Configure) {
		return t
	}
	t.Mirrors = nil
	unseen := t.Unseen(a)
	if len(unseen) == 0 {
		return t
	}
	hidden := func(f Field) bool { return slices.Contains(unseen, f.Code) }
	t.Fields = slices.DeleteFunc(slices.Clone(t.Fields), hidden)
	t.Former = slices.DeleteFunc(slices.Clone(t.Former), hidden)
	if slices.Contains(unseen, t.Assignment.Field) {
		t.Assignment.Field, t.Assignment.People = "", nil
	}
	return t
}

// Challenges tells whether the person must solve a challenge to post: who is no
// staff, where a field says so.
func (t Tracker) Challenges(a domain.Actor) bool {
	return !t.May(a, domain.ChangeState) && slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Type == Captcha && !f.Inactive })
}
