package tracker

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"suivi/domain"
)

// problemsOf are an error's wrong parts, as "field code", sorted, else its code.
func problemsOf(err error) string {
	e, ok := errors.AsType[*domain.Error](err)
	if !ok {
		return ""
	}
	if len(e.Fields) == 0 {
		return e.Code
	}
	var all []string
	for _, f := range e.Fields {
		all = append(all, f.Field+" "+f.Code)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func on(code string, answers ...string) *Condition { return &Condition{Field: code, Answers: answers} }

var (
	kind   = Field{Code: "kind", Type: Dropdown, Options: abc}
	secret = Field{Code: "secret", Type: Radio, Options: abc, Hidden: true}
	parts  = Field{Code: "parts", Type: Checkbox, Options: abc}
	detail = Field{Code: "detail", Type: Text, Condition: on("kind", "a")}
)

func TestWhatAFieldMayBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given []Event
		field Field
		facts Facts
		want  string
	}{
		"no such type":                       {field: Field{Code: "f", Type: "colour"}, want: "type unknown-type"},
		"options where there are none":       {field: Field{Code: "f", Type: Number, Options: abc}, want: "options not-allowed"},
		"no options":                         {field: Field{Code: "f", Type: Checkbox}, want: "options required"},
		"side by side":                       {field: Field{Code: "f", Type: Checkbox, Options: abc, Layout: Horizontal}},
		"a dropdown side by side":            {field: Field{Code: "f", Type: Dropdown, Options: abc, Layout: Horizontal}, want: "layout not-allowed"},
		"another layout":                     {field: Field{Code: "f", Type: Radio, Options: abc, Layout: "round"}, want: "layout unknown-layout"},
		"a constant":                         {field: Field{Code: "f", Type: Constant, Source: SourceValue, Value: "x"}},
		"a constant of nothing":              {field: Field{Code: "f", Type: Constant, Source: SourceValue}, want: "value required"},
		"a constant of nowhere":              {field: Field{Code: "f", Type: Constant}, want: "source unknown-source"},
		"a value of elsewhere":               {field: Field{Code: "f", Type: Constant, Source: SourceSiteName, Value: "x"}, want: "value not-allowed"},
		"a text with a source":               {field: Field{Code: "f", Type: Text, Source: SourceSiteName}, want: "source not-allowed"},
		"a mandatory constant":               {field: Field{Code: "f", Type: Constant, Source: SourceSiteName, Mandatory: true}, want: "mandatory not-allowed"},
		"a mandatory page":                   {field: Field{Code: "f", Type: AutoURL, Mandatory: true}, want: "mandatory not-allowed"},
		"mandatory and hidden":               {field: Field{Code: "f", Type: Text, Mandatory: true, Hidden: true}, want: "mandatory hidden"},
		"a long label":                       {field: Field{Code: "f", Type: Text, Label: Label{FR: strings.Repeat("é", 256)}}, want: "label too-long"},
		"a long help":                        {field: Field{Code: "f", Type: Text, Help: Label{EN: strings.Repeat("é", 2001)}}, want: "help too-long"},
		"a default of an option":             {field: Field{Code: "f", Type: Radio, Options: abc, Default: "b"}},
		"a default of no option":             {field: Field{Code: "f", Type: Radio, Options: abc, Default: "z"}, want: "default unknown-option"},
		"a default of a retired option":      {field: Field{Code: "f", Type: Radio, Options: abc, Default: "old"}, want: "default retired-option"},
		"a default of a constant":            {field: Field{Code: "f", Type: Constant, Source: SourceSiteName, Default: "x"}, want: "default not-allowed"},
		"a default that is no number":        {field: Field{Code: "f", Type: Number, Default: "ten"}, want: "default not-a-number"},
		"a file that is asked for":           {field: Field{Code: "f", Type: File, Mandatory: true}},
		"a default file":                     {field: Field{Code: "f", Type: File, Default: "att_"}, want: "default not-allowed"},
		"a file in a list":                   {field: Field{Code: "f", Type: File, Listable: true}, want: "listable not-allowed"},
		"a condition on a file":              {given: []Event{FieldSet{Field{Code: "c", Type: File}}}, field: Field{Code: "f", Type: Text, Condition: on("c", "x")}, want: "condition.field no-answer"},
		"a captcha":                          {field: Field{Code: "f", Type: Captcha}},
		"a hidden captcha":                   {field: Field{Code: "f", Type: Captcha, Hidden: true}, want: "type not-allowed"},
		"a mandatory captcha":                {field: Field{Code: "f", Type: Captcha, Mandatory: true}, want: "mandatory not-allowed"},
		"a condition on a captcha":           {given: []Event{FieldSet{Field{Code: "c", Type: Captcha}}}, field: Field{Code: "f", Type: Text, Condition: on("c", "x")}, want: "condition.field no-answer"},
		"long texts in a list":               {field: Field{Code: "f", Type: Textarea, Listable: true}, want: "listable not-allowed"},
		"a text becomes lines":               {given: []Event{FieldSet{room}}, field: Field{Code: "room", Type: Textarea}, facts: Facts{Answered: true}},
		"lines do not become a text":         {given: []Event{FieldSet{Field{Code: "room", Type: Textarea}}}, field: room, facts: Facts{Answered: true}, want: "type type-changed"},
		"unless nobody has answered":         {given: []Event{FieldSet{Field{Code: "room", Type: Textarea}}}, field: room},
		"a dropdown becomes radio buttons":   {given: []Event{FieldSet{kind}}, field: Field{Code: "kind", Type: Radio, Options: abc}, facts: Facts{Answered: true}},
		"and several":                        {given: []Event{FieldSet{kind}}, field: Field{Code: "kind", Type: Checkbox, Options: abc}, facts: Facts{Answered: true}},
		"several do not become one":          {given: []Event{FieldSet{parts}}, field: Field{Code: "parts", Type: Radio, Options: abc}, facts: Facts{Answered: true}, want: "type type-changed"},
		"a code comes back with its type":    {given: []Event{FieldSet{room}, FieldRemoved{"room"}}, field: room, facts: Facts{Answered: true}},
		"and not with another":               {given: []Event{FieldSet{room}, FieldRemoved{"room"}}, field: Field{Code: "room", Type: Number}, facts: Facts{Answered: true}, want: "type type-changed"},
		"an option in use is not deleted":    {given: []Event{FieldSet{kind}}, field: Field{Code: "kind", Type: Dropdown, Options: abc[:2]}, facts: Facts{UsedOptions: []string{"c"}}, want: "options option-in-use"},
		"one that is not used is":            {given: []Event{FieldSet{kind}}, field: Field{Code: "kind", Type: Dropdown, Options: abc[:3]}, facts: Facts{Answered: true}},
		"nor deleted by coming back":         {given: []Event{FieldSet{kind}, FieldRemoved{"kind"}}, field: Field{Code: "kind", Type: Dropdown, Options: abc[:2]}, facts: Facts{UsedOptions: []string{"old"}}, want: "options option-in-use"},
		"a condition":                        {given: []Event{FieldSet{kind}}, field: detail},
		"a condition on nothing":             {field: detail, want: "condition.field unknown-field"},
		"a condition on itself":              {field: Field{Code: "kind", Type: Dropdown, Options: abc, Condition: on("kind", "a")}, want: "condition.field cycle"},
		"a condition round about":            {given: []Event{FieldSet{kind}, FieldSet{detail}}, field: Field{Code: "kind", Type: Dropdown, Options: abc, Condition: on("detail", "x")}, want: "condition.field cycle, condition.field cycle"},
		"a condition of no answer":           {given: []Event{FieldSet{kind}}, field: Field{Code: "x", Type: Text, Condition: on("kind")}, want: "condition.answers required"},
		"a condition of no option":           {given: []Event{FieldSet{kind}}, field: Field{Code: "x", Type: Text, Condition: on("kind", "z")}, want: "condition.answers unknown-option"},
		"a condition that no answer meets":   {given: []Event{FieldSet{Field{Code: "n", Type: Number}}}, field: Field{Code: "x", Type: Text, Condition: on("n", "07")}, want: "condition.answers bad-answer"},
		"a condition that tells":             {given: []Event{FieldSet{secret}}, field: Field{Code: "x", Type: Text, Condition: on("secret", "a")}, want: "condition.field hidden"},
		"a condition among the hidden":       {given: []Event{FieldSet{secret}}, field: Field{Code: "x", Type: Text, Hidden: true, Condition: on("secret", "a")}},
		"hiding what another depends on":     {given: []Event{FieldSet{kind}, FieldSet{detail}}, field: Field{Code: "kind", Type: Dropdown, Options: abc, Hidden: true}, want: "condition.field hidden"},
		"an option that another depends on":  {given: []Event{FieldSet{kind}, FieldSet{detail}}, field: Field{Code: "kind", Type: Dropdown, Options: abc[1:]}, want: "condition.answers unknown-option"},
		"what has nothing to do with others": {given: []Event{FieldSet{detail}}, field: room},
	} {
		_, err := Decide(given(desk(c.given...)...), SetField{c.field}, Facts{Actor: boss, Answered: c.facts.Answered, UsedOptions: c.facts.UsedOptions})
		if got := problemsOf(err); got != c.want {
			t.Errorf("%s: got %q (%v), want %q", name, got, err, c.want)
		}
	}
}

