package linker

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"suivi/eventstore/embedded/eventlog"
)

// A disk that refuses leaves it open what of the last links has reached it.
func TestProjectionsGoOnWhenTheDiskWorksAgain(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		if os.Getenv("CI") == "true" { //nolint:forbidigo // tests tell CI from a developer's machine so
			t.Fatal("mounting a small disk takes root, which CI is to have")
		}
		t.Skip("mounting a small disk takes root")
	}
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=6m"); err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	})
	ballast := filepath.Join(folder, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 3<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	log := openLog(t, filepath.Join(folder, "events.db"))
	defer closeLog(t, log)
	l := start(t, log, All()...)
	defer l.Close()
	for refused := error(nil); refused == nil; {
		_, refused = log.Write(t.Context(), &eventlog.Write{Stream: "a-1", Expected: eventlog.ExpectAny, Events: []eventlog.Proposed{proposed("x", "{}")}})
		if _, unwritable := errors.AsType[*eventlog.UnwritableError](refused); refused != nil && !unwritable {
			t.Fatal(refused)
		}
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	deadline, tick := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for log.Failing() != nil {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("it has not recovered: %v", log.Failing())
		}
	}
	appendTo(t, log, "b-1", proposed("y", "{}"))
	caughtUp(t, log, l)
	wantLinks(t, log, 0, All()...)
}
