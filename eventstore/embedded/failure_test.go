package embedded

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
	s, err := openStore(t.Context(), filepath.Join(t.TempDir(), "events.db"), slog.New(slog.DiscardHandler), failed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() })
	var pages int
	if err := s.journal.conn.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := s.journal.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages+5)); err != nil {
		t.Fatal(err)
	}
	acked := 0
	for ; err == nil; acked++ {
		_, err = s.do(t.Context(), oneEvent())
	}
	acked-- // the last one was refused
	if !errors.Is(err, errLogFailed) || acked == 0 {
		t.Fatalf("got %v after %d appends, want the log to fail after some", err, acked)
	}
	if err := <-failed; err == nil {
		t.Error("the owner was not told why")
	}
	if _, err := s.do(t.Context(), &write{stream: "tiny", expected: expectAny}); !errors.Is(err, errLogFailed) {
		t.Errorf("got %v for a later append, want it refused", err)
	}
	records, err := s.reader.all(t.Context(), 0, math.MaxInt64, false, pageRows)
	if err != nil || len(records) != acked+1 { // and $users
		t.Errorf("read %d events, %v; want the %d acknowledged and one", len(records), err, acked)
	}
}

func oneEvent() *write {
	return &write{stream: "s", expected: expectAny, events: []proposed{{id: uuid.New(), typ: "t", data: make([]byte, 1000)}}}
}

func TestAnAppendWhoseCallerIsGoneEnds(t *testing.T) {
	t.Parallel()
	s, err := openStore(t.Context(), filepath.Join(t.TempDir(), "events.db"), slog.New(slog.DiscardHandler), make(chan error, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 * queuedWrites { // none of them may block, whoever wins
		if _, err := s.do(ctx, oneEvent()); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

func TestMembersOfOneGroupSeeEachOther(t *testing.T) {
	t.Parallel()
	s, err := openStore(t.Context(), filepath.Join(t.TempDir(), "events.db"), slog.New(slog.DiscardHandler), make(chan error, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() })
	s.end() // the group below is written by hand
	first, again := oneEvent(), oneEvent()
	first.expected, again.expected, again.events = expectNoStream, expectNoStream, first.events
	other, next, remove, back := oneEvent(), oneEvent(), oneEvent(), oneEvent()
	other.expected, next.expected, back.expected = expectNoStream, 0, 1
	remove.kind, remove.expected, remove.events = softDelete, 1, nil
	gone := &write{kind: tombstone, stream: "s", expected: expectAny}
	outcomes, records, err := s.write([]*write{first, again, other, next, remove, back, gone, oneEvent()})
	if err != nil {
		t.Fatal(err)
	}
	want := []outcome{{last: 0, pos: 2}, {last: 0, pos: 2}, {}, {last: 1, pos: 3}, {last: 1, pos: 4}, {last: 2, pos: 6}, {last: tombstoneRevision, pos: 7}, {}}
	for i, o := range outcomes {
		if refused := i == 2 || i == 7; refused != (o.err != nil) {
			t.Errorf("write %d: got error %v", i, o.err)
		}
		if o.err = nil; o != want[i] {
			t.Errorf("write %d: got %+v, want %+v", i, o, want[i])
		}
	}
	if len(records) != 6 || string(records[3].data) != `{"$tb":2}` {
		t.Errorf("got %d records, want 6, the fourth undoing the deletion", len(records))
	}
	s.sequencer = nil // it has ended
}