func TestADefaultIsKeptInItsCanonicalForm(t *testing.T) {
	t.Parallel()
	events, err := Decide(given(desk()...), SetField{Field{Code: "n", Type: Number, Default: "07,50"}}, Facts{Actor: boss})
	if err != nil || events[0].(FieldSet).Field.Default != "7.5" {
		t.Errorf("got %+v, %v", events, err)
	}
}

func TestAFieldThatAnotherDependsOnStays(t *testing.T) {
	t.Parallel()
	_, err := Decide(given(desk(FieldSet{kind}, FieldSet{detail})...), RemoveField{"kind"}, Facts{Actor: boss})
	if got := problemsOf(err); got != "field-needed" {
		t.Errorf("got %q", got)
	}
}

// kind=a asks for detail, detail=x for deep; parts with b or c asks for more.
func TestAFieldIsAskedWhereEveryConditionUpTheChainHolds(t *testing.T) {
	t.Parallel()
	deep, more := Field{Code: "deep", Type: Text, Condition: on("detail", "x")}, Field{Code: "more", Type: Text, Condition: on("parts", "b", "c")}
	desk := given(desk(FieldSet{kind}, FieldSet{parts}, FieldSet{detail}, FieldSet{deep}, FieldSet{more})...)
	for _, c := range []struct {
		answers map[string]string
		asked   string
	}{
		{nil, "kind parts"},
		{map[string]string{"kind": "b", "detail": "x"}, "kind parts"},
		{map[string]string{"kind": "a"}, "kind parts detail"},
		{map[string]string{"kind": "a", "detail": "x", "parts": "a"}, "kind parts detail deep"},
		{map[string]string{"parts": "a,c"}, "kind parts more"},
	} {
		var asked []string
		for _, f := range desk.Fields {
			if desk.Asks(f, c.answers) {
				asked = append(asked, f.Code)
			}
		}
		if got := strings.Join(asked, " "); got != c.asked {
			t.Errorf("%v: asked %q, want %q", c.answers, got, c.asked)
		}
	}
}

func TestATrackerIsSeenWithoutWhatGoesByHiddenFields(t *testing.T) {
	t.Parallel()
	for hidden, want := range map[bool]Assignment{true: {By: ByField}, false: byProduct} {
		field := product
		field.Hidden = hidden
		whole := given(desk(FieldSet{field}, Configured{Assignment: &byProduct})...)
		if got := whole.SeenAs(pupil); !got.Assignment.equal(want) || len(got.Fields) == 1 == hidden {
			t.Errorf("hidden %v: a reporter sees %+v and %+v", hidden, got.Assignment, got.Fields)
		}
		if got := whole.SeenAs(boss); !got.Assignment.equal(byProduct) || !whole.Assignment.equal(byProduct) {
			t.Errorf("hidden %v: a manager sees %+v", hidden, got.Assignment)
		}
	}
}
