package linker

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"suivi/eventstore/embedded/eventlog"
)

// testing.T and rapid.T.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Context() context.Context
}

func openLog(t tester, path string) *eventlog.Log {
	t.Helper()
	log, err := eventlog.Open(t.Context(), eventlog.Config{Path: path, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("open the log: %v", err)
	}
	return log
}

func start(t tester, log *eventlog.Log, wanted ...Projection) *Linker {
	t.Helper()
	l, err := Open(t.Context(), log, slog.New(slog.DiscardHandler), wanted)
	if err != nil {
		t.Fatalf("open the linker: %v", err)
	}
	return l
}

// closeLog is for the end of a test.
func closeLog(t tester, log *eventlog.Log) {
	t.Helper()
	if err := log.Close(); err != nil {
		t.Errorf("close the log: %v", err)
	}
}

// caughtUp waits until projections have nothing left to do.
func caughtUp(t tester, log *eventlog.Log, l *Linker) {
	t.Helper()
	deadline, tick := time.After(time.Minute), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		end, all := log.End(), true
		for _, info := range l.Infos() {
			all = all && info.Position == end
		}
		if all && log.End() == end {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the projections are at %+v of %d", l.Infos(), end)
		}
	}
}

func proposed(typ, data string) eventlog.Proposed {
	return eventlog.Proposed{ID: uuid.New(), Type: typ, JSON: typ != "$>", Data: []byte(data)}
}

func appendTo(t tester, log *eventlog.Log, stream string, events ...eventlog.Proposed) {
	t.Helper()
	write(t, log, &eventlog.Write{Stream: stream, Expected: eventlog.ExpectAny, Events: events})
}

func write(t tester, log *eventlog.Log, w *eventlog.Write) {
	t.Helper()
	if _, err := log.Write(t.Context(), w); err != nil {
		t.Fatalf("write to %s: %v", w.Stream, err)
	}
}

func recordsAfter(t tester, log *eventlog.Log, pos int64) (records []*eventlog.Record) {
	t.Helper()
	for ; ; pos = records[len(records)-1].Pos {
		page, err := log.All(t.Context(), pos, log.End(), false, eventlog.PageRows)
		if err != nil {
			t.Fatalf("read the log: %v", err)
		}
		if len(page) == 0 {
			return records
		}
		records = append(records, page...)
	}
}

func isLinkStream(name string) bool {
	return name == "$streams" || slices.ContainsFunc([]string{"$ce-", "$et-", "$category-"}, func(prefix string) bool {
		return strings.HasPrefix(name, prefix)
	})
}

