package eventlog

import (
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
)

// smallDisk is a file system of so many bytes.
func smallDisk(t *testing.T, options string) string {
	t.Helper()
	folder := t.TempDir()
	if os.Geteuid() != 0 {
		if os.Getenv("CI") == "true" { //nolint:forbidigo // tests tell CI from a developer's machine so
			t.Fatal("mounting a small disk takes root, which CI is to have")
		}
		t.Skip("mounting a small disk takes root")
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, options); err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// fillUp appends until the log refuses, and returns how many were acknowledged.
func fillUp(t *testing.T, l *Log) (acked int) {
	t.Helper()
	for {
		w := &Write{Stream: "s", Expected: int64(acked) - 1, Events: []Proposed{{ID: uuid.New(), Type: "t", Data: make([]byte, 5000)}}}
		_, err := l.Write(t.Context(), w)
		if err == nil {
			acked++
			continue
		}
		if _, unwritable := errors.AsType[*UnwritableError](err); !unwritable || acked == 0 {
			t.Fatalf("after %d appends: %v, want the disk to refuse", acked, err)
		}
		return acked
	}
}

func TestAFullDiskRefusesWritesUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	folder := smallDisk(t, "size=4m")
	ballast := filepath.Join(folder, "ballast")
	write(t, ballast, make([]byte, 1<<20))
	path := filepath.Join(folder, "events.db")
	l, err := Open(t.Context(), Config{Path: path, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	acked := fillUp(t, l)
	if l.Failing() == nil {
		t.Error("the log does not say that it fails")
	}
	wantEvents(t, l, acked)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	deadline, tick := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for l.Failing() != nil {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("it has not recovered: %v", l.Failing())
		}
	}
	append1(t, l, "after", 1)
	wantEvents(t, l, acked)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(t.Context(), path, nil, nil); err != nil {
		t.Error(err)
	}
}

// wantEvents checks that all that was acknowledged can be read, and no more than
// one event of which nobody knew.
func wantEvents(t *testing.T, l *Log, acked int) {
	t.Helper()
	st, err := l.FindStream(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	var got int
	for from := int64(0); ; {
		page, err := l.Revisions(t.Context(), st, from, math.MaxInt64, false, PageRows)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		got, from = got+len(page), page[len(page)-1].Rev+1
	}
	if got != acked && got != acked+1 {
		t.Errorf("%d events can be read, %d were acknowledged", got, acked)
	}
}

// Followers are shown what reached the disk although its writer was refused.
func TestWhatReachedTheDiskAfterAllIsPublished(t *testing.T) {
	t.Parallel()
	l := openLog(t)
	append1(t, l, "s", 3)
	s := l.sequencer
	close(s.stop) // what follows is done by hand
	s.ending.Wait()
	if _, _, err := s.write([]*Write{oneEvent()}); err != nil {
		t.Fatal(err)
	}
	s.fail(errors.New("the answer of the disk was lost")) // as if that commit had failed
	if l.Failing() == nil || l.End() != 3 {
		t.Errorf("failing: %v, the end: %d", l.Failing(), l.End())
	}
	s.recover()
	if l.Failing() != nil || l.End() != 4 {
		t.Errorf("after recovery failing: %v, the end: %d", l.Failing(), l.End())
	}
	s.start()
	append1(t, l, "s", 1)
	page, _, ok := l.After(3, 10)
	if !ok || len(page) != 2 || page[0].Pos != 4 {
		t.Errorf("the tail has %d events after position 3, %v", len(page), ok)
	}
}
