package ticket

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"suivi/domain"
	"suivi/domain/tracker"
)

func options(codes ...string) []tracker.Option {
	var all []tracker.Option
	for _, code := range codes {
		all = append(all, tracker.Option{Code: code})
	}
	return all
}

// form is a tracker that asks a lot.
func form(t *tracker.Tracker) {
	is := func(code string, answers ...string) *tracker.Condition {
		return &tracker.Condition{Field: code, Answers: answers}
	}
	t.Fields = []tracker.Field{
		{Code: "kind", Type: tracker.Dropdown, Options: options("soft", "hard"), Mandatory: true},
		{Code: "parts", Type: tracker.Checkbox, Options: options("cpu", "fan"), Mandatory: true, Condition: is("kind", "hard")},
		{Code: "blades", Type: tracker.Number, Default: "5", Condition: is("parts", "fan")},
		{Code: "site", Type: tracker.Constant, Source: tracker.SourceSiteName},
		{Code: "page", Type: tracker.AutoURL},
		{Code: "old", Type: tracker.Text, Inactive: true, Mandatory: true, Default: "never"},
		{Code: "risk", Type: tracker.Radio, Options: options("low", "high"), Hidden: true, Default: "low"},
		{Code: "grave", Type: tracker.Text, Hidden: true, Condition: is("kind", "hard")},
	}
}

type answers = map[string]string

