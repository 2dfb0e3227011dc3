package tracker

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

// Every name ever stored, with an event that uses every part of it; parts that
// came later stand under the name, "~" and a word. The golden
// files are never edited: they are what stands in people's logs.
var golden = map[string]Event{
	createdV1: Created{Key: "HELP", Name: "Help desk", Mode: domain.Ticketing, Workflow: Strict},
	configuredV1: Configured{
		Name: new("Aide"), Mode: new(domain.Custom), Workflow: new(Relaxed), States: &[]State{Open, Resolved},
		Labels: map[State]Label{Open: {FR: "Vu", EN: "Seen"}}, DefaultAssignee: new(domain.UserID("usr_1")),
	},
	configuredV1 + "~newTickets": Configured{NewTickets: new(AtTop)},
	configuredV1 + "~texts": Configured{
		Intro: &Label{FR: "Bienvenue", EN: "Welcome"}, ThankYou: &Label{EN: "Thanks"}, ContactURL: new("https://example.org/help"), CommentsOff: new(true),
	},
	configuredV1 + "~migrate":    Configured{States: &[]State{Open, Working}, Migrate: map[State]State{Testing: Working, Blocked: Open}},
	configuredV1 + "~assignment": Configured{Assignment: &Assignment{By: ByField, Field: "product", People: map[string]domain.UserID{"a": "usr_1", "b": "usr_2"}}},
	configuredV1 + "~turn":       Configured{Assignment: &Assignment{By: ByRoundRobin, Among: []domain.UserID{"usr_2", "usr_1"}}},
	configuredV1 + "~backReport": Configured{BackReport: new(ReportResolve), ReportComments: new(true)},
	configuredV1 + "~course":     Configured{Course: &Course{ID: "C-7", ShortName: "ALG", Name: "Algebra"}},
	memberSetV1:                  MemberSet{User: "usr_1", Roles: []domain.Role{domain.Developer, domain.Resolver}},
	memberRemovedV1:              MemberRemoved{User: "usr_1"},
	fieldSetV1: FieldSet{Field{
		Code: "product", Type: Dropdown, Label: Label{"Produit", "Product"}, Mandatory: true,
		Options: []Option{{Code: "a", Label: Label{"Un", "One"}}, {Code: "b", Retired: true}},
	}},
	fieldSetV1 + "~types": FieldSet{Field{
		Code: "parts", Type: Checkbox, Options: []Option{{Code: "a"}}, Layout: Horizontal, Help: Label{"Lesquels ?", "Which?"}, Default: "a",
		Inactive: true, Hidden: true, Listable: true, Condition: &Condition{Field: "product", Answers: []string{"a", "b"}},
	}},
	fieldSetV1 + "~shared":   FieldSet{Field{Code: "kind", Type: Radio, Shared: true, Mandatory: true}},
	fieldSetV1 + "~constant": FieldSet{Field{Code: "site", Type: Constant, Source: SourceValue, Value: "Lab"}},
	fieldRemovedV1:           FieldRemoved{Code: "product"},
	fieldsOrderedV1:          FieldsOrdered{Codes: []string{"room", "product"}},
	rulesSetV1: RulesSet{Rules: []Rule{
		{From: Posted, To: Open, Roles: []domain.Role{domain.Developer}},
		{From: Testing, To: Validated, Roles: []domain.Role{domain.Reporter}, Own: true, Requires: Requirements()},
	}},
	rulesResetV1: RulesReset{},
	archivedV1:   Archived{},
	unarchivedV1: Unarchived{},
	rightsSetV1: RightsSet{domain.Reporter, domain.RightChanges{
		Granted: []domain.Right{domain.SeeAll}, Revoked: []domain.Right{domain.CommentOn, domain.EditOwn}}},
	rightsResetV1: RightsReset{domain.Reporter},
	mirrorSetV1: MirrorSet{Mirror{
		Tool: "redmine", Site: "https://redmine.example.org", Secret: "redmine", Project: "support", Direction: BothWays, Deletion: CloseTwin, Notes: true, Paused: true,
		Mapping: Mapping{
			States: map[State]string{Open: "1"}, People: map[domain.UserID]string{"usr_1": "jane"}, Fixed: map[string]string{"type": "3"},
			Fields: map[string]FieldMapping{"product": {As: "field", ID: "7", Answers: map[string]string{"a": "A"}}},
		},
	}},
	mirrorSetV1 + "~actor": MirrorSet{Mirror{Tool: "redmine", Site: "https://r.example.org", Secret: "key", Project: "p", Direction: BothWays, Deletion: KeepTwin, Actor: "usr_9"}},
	mirrorRemovedV1:        MirrorRemoved{"redmine"},
}

func TestStoredEventsAreReadForEver(t *testing.T) {
	t.Parallel()
	whole := func(stem string) string { name, _, _ := strings.Cut(stem, "~"); return name }
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) != len(golden) {
		t.Fatalf("%d golden files, %d golden events, %v: one for each name ever stored", len(files), len(golden), err)
	}
	for stem, event := range golden {
		name := whole(stem)
		if !slices.Contains(Types(), name) {
			t.Errorf("Types has no %s", name)
		}
		stored, err := os.ReadFile(filepath.Join("testdata", stem+".json"))
		if err != nil {
			t.Error(err)
			continue
		}
		got, err := Decode(name, stored)
		if diff := cmp.Diff(event, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		written, data, err := Encode(event)
		if err != nil || written != name || !bytes.Equal(data, bytes.TrimSpace(stored)) {
			t.Errorf("Encode(%T) = %s %s, %v; want %s %s", event, written, data, err, name, stored)
		}
	}
}

func TestUnknownAndBrokenEventsAreErrors(t *testing.T) {
	t.Parallel()
	if e, err := Decode("tracker.created.v9", []byte(`{}`)); err == nil {
		t.Errorf("got %v, want an error", e)
	}
	if e, err := Decode(createdV1, []byte(`{"key":7}`)); err == nil {
		t.Errorf("got %v, want an error", e)
	}
}
