package eventlog

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
)

// openLog opens a new log that the test closes.
func openLog(t testing.TB) *Log { return openLogAt(t, filepath.Join(t.TempDir(), "events.db")) }

func openLogAt(t testing.TB, path string) *Log {
	t.Helper()
	l, err := Open(t.Context(), Config{Path: path, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return l
}

func oneEvent() *Write {
	return &Write{Stream: "s", Expected: ExpectAny, Events: []Proposed{{ID: uuid.New(), Type: "t", Data: make([]byte, 1000)}}}
}

func TestAnAppendWhoseCallerIsGoneEnds(t *testing.T) {
	t.Parallel()
	s := openLog(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 * queuedWrites { // none of them may block, whoever wins
		if _, err := s.Write(ctx, oneEvent()); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

func TestMembersOfOneGroupSeeEachOther(t *testing.T) {
	t.Parallel()
	s := openLog(t)
	first, again := oneEvent(), oneEvent()
	first.Expected, again.Expected, again.Events = ExpectNoStream, ExpectNoStream, first.Events
	other, next, remove, back := oneEvent(), oneEvent(), oneEvent(), oneEvent()
	other.Expected, next.Expected, back.Expected = ExpectNoStream, 0, 1
	remove.Kind, remove.Expected, remove.Events = Delete, 1, nil
	gone := &Write{Kind: Tombstone, Stream: "s", Expected: ExpectAny}
	outcomes, records, err := s.sequencer.write([]*Write{first, again, other, next, remove, back, gone, oneEvent()})
	if err != nil {
		t.Fatal(err)
	}
	want := []Outcome{{Last: 0, Pos: 1}, {Last: 0, Pos: 1}, {}, {Last: 1, Pos: 2}, {Last: 1, Pos: 3}, {Last: 2, Pos: 5}, {Last: TombstoneRevision, Pos: 6}, {}}
	for i, o := range outcomes {
		if refused := i == 2 || i == 7; refused != (o.err != nil) {
			t.Errorf("write %d: got error %v", i, o.err)
		}
		if o.err = nil; o != want[i] {
			t.Errorf("write %d: got %+v, want %+v", i, o, want[i])
		}
	}
	if len(records) != 6 || string(records[3].Data) != `{"$tb":2}` {
		t.Errorf("got %d records, want 6, the fourth undoing the deletion", len(records))
	}
}