func wrongParts(err error) string {
	e, ok := errors.AsType[*domain.Error](err)
	if !ok {
		return ""
	}
	var all []string
	for _, f := range e.Fields {
		all = append(all, f.Field+" "+f.Code)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func TestWhatAPostAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by          domain.Actor
		given, want answers
		wrong       string
	}{
		"the least":                     {pupil, answers{"kind": "soft"}, answers{"kind": "soft", "site": "Lab", "risk": "low"}, ""},
		"what is asked because of it":   {pupil, answers{"kind": "hard"}, nil, "answers.parts required"},
		"canonical, with defaults":      {pupil, answers{"kind": "hard", "parts": "fan,cpu", "page": " https://example.org/x "}, answers{"kind": "hard", "parts": "cpu,fan", "blades": "5", "site": "Lab", "page": "https://example.org/x", "risk": "low"}, ""},
		"no default where it is empty":  {pupil, answers{"kind": "hard", "parts": "fan", "blades": ""}, answers{"kind": "hard", "parts": "fan", "site": "Lab", "risk": "low"}, ""},
		"no default where it is given":  {pupil, answers{"kind": "hard", "parts": "fan", "blades": "3,0"}, answers{"kind": "hard", "parts": "fan", "blades": "3", "site": "Lab", "risk": "low"}, ""},
		"what is not asked":             {pupil, answers{"kind": "soft", "parts": "fan", "blades": "3"}, nil, "answers.blades not-asked, answers.parts not-asked"},
		"what is not asked, and empty":  {pupil, answers{"kind": "soft", "parts": ""}, answers{"kind": "soft", "site": "Lab", "risk": "low"}, ""},
		"blanks are no answer":          {pupil, answers{"kind": "  "}, nil, "answers.kind required"},
		"a wrong one is wrong once":     {pupil, answers{"kind": "x"}, nil, "answers.kind unknown-option"},
		"constants are the server's":    {pupil, answers{"kind": "soft", "site": "Mine"}, nil, "answers.site not-editable"},
		"inactive fields take no more":  {pupil, answers{"kind": "soft", "old": "x"}, nil, "answers.old inactive-field"},
		"hidden is like not there":      {pupil, answers{"kind": "soft", "risk": "high", "nil": "x"}, nil, "answers.nil unknown-field, answers.risk unknown-field"},
		"but for staff":                 {helper, answers{"kind": "hard", "parts": "cpu", "risk": "high", "grave": "Yes"}, answers{"kind": "hard", "parts": "cpu", "site": "Lab", "risk": "high", "grave": "Yes"}, ""},
		"hidden ones have conditions":   {helper, answers{"kind": "soft", "grave": "Yes"}, nil, "answers.grave not-asked"},
		"every wrong answer has a code": {pupil, answers{"kind": "hard", "parts": "fan,leg", "blades": "many", "page": "here"}, nil, "answers.blades not-a-number, answers.page not-a-url, answers.parts unknown-option"},
	} {
		events, err := Decide(Ticket{}, Post{Number: 1, Summary: "S", Answers: c.given},
			Facts{Tracker: help(form), Actor: c.by, OccurredAt: monday, Site: tracker.Site{Name: "Lab"}})
		if got := wrongParts(err); got != c.wrong {
			t.Errorf("%s: got %q, want %q", name, got, c.wrong)
		}
		if err == nil {
			if diff := cmp.Diff(c.want, events[0].(Posted).Answers); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

func TestWhatAnEditDoesToAnswers(t *testing.T) {
	t.Parallel()
	before := answers{"kind": "hard", "parts": "cpu,fan", "blades": "5", "site": "Lab", "page": "https://example.org/x", "old": "x", "risk": "low", "grave": "Yes"}
	for name, c := range map[string]struct {
		by          domain.Actor
		given, want answers
		wrong       string
	}{
		"what is not asked any more goes":     {pupil, answers{"kind": "soft"}, answers{"kind": "soft", "parts": "", "blades": ""}, ""},
		"also what is hidden, for who sees":   {boss, answers{"kind": "soft"}, answers{"kind": "soft", "parts": "", "blades": "", "grave": ""}, ""},
		"also where it is sent along":         {pupil, answers{"kind": "soft", "parts": "cpu,fan"}, answers{"kind": "soft", "parts": "", "blades": ""}, ""},
		"but nothing new":                     {pupil, answers{"kind": "soft", "parts": "fan"}, nil, "answers.parts not-asked"},
		"the same in another order":           {pupil, answers{"parts": "fan, cpu", "blades": "5.0"}, answers{}, ""},
		"a part of the chain":                 {pupil, answers{"parts": "cpu"}, answers{"parts": "cpu", "blades": ""}, ""},
		"mandatory ones are not taken away":   {pupil, answers{"parts": ""}, nil, "answers.parts required"},
		"a page is not edited":                {boss, answers{"page": ""}, nil, "answers.page not-editable"},
		"nor a constant":                      {boss, answers{"site": "Mine"}, nil, "answers.site not-editable"},
		"to name them as they are is nothing": {boss, answers{"site": "Lab", "page": "https://example.org/x"}, answers{}, ""},
		"inactive ones can still be mended":   {pupil, answers{"old": "y"}, answers{"old": "y"}, ""},
		"hidden is like not there":            {pupil, answers{"risk": "high"}, nil, "answers.risk unknown-field"},
		"but for staff":                       {boss, answers{"risk": "high"}, answers{"risk": "high"}, ""},
	} {
		events, err := Decide(given([]Event{Posted{Tracker: "HELP", Number: 1, Summary: "S", Answers: before, Reporter: pupil.ID}}),
			Edit{Answers: c.given}, Facts{Tracker: help(form), Actor: c.by, OccurredAt: monday})
		if got := wrongParts(err); got != c.wrong {
			t.Errorf("%s: got %q (%v), want %q", name, got, err, c.wrong)
		}
		changed := answers{}
		for _, e := range events {
			changed = e.(Edited).Answers
		}
		if diff := cmp.Diff(c.want, changed, cmpopts.EquateEmpty()); err == nil && diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatAnEditBringsAboutIsRequired(t *testing.T) {
	t.Parallel()
	soft := given([]Event{Posted{Tracker: "HELP", Number: 1, Summary: "S", Answers: answers{"kind": "soft"}, Reporter: pupil.ID}})
	old := given([]Event{Posted{Tracker: "HELP", Number: 1, Summary: "S", Reporter: pupil.ID}}) // from before there were fields
	for name, c := range map[string]struct {
		ticket Ticket
		edit   Edit
		wrong  string
	}{
		"asked because of it":            {soft, Edit{Answers: answers{"kind": "hard"}}, "answers.parts required"},
		"and answered":                   {soft, Edit{Answers: answers{"kind": "hard", "parts": "cpu"}}, ""},
		"not what was missing before":    {old, Edit{Summary: new("T")}, ""},
		"unless it is named and missing": {old, Edit{Answers: answers{"kind": ""}}, "answers.kind required"},
	} {
		_, err := Decide(c.ticket, c.edit, Facts{Tracker: help(form), Actor: pupil, OccurredAt: monday})
		if got := wrongParts(err); got != c.wrong {
			t.Errorf("%s: got %q, want %q", name, got, c.wrong)
		}
	}
}

func TestAMandatoryFieldOfEveryTypeIsAnswered(t *testing.T) {
	t.Parallel()
	right := map[tracker.FieldType]string{
		tracker.Text: "x", tracker.Textarea: strings.Repeat("x", 10_000), tracker.Number: "1", tracker.Date: "2026-11-23", tracker.Dropdown: "a",
		tracker.Radio: "a", tracker.Multiselect: "a,b", tracker.Checkbox: "b", tracker.User: string(helper.ID), tracker.URL: "https://example.org",
		tracker.File: string(scan),
	}
	for _, kind := range tracker.FieldTypes() {
		if kind.Fixed() {
			continue
		}
		f := tracker.Field{Code: "f", Type: kind, Mandatory: true}
		if kind.HasOptions() {
			f.Options = options("a", "b")
		}
		in := help(func(t *tracker.Tracker) { t.Fields = []tracker.Field{f} })
		nothing := []answers{nil, {"f": ""}, {"f": " \n\t"}}
		if kind.Multiple() {
			nothing = append(nothing, answers{"f": " , "})
		}
		for _, empty := range nothing {
			_, err := Decide(Ticket{}, Post{Number: 1, Summary: "S", Answers: empty}, Facts{Tracker: in, Actor: pupil, OccurredAt: monday, Files: scans(), MaxFileSize: 100})
			if got := wrongParts(err); got != "answers.f required" {
				t.Errorf("%s, %q: got %q", kind, empty, got)
			}
		}
		events, err := Decide(Ticket{}, Post{Number: 1, Summary: "S", Answers: answers{"f": right[kind]}}, Facts{Tracker: in, Actor: pupil, OccurredAt: monday, Files: scans(), MaxFileSize: 100})
		if err != nil || right[kind] == "" || events[0].(Posted).Answers["f"] != right[kind] {
			t.Errorf("%s: got %+v, %v", kind, events, err)
		}
	}
}

func TestATicketIsSeenWithoutHiddenAnswers(t *testing.T) {
	t.Parallel()
	whole := given([]Event{Posted{Tracker: "HELP", Number: 1, Summary: "S", Answers: answers{"kind": "soft", "risk": "high", "gone": "x"}, Reporter: pupil.ID}})
	in := help(form, func(t *tracker.Tracker) { t.Former = []tracker.Field{{Code: "gone", Type: tracker.Text, Hidden: true}} })
	for who, want := range map[domain.Actor]answers{pupil: {"kind": "soft"}, visitor: {"kind": "soft"}, helper: whole.Answers, boss: whole.Answers} {
		if diff := cmp.Diff(want, whole.SeenAs(who, in).Answers); diff != "" {
			t.Errorf("%s: %s", who.ID, diff)
		}
	}
	if len(whole.Answers) != 3 {
		t.Errorf("the ticket itself has changed: %v", whole.Answers)
	}
}

func TestACaptchaIsSolvedByAllButStaff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by       domain.Actor
		inactive bool
		solved   bool
		summary  string
		want     string
	}{
		"a reporter does not":         {pupil, false, false, "S", "captcha captcha-wrong"},
		"a reporter does":             {pupil, false, true, "S", ""},
		"a reporter need not":         {pupil, true, false, "S", ""},
		"a worker need not":           {helper, false, false, "S", ""},
		"what else is wrong is first": {pupil, false, false, "", "summary bad-length"},
	} {
		in := help(func(t *tracker.Tracker) {
			t.Fields = []tracker.Field{{Code: "human", Type: tracker.Captcha, Inactive: c.inactive}}
		})
		events, err := Decide(Ticket{}, Post{Number: 1, Summary: c.summary}, Facts{Tracker: in, Actor: c.by, OccurredAt: monday, Solved: c.solved})
		if got := wrongParts(err); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if err == nil && events[0].(Posted).Answers != nil {
			t.Errorf("%s: %+v is kept", name, events)
		}
	}
}

// The kept answer decides, not the given one: with its default, in its canonical form, also where nobody sees it.
func TestTheFirstAssigneeGoesByTheAnswerThatIsKept(t *testing.T) {
	t.Parallel()
	by := func(field string, people map[string]domain.UserID) tracker.Tracker {
		return help(form, func(t *tracker.Tracker) {
			t.Assignment = tracker.Assignment{By: tracker.ByField, Field: field, People: people}
		})
	}
	kinds, risks := map[string]domain.UserID{"soft": solver.ID}, map[string]domain.UserID{"low": helper.ID}
	for name, c := range map[string]struct {
		in    tracker.Tracker
		given answers
		want  domain.UserID
	}{
		"the answer":          {by("kind", kinds), answers{"kind": "soft"}, solver.ID},
		"with blanks":         {by("kind", kinds), answers{"kind": " soft "}, solver.ID},
		"a default, unseen":   {by("risk", risks), answers{"kind": "soft"}, helper.ID},
		"an answer of nobody": {by("kind", kinds), answers{"kind": "hard", "parts": "cpu"}, ""},
	} {
		events, err := Decide(Ticket{}, Post{Number: 1, Summary: "S", Answers: c.given}, Facts{Tracker: c.in, Actor: pupil, OccurredAt: monday})
		if got := given(events).Assignee; err != nil || got != c.want {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, c.want)
		}
	}
}