// wantLinks checks what the log has after a position, up to which all was linked:
// in each link stream nothing is missing, doubled or out of order.
func wantLinks(t tester, log *eventlog.Log, after int64, wanted ...Projection) {
	t.Helper()
	got, want, next := map[string][]string{}, map[string][]string{}, map[string]int64{}
	for _, r := range recordsAfter(t, log, after) {
		if isLinkStream(r.Stream) && r.Rev < math.MaxInt64 {
			if at, ok := next[r.Stream]; r.Rev != at && (ok || after == 0) {
				t.Errorf("%s has revision %d in the place of %d", r.Stream, r.Rev, at)
			}
			got[r.Stream], next[r.Stream] = append(got[r.Stream], string(r.Data)), r.Rev+1
		}
		for _, p := range wanted {
			if l, ok := p.rule()(r); ok && passes(r.Stream) {
				want[l.stream] = append(want[l.stream], l.data)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("link streams (-want +got):\n%s", diff)
	}
}

func TestLinksTellWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	log := openLog(t, filepath.Join(t.TempDir(), "events.db"))
	defer closeLog(t, log)
	event := proposed("placed", "{}")
	appendTo(t, log, "order-7", event)
	l := start(t, log, All()...)
	defer l.Close()
	caughtUp(t, log, l)
	id := event.ID.String()
	want := map[string]string{
		"$ce-order":       `{"$v":"1:-1:1:4","$c":1,"$p":1,"$o":"order-7","$causedBy":"` + id + `"}`,
		"$et-placed":      `{"$v":"1:-1:1:4","$c":1,"$p":1,"$causedBy":"` + id + `"}`,
		"$streams":        `{"$v":"1:-1:1:4","$c":1,"$p":1,"$causedBy":"` + id + `"}`,
		"$category-order": `{"$v":"1:-1:1:4","$c":1,"$p":1,"$causedBy":"` + id + `"}`,
	}
	got, metadata := map[string]string{}, map[string]string{}
	for _, r := range recordsAfter(t, log, 1) {
		if original, isMeta := eventlog.OriginalOf(r.Stream); isMeta {
			metadata[original] = string(r.Data)
			continue
		}
		got[r.Stream] = string(r.Metadata)
		if metadata[r.Stream] != `{"$acl":{"$r":"$all","$mr":"$all"}}` {
			t.Errorf("%s has the metadata %s before its first link", r.Stream, metadata[r.Stream])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metadata of links (-want +got):\n%s", diff)
	}
}

// Whatever is written, and whenever projections are stopped and started, their
// streams are what they would be had they run all the time.
func TestLinksAreExactlyOnceOverAnyHistory(t *testing.T) {
	t.Parallel()
	log := openLog(t, filepath.Join(t.TempDir(), "events.db"))
	defer closeLog(t, log)
	wanted := All()
	var run int
	rapid.Check(t, func(rt *rapid.T) {
		run++
		before := log.End()
		l := start(rt, log, wanted...)
		defer func() { l.Close() }()
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			if rapid.IntRange(0, 5).Draw(rt, "restart") == 0 {
				l.Close()
				l = start(rt, log, wanted...)
			}
			writeAnything(rt, log, run)
		}
		caughtUp(rt, log, l)
		wantLinks(rt, log, before, wanted...)
	})
}

// writeAnything writes to one of a few streams that are this run's own.
func writeAnything(rt *rapid.T, log *eventlog.Log, run int) {
	stream := rapid.SampledFrom([]string{"a%d-1", "a%d-2", "b%d-1", "b%d", "$system-%d", "$$a%d-1", "-%d"}).Draw(rt, "stream")
	w := &eventlog.Write{Stream: fmt.Sprintf(stream, run), Expected: eventlog.ExpectAny}
	for range rapid.IntRange(1, 5).Draw(rt, "events") {
		w.Events = append(w.Events, proposed(rapid.SampledFrom([]string{"x", "y", "$>"}).Draw(rt, "type"), "0@a-1"))
	}
	switch rapid.IntRange(0, 12).Draw(rt, "kind") {
	case 0:
		w.Kind, w.Events = eventlog.Delete, nil
	case 1:
		w.Kind, w.Events = eventlog.Tombstone, nil
	case 2: // a long way, so that checkpoints come
		for range 300 {
			w.Events = append(w.Events, proposed("z", "{}"))
		}
	}
	_, _ = log.Write(rt.Context(), w) // refused when the stream is gone: that is a history too
}

// A checkpoint is a short cut: the link streams themselves tell how far they are.
func TestALostCheckpointDoublesNothing(t *testing.T) {
	t.Parallel()
	checkpoints := ByCategory.checkpoints()
	for name, lose := range map[string]func(*testing.T, *eventlog.Log){
		"deleted": func(t *testing.T, log *eventlog.Log) {
			t.Helper()
			write(t, log, &eventlog.Write{Kind: eventlog.Delete, Stream: checkpoints, Expected: eventlog.ExpectAny})
		},
		"ended for ever": func(t *testing.T, log *eventlog.Log) {
			t.Helper()
			write(t, log, &eventlog.Write{Kind: eventlog.Tombstone, Stream: checkpoints, Expected: eventlog.ExpectAny})
			_, err := log.Scavenge(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
		},
		"overwritten": func(t *testing.T, log *eventlog.Log) {
			t.Helper()
			appendTo(t, log, checkpoints, proposed(checkpointType, "{}"), proposed("other", "?"))
			if _, err := log.Scavenge(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		},
		"in the future": func(t *testing.T, log *eventlog.Log) {
			t.Helper()
			forged := proposed(checkpointType, "{}")
			forged.Metadata = []byte(`{"$c":1000000}`)
			appendTo(t, log, checkpoints, forged, forged, forged)
			if _, err := log.Scavenge(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := openLog(t, filepath.Join(t.TempDir(), "events.db"))
			defer closeLog(t, log)
			fill(t, log, 5)
			l := start(t, log, ByCategory)
			caughtUp(t, log, l)
			l.Close()
			lose(t, log)
			fill(t, log, 1)
			l = start(t, log, ByCategory)
			defer l.Close()
			caughtUp(t, log, l)
			wantLinks(t, log, 0, ByCategory)
		})
	}
}

// fill writes hundreds of events to streams of two categories.
func fill(t tester, log *eventlog.Log, hundreds int) {
	t.Helper()
	for i := range hundreds {
		for _, category := range []string{"a", "b"} {
			events := make([]eventlog.Proposed, 200)
			for n := range events {
				events[n] = proposed("x", "{}")
			}
			appendTo(t, log, fmt.Sprintf("%s-%d", category, i), events...)
		}
	}
}

func TestACheckpointSparesTheWayAndTwoAreKept(t *testing.T) {
	t.Parallel()
	log := openLog(t, filepath.Join(t.TempDir(), "events.db"))
	defer closeLog(t, log)
	fill(t, log, 20)
	l := start(t, log, Streams) // few links on a long way
	caughtUp(t, log, l)
	l.Close()
	f, err := newFollower(Streams, log, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if behind := log.End() - f.position.Load(); behind > passedPerCheckpoint+eventlog.PageRows {
		t.Errorf("it would begin at %d of %d", f.position.Load(), log.End())
	}
	st, err := log.FindStream(t.Context(), Streams.checkpoints())
	if err != nil {
		t.Fatal(err)
	}
	if first, _ := st.Window(time.Now()); st.Last < 4 || first != st.Last-1 {
		t.Errorf("of %d checkpoints those from %d on are kept", st.Last+1, first)
	}
}

func TestWhatOthersWriteToALinkStreamStays(t *testing.T) {
	t.Parallel()
	log := openLog(t, filepath.Join(t.TempDir(), "events.db"))
	defer closeLog(t, log)
	appendTo(t, log, "a-1", proposed("x", "{}"))
	l := start(t, log, ByCategory)
	caughtUp(t, log, l)
	l.Close()
	for range 3 * lookBack {
		appendTo(t, log, "$ce-a", proposed("note", "{}"))
	}
	forged := proposed("$>", "0@b-1")
	forged.Metadata = []byte(`{"$c":1000000}`)
	appendTo(t, log, "$ce-a", forged)
	appendTo(t, log, "a-1", proposed("x", "{}"))
	l = start(t, log, ByCategory)
	defer l.Close()
	caughtUp(t, log, l)
	var got []string
	for _, r := range recordsAfter(t, log, 0) {
		if r.Stream == "$ce-a" && r.Type == "$>" {
			got = append(got, fmt.Sprintf("%d: %s", r.Rev, r.Data))
		}
	}
	if diff := cmp.Diff([]string{"0: 0@a-1", "97: 0@b-1", "98: 1@a-1"}, got); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

func TestALinkStreamThatWasDeletedGoesOnWithItsNumbers(t *testing.T) {
	t.Parallel()
	log := openLog(t, filepath.Join(t.TempDir(), "events.db"))
	defer closeLog(t, log)
	l := start(t, log, ByCategory, ByEventType)
	appendTo(t, log, "a-1", proposed("x", "{}"), proposed("x", "{}"))
	caughtUp(t, log, l)
	write(t, log, &eventlog.Write{Kind: eventlog.Delete, Stream: "$ce-a", Expected: eventlog.ExpectAny})
	write(t, log, &eventlog.Write{Kind: eventlog.Tombstone, Stream: "$et-x", Expected: eventlog.ExpectAny})
	l.Close()
	appendTo(t, log, "a-1", proposed("x", "{}"))
	l = start(t, log, ByCategory, ByEventType)
	defer l.Close()
	caughtUp(t, log, l)
	for stream, last := range map[string]int64{"$ce-a": 2, "$et-x": math.MaxInt64} {
		st, err := log.FindStream(t.Context(), stream)
		if err != nil {
			t.Fatal(err)
		}
		if st.Last != last {
			t.Errorf("%s ends at %d, want %d", stream, st.Last, last)
		}
	}
}
