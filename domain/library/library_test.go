package library

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/tracker"
)

var (
	admin = domain.Actor{ID: "usr_admin", Admin: true}
	boss  = domain.Actor{ID: "usr_boss"}
	kind  = tracker.Field{Code: "kind", Type: tracker.Dropdown, Label: tracker.Label{FR: "Sorte", EN: "Kind"}, Options: []tracker.Option{{Code: "a"}, {Code: "b"}}}
	only  = tracker.Field{Code: "kind", Type: tracker.Dropdown, Options: []tracker.Option{{Code: "a"}}}
	day   = tracker.Field{Code: "kind", Type: tracker.Date}
)

func TestDecide(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given []Event
		when  Command
		by    domain.Actor
		facts Facts
		then  []Event
		code  string
	}{
		"an administrator defines":               {when: Define{kind}, by: admin, then: []Event{Defined{kind}}},
		"nobody else does":                       {when: Define{kind}, by: boss, code: "admin-only"},
		"nor deletes":                            {given: []Event{Defined{kind}}, when: Delete{"kind"}, by: boss, code: "admin-only"},
		"the same is nothing":                    {given: []Event{Defined{kind}}, when: Define{kind}, by: admin},
		"a change replaces":                      {given: []Event{Defined{kind}}, when: Define{only}, by: admin, facts: Facts{UsedBy: []domain.TrackerKey{"HELP"}, Answered: true}, then: []Event{Defined{only}}},
		"an option in use stays":                 {given: []Event{Defined{kind}}, when: Define{only}, by: admin, facts: Facts{UsedOptions: []string{"b"}}, code: "options option-in-use"},
		"a type changes while nobody uses it":    {given: []Event{Defined{kind}}, when: Define{day}, by: admin, then: []Event{Defined{day}}},
		"not where a tracker uses it":            {given: []Event{Defined{kind}}, when: Define{day}, by: admin, facts: Facts{UsedBy: []domain.TrackerKey{"HELP"}}, code: "type type-changed"},
		"not where tickets answered it once":     {given: []Event{Defined{kind}, Deleted{"kind"}}, when: Define{day}, by: admin, facts: Facts{Answered: true}, code: "type type-changed"},
		"a definition is checked as a field is":  {when: Define{tracker.Field{Code: "x", Type: tracker.Dropdown}}, by: admin, code: "options required"},
		"nobody in particular is a default":      {when: Define{tracker.Field{Code: "x", Type: tracker.User, Default: "usr_boss"}}, by: admin, code: "default not-allowed"},
		"what nobody uses is deleted":            {given: []Event{Defined{kind}}, when: Delete{"kind"}, by: admin, then: []Event{Deleted{"kind"}}},
		"what is used is not":                    {given: []Event{Defined{kind}}, when: Delete{"kind"}, by: admin, facts: Facts{UsedBy: []domain.TrackerKey{"HELP"}}, code: "field-in-use"},
		"what is deleted is not there":           {given: []Event{Defined{kind}, Deleted{"kind"}}, when: Delete{"kind"}, by: admin, code: "field-not-found"},
		"what never was is not there":            {when: Delete{"kind"}, by: admin, code: "field-not-found"},
		"what was deleted is defined once again": {given: []Event{Defined{kind}, Deleted{"kind"}}, when: Define{kind}, by: admin, then: []Event{Defined{kind}}},
	} {
		var l Library
		for _, e := range c.given {
			l = Evolve(l, e, domain.Meta{})
		}
		c.facts.Actor = c.by
		got, err := Decide(l, c.when, c.facts)
		if diff := cmp.Diff(c.then, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if code := codeOf(err); code != c.code {
			t.Errorf("%s: got %q, want %q", name, code, c.code)
		}
	}
}

// codeOf is the error's code; of wrong input, the first wrong part with its own.
func codeOf(err error) string {
	e, ok := errors.AsType[*domain.Error](err)
	switch {
	case !ok:
		return ""
	case len(e.Fields) > 0:
		return e.Fields[0].Field + " " + e.Fields[0].Code
	}
	return e.Code
}

func TestADeletedDefinitionIsKeptForThoseWhoCameToUseIt(t *testing.T) {
	t.Parallel()
	l := Evolve(Evolve(Library{}, Defined{kind}, domain.Meta{}), Deleted{"kind"}, domain.Meta{})
	if got := l.Shared()["kind"]; !got.Deleted || !got.Same(kind) {
		t.Errorf("got %+v", got)
	}
	if got, had := l.Definition("kind"); !had || !got.Deleted {
		t.Errorf("got %+v, %t", got, had)
	}
}

// The golden files are never edited: they are what stands in people's logs.
func TestStoredEventsAreReadForEver(t *testing.T) {
	t.Parallel()
	for name, event := range map[string]Event{definedV1: Defined{kind}, deletedV1: Deleted{"kind"}} {
		stored, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
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
	if e, err := Decode("field.defined.v9", []byte(`{}`)); err == nil {
		t.Errorf("got %v, want an error", e)
	}
	if e, err := Decode(definedV1, []byte(`{"field":7}`)); err == nil {
		t.Errorf("got %v, want an error", e)
	}
}
