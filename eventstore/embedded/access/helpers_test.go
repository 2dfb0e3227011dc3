package access

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"suivi/eventstore/embedded/eventlog"
)

// openLog opens an empty log for one test.
func openLog(t testing.TB) *eventlog.Log {
	t.Helper()
	log, err := eventlog.Open(t.Context(), eventlog.Config{Path: filepath.Join(t.TempDir(), "events.db"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return log
}

func control(t testing.TB, log *eventlog.Log) *Control {
	t.Helper()
	c, err := New(log, true)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// write appends one JSON event.
func write(t testing.TB, log *eventlog.Log, stream, typ, data string) {
	t.Helper()
	_, err := log.Write(t.Context(), &eventlog.Write{Stream: stream, Expected: eventlog.ExpectAny, Events: []eventlog.Proposed{
		{ID: uuid.New(), Type: typ, JSON: true, Data: []byte(data)},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func setMetadata(t testing.TB, log *eventlog.Log, stream, data string) {
	t.Helper()
	write(t, log, "$$"+stream, eventlog.MetadataType, data)
}
