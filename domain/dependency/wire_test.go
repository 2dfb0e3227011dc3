package dependency

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every name ever stored. The golden files are never edited: they are what
// stands in people's logs.
var golden = map[string]Event{
	addedV1:   Added{Ticket: "HELP-7", Prerequisite: "DESK-2"},
	removedV1: Removed{Ticket: "HELP-7", Prerequisite: "DESK-2"},
}

func TestStoredEventsAreReadForEver(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) != len(golden) {
		t.Fatalf("%d golden files, %d golden events, %v: one for each name ever stored", len(files), len(golden), err)
	}
	for name, event := range golden {
		stored, err := os.ReadFile(filepath.Join("testdata", name+".json"))
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
	if e, err := Decode("dependencies.added.v9", []byte(`{}`)); err == nil {
		t.Errorf("got %v, want an error", e)
	}
	if e, err := Decode(addedV1, []byte(`{"ticket":7}`)); err == nil {
		t.Errorf("got %v, want an error", e)
	}
}
