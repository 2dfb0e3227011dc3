package eventlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
)

// A disk that is full is the failure that can be had without a broken disk.
func TestAfterAFailedWriteNothingIsWrittenButAllIsRead(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 1)
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "events.db"), slog.New(slog.DiscardHandler), failed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	var pages int
	if err := s.journal.conn.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := s.journal.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages+5)); err != nil {
		t.Fatal(err)
	}
	acked := 0
	for ; err == nil; acked++ {
		_, err = s.Write(t.Context(), oneEvent())
	}
	acked-- // the last one was refused
	if !errors.Is(err, ErrFailed) || acked == 0 {
		t.Fatalf("got %v after %d appends, want the log to fail after some", err, acked)
	}
	if err := <-failed; err == nil {
		t.Error("the owner was not told why")
	}
	if _, err := s.Write(t.Context(), &Write{Stream: "tiny", Expected: ExpectAny}); !errors.Is(err, ErrFailed) {
		t.Errorf("got %v for a later append, want it refused", err)
	}
	records, err := s.reader.all(t.Context(), 0, math.MaxInt64, false, PageRows)
	if err != nil || len(records) != acked {
		t.Errorf("read %d events, %v; want the %d acknowledged", len(records), err, acked)
	}
}

func oneEvent() *Write {
	return &Write{Stream: "s", Expected: ExpectAny, Events: []Proposed{{ID: uuid.New(), Type: "t", Data: make([]byte, 1000)}}}
}

func TestAnAppendWhoseCallerIsGoneEnds(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "events.db"), slog.New(slog.DiscardHandler), make(chan error, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
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
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "events.db"), slog.New(slog.DiscardHandler), make(chan error, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	s.sequencer.end() // the group below is written by hand
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
	s.sequencer = nil // it has ended
}
