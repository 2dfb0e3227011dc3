package redmine_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration"
	"suivi/integration/mirror"
	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

func TestCheckSaysExactlyWhatIsWrongBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	project := s.NewProject(t)
	createIn(t, client(t, s, testredmine.Manager), project, "One that was there before")
	proxy := testredmine.NewProxy(t, s.URL)
	proxy.Plan(func(r *http.Request) testredmine.Fault {
		if r.Method != http.MethodGet {
			t.Errorf("something was sent: %s %s", r.Method, r.URL)
		}
		return testredmine.None
	})
	good := func(login string, change func(*mirror.Place)) mirror.Place {
		at := place(t, s, project, login)
		at.Mirror.Site = proxy.URL
		if change != nil {
			change(&at)
		}
		return at
	}
	fixed := func(word, id string) func(*mirror.Place) {
		return func(at *mirror.Place) { at.Mirror.Fixed[word] = id }
	}
	both := func(more func(*mirror.Place)) func(*mirror.Place) {
		return func(at *mirror.Place) {
			at.Mirror.Direction = tracker.BothWays
			more(at)
		}
	}
	for name, c := range map[string]struct {
		at   mirror.Place
		want []string // "code where"
	}{
		"an administrator's key": {good(testredmine.Admin, nil), nil},
		"a manager's key":        {good(testredmine.Manager, nil), nil},
		"a developer's": {good(testredmine.Developer, nil), []string{
			"right-missing secret Edit notes", "right-missing secret View watchers list", "right-missing secret Add watchers", "right-missing secret Delete watchers", "sees-too-little secret"}},
		"a wrong key":              {good("nobody", nil), []string{"key-refused secret"}},
		"a stranger's":             {good(testredmine.Outsider, nil), []string{"project-missing project"}},
		"no project":               {good(testredmine.Manager, func(at *mirror.Place) { at.Mirror.Project = "none" }), []string{"project-missing project"}},
		"no Redmine":               {good(testredmine.Manager, func(at *mirror.Place) { at.Mirror.Site += "/none" }), []string{"not-redmine site"}},
		"no address":               {good(testredmine.Manager, func(at *mirror.Place) { at.Mirror.Site = "nowhere" }), []string{"bad-site site"}},
		"a state without a status": {good(testredmine.Manager, func(at *mirror.Place) { delete(at.Mirror.States, tracker.Waiting) }), []string{"state-unmapped states.waiting"}},
		"wrong statuses": {good(testredmine.Manager, func(at *mirror.Place) {
			at.Mirror.States[tracker.Open], at.Mirror.States[tracker.Resolved], at.Mirror.States[tracker.Working] = "99", "Closed", "5"
		}), []string{"status-unknown states.open", "status-closed states.working", "status-unknown states.resolved"}},
		"nothing to close with": {good(testredmine.Manager, func(at *mirror.Place) {
			for _, state := range tracker.States() {
				at.Mirror.States[state] = "1"
			}
		}), []string{"nothing-closes deletion"}},
		"both ways": {good(testredmine.Manager, both(func(*mirror.Place) {})), nil},
		"both ways, with a key that hears too little": {good(testredmine.Reporter, both(func(at *mirror.Place) { at.Mirror.Notes = false })), []string{
			"right-missing secret Edit issues", "right-missing secret Edit notes", "right-missing secret Manage issue relations", "right-missing secret View watchers list",
			"right-missing secret Add watchers", "right-missing secret Delete watchers", "right-missing secret View private notes", "sees-too-little secret"}},
		"both ways, and nobody is known":        {good(testredmine.Manager, both(func(at *mirror.Place) { at.Mirror.People = nil })), []string{"nobody-heard people"}},
		"both ways, with one who may nothing":   {good(testredmine.Manager, both(func(at *mirror.Place) { at.Mirror.Actor = zoe })), []string{"actor-without-role actor"}},
		"both ways, with one person twice":      {good(testredmine.Manager, both(func(at *mirror.Place) { at.Mirror.People[zoe] = at.Mirror.People[ben] })), []string{"person-twice people." + string(zoe)}},
		"no tracker":                            {good(testredmine.Manager, fixed(redmine.FixedTracker, "9")), []string{"tracker-unknown fixed.tracker"}},
		"no priority":                           {good(testredmine.Manager, fixed(redmine.FixedPriority, "x")), []string{"priority-unknown fixed.priority"}},
		"no field for the id":                   {good(testredmine.Manager, func(at *mirror.Place) { delete(at.Mirror.Fixed, redmine.FixedExternalID) }), []string{"external-id-missing fixed.external-id"}},
		"a field that is not there":             {good(testredmine.Admin, fixed(redmine.FixedExternalID, "77")), []string{"field-missing fixed.external-id"}},
		"the same, for who may not list fields": {good(testredmine.Manager, fixed(redmine.FixedExternalID, "77")), []string{"external-id-no-filter fixed.external-id"}},
		"a field that is no filter":             {good(testredmine.Admin, fixed(redmine.FixedExternalID, "2")), []string{"external-id-no-filter fixed.external-id"}},
		"the same for a manager":                {good(testredmine.Manager, fixed(redmine.FixedExternalID, "2")), []string{"external-id-no-filter fixed.external-id"}},
		"a field of many values":                {good(testredmine.Admin, fixed(redmine.FixedExternalID, "3")), []string{"external-id-format fixed.external-id"}},
		"words that are none": {good(testredmine.Manager, func(at *mirror.Place) {
			at.Mirror.Fixed["colour"], at.Mirror.Fixed[redmine.FixedFormatting] = "red", "html"
		}), []string{"unknown-word fixed.colour", "unknown-formatting fixed.formatting"}},
		"fields": {good(testredmine.Admin, func(at *mirror.Place) {
			at.Mirror.Fields["customer"] = tracker.FieldMapping{As: "colour"}
			at.Mirror.Fields["product"] = tracker.FieldMapping{As: redmine.AsField, ID: "3"} // “red” is not “Red”
			at.Mirror.Fields["seriousness"] = tracker.FieldMapping{As: redmine.AsField, ID: "88"}
			at.Mirror.Fields["urgency"] = tracker.FieldMapping{As: redmine.AsPriority, Answers: map[string]string{"low": "9"}}
		}), []string{"unknown-word fields.customer", "value-unknown fields.product.answers.red", "field-missing fields.seriousness",
			"priority-unknown fields.urgency.answers.low", "answer-unmapped fields.urgency.answers.high"}},
		"people": {good(testredmine.Admin, func(at *mirror.Place) { at.Mirror.People = map[domain.UserID]string{zoe: "jane", ann: "4711"} }),
			[]string{"person-unknown people." + string(ann), "person-unknown people." + string(zoe)}},
		"a person who is no member": {good(testredmine.Manager, func(at *mirror.Place) { at.Mirror.People[ben] = "4711" }), []string{"person-not-member people." + string(ben)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems, err := newTool().Check(t.Context(), c.at)
			succeed(t, err)
			var got []string
			for _, p := range problems {
				line := p.Code + " " + p.Where
				if p.Code == "right-missing" {
					line += " " + strings.Trim(p.Detail[strings.Index(p.Detail, "“")+3:strings.Index(p.Detail, "”")], "“”")
				}
				if got = append(got, line); p.Detail == "" || p.Mend == "" || strings.Contains(p.Detail+p.Mend, c.at.Secret.Reveal()) {
					t.Errorf("got %+v", p)
				}
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAProposalMapsWhatIsCalledAlikeAndPassesTheCheck(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	project := s.NewProject(t)
	want := place(t, s, project, testredmine.Admin)
	bare := mirror.Place{Tracker: want.Tracker, Secret: integration.NewSecret(testredmine.Key(testredmine.Admin)), Mirror: tracker.Mirror{Site: s.URL, Project: project}}
	got, err := newTool().Propose(t.Context(), bare, []domain.UserID{ann, ben, zoe})
	succeed(t, err)
	states := want.Mirror.States
	for _, unused := range []tracker.State{tracker.Transferred, tracker.Testing, tracker.Published} {
		delete(states, unused)
	}
	seriousness := want.Mirror.Fields["seriousness"]
	seriousness.Answers = map[string]string{"value-1": "Value 1", "value-2": "Value 2"}
	want.Mirror.Fields["seriousness"] = seriousness
	if diff := cmp.Diff(want.Mirror.Mapping, got.Mapping); diff != "" {
		t.Error(diff)
	}
	counts := map[string]int{}
	for word, choices := range got.Choices {
		counts[word] = len(choices)
	}
	if diff := cmp.Diff(map[string]int{"direction": 2, "formatting": 2, "status": 6, "priority": 5, "tracker": 3, "field": 7, "person": 3}, counts); diff != "" {
		t.Error(diff)
	}
	bare.Mirror.Mapping = got.Mapping
	if problems, err := newTool().Check(t.Context(), bare); err != nil || slices.ContainsFunc(problems, func(p mirror.Problem) bool { return p.Code != "" }) {
		t.Errorf("got %v, %v", problems, err)
	}
	// Without an administrator's key there are no custom fields to choose from.
	bare.Secret = integration.NewSecret(testredmine.Key(testredmine.Developer))
	if got, err = newTool().Propose(t.Context(), bare, nil); err != nil || len(got.Choices["field"]) > 0 || len(got.Mapping.Fields) != 1 {
		t.Errorf("got %+v, %v", got.Mapping, err)
	}
}
