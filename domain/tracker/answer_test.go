package tracker

import (
	"strings"
	"testing"

	"suivi/domain"
)

var (
	abc  = []Option{{Code: "a"}, {Code: "b"}, {Code: "c"}, {Code: "old", Retired: true}}
	long = strings.Repeat("é", 10_000)
)

// An answer is right when code is empty; then it is stored as want.
func TestAnswersOfEveryType(t *testing.T) {
	t.Parallel()
	type row struct{ given, want, code string }
	for kind, rows := range map[FieldType][]row{
		Text: {
			{" B12 ", "B12", ""}, {"07,50", "07,50", ""}, {strings.Repeat("é", 255), strings.Repeat("é", 255), ""},
			{strings.Repeat("é", 256), "", "too-long"}, {"a\nb", "", "not-one-line"}, {"a\x00", "", "not-text"}, {"a\xff", "", "not-text"},
		},
		Textarea: {
			{long, long, ""}, {"a\r\nb\n", "a\nb", ""}, {strings.Repeat("x", 64*1024+1), "", "too-long"}, {"a\x00", "", "not-text"},
		},
		Number: {
			{" 7 ", "7", ""}, {"007,50", "7.5", ""}, {"+.5", "0.5", ""}, {"-0", "0", ""}, {"-0.10", "-0.1", ""}, {"12.", "12", ""}, {"000", "0", ""},
			{"999999999999999.0123456789", "999999999999999.0123456789", ""},
			{"1e3", "", "not-a-number"}, {"1 000", "", "not-a-number"}, {"0x1", "", "not-a-number"}, {".", "", "not-a-number"}, {"-", "", "not-a-number"},
			{"1.2.3", "", "not-a-number"}, {"NaN", "", "not-a-number"}, {"1000000000000000", "", "too-long"}, {"0.00000000001", "", "too-long"},
		},
		Date: {
			{"2026-11-23", "2026-11-23", ""}, {"2026-1-3", "2026-01-03", ""}, {"2024-02-29", "2024-02-29", ""},
			{"2026-02-29", "", "not-a-date"}, {"23/11/2026", "", "not-a-date"}, {"0000-01-01", "", "not-a-date"}, {"2026-11-23T10:00:00Z", "", "not-a-date"},
		},
		Dropdown:    {{"a", "a", ""}, {" a", "a", ""}, {"old", "", "retired-option"}, {"d", "", "unknown-option"}, {"a,b", "", "unknown-option"}, {"A", "", "unknown-option"}},
		Radio:       {{"b", "b", ""}, {"old", "", "retired-option"}, {"b,", "", "unknown-option"}},
		Multiselect: {{"c,a", "a,c", ""}, {"b, a ,b", "a,b", ""}, {",", "", ""}, {"a,old", "", "retired-option"}, {"a,d", "", "unknown-option"}},
		Checkbox:    {{"b", "b", ""}, {"c,b,a", "a,b,c", ""}, {"d", "", "unknown-option"}},
		User:        {{string(pupil.ID), string(pupil.ID), ""}, {"usr_visitor", "", "unknown-user"}, {"Ada", "", "unknown-user"}},
		URL: {
			{"HTTPS://Example.org/A?b=c#d", "https://example.org/A?b=c#d", ""}, {"http://example.org", "http://example.org", ""},
			{"javascript:alert(1)", "", "not-a-url"}, {"example.org", "", "not-a-url"}, {"https://", "", "not-a-url"}, {"ftp://example.org", "", "not-a-url"},
			{"https://ada:secret@example.org/", "", "not-a-url"}, {"https://example.org/" + strings.Repeat("x", 2048), "", "too-long"},
		},
		AutoURL:  {{"https://example.org/page", "https://example.org/page", ""}, {"data:text/html,x", "", "not-a-url"}},
		Constant: {{"x", "", "not-editable"}},
		Captcha:  {{"123456", "", "not-editable"}},
	} {
		f := Field{Code: "f", Type: kind}
		if kind.HasOptions() {
			f.Options = abc
		}
		rows = append(rows, row{"", "", ""}, row{" \n", "", ""})
		for _, r := range rows {
			got, wrong := given(desk()...).Answer(f, r.given, "")
			if wrong.Code != r.code || got != r.want && r.code == "" || (wrong.Sentence == "") != (r.code == "") {
				t.Errorf("%s, %.40q: got %.40q, %+v; want %.40q, %q", kind, r.given, got, wrong, r.want, r.code)
			}
			if again, wrong := given(desk()...).Answer(f, got, ""); r.code == "" && (again != got || wrong != Wrong{}) {
				t.Errorf("%s: %.40q is not canonical: %.40q, %+v", kind, got, again, wrong)
			}
		}
	}
}

func TestWhatWasRightOnceMayStay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind                FieldType
		given, before, want string
		code                string
	}{
		{Dropdown, "old", "old", "old", ""}, {Dropdown, "gone", "gone", "gone", ""}, {Dropdown, "old", "gone", "", "retired-option"},
		{Checkbox, "old,b", "a,old", "b,old", ""}, {Checkbox, "gone,a", "gone", "a,gone", ""}, {Checkbox, "gone,a", "b", "", "unknown-option"},
		{Text, strings.Repeat("x", 300), strings.Repeat("x", 300), strings.Repeat("x", 300), ""}, {User, "usr_gone", "usr_gone", "usr_gone", ""},
	} {
		got, wrong := given(desk()...).Answer(Field{Code: "f", Type: c.kind, Options: abc}, c.given, c.before)
		if wrong.Code != c.code || wrong.Code == "" && got != c.want {
			t.Errorf("%s, %.20q after %.20q: got %.20q, %+v", c.kind, c.given, c.before, got, wrong)
		}
	}
}

func TestAConstantSaysWhatItsSourceSays(t *testing.T) {
	t.Parallel()
	desk := given(desk(Configured{Course: &Course{ID: "C-7", ShortName: "ALG", Name: "Algebra"}})...)
	site := Site{ShortName: "UB", Name: "University of B"}
	want := map[Source]string{
		SourceValue: "fixed", SourceSiteShortName: "UB", SourceSiteName: "University of B", SourceTrackerKey: "HELP",
		SourceCourseID: "C-7", SourceCourseShortName: "ALG", SourceCourseName: "Algebra",
	}
	if len(Sources()) != 7 || len(want) != 7 {
		t.Errorf("%d sources, want seven", len(Sources()))
	}
	for _, source := range Sources() {
		if got := desk.Constant(Field{Type: Constant, Source: source, Value: "fixed"}, site); got != want[source] {
			t.Errorf("%s: got %q, want %q", source, got, want[source])
		}
	}
}

func TestWhoSeesHiddenFieldsSeesThemOutOfUseToo(t *testing.T) {
	t.Parallel()
	secret, open := Field{Code: "secret", Type: Text, Hidden: true}, Field{Code: "room", Type: Text}
	desk := given(desk(FieldSet{secret}, FieldSet{open}, FieldRemoved{"secret"})...)
	for who, want := range map[domain.Actor]int{admin: 0, boss: 0, helper: 0, pupil: 1, visitor: 1} {
		if got := desk.Unseen(who); len(got) != want || want == 1 && got[0] != "secret" {
			t.Errorf("%s does not see %v", who.ID, got)
		}
	}
}
