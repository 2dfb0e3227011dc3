package eventlog

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func append1(t testing.TB, l *Log, stream string, n int) {
	t.Helper()
	for range n {
		w := &Write{Stream: stream, Expected: ExpectAny, Events: []Proposed{{ID: uuid.New(), Type: "t", Data: []byte("secret-" + stream)}}}
		if _, err := l.Write(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
}

func setMetadata(t testing.TB, l *Log, stream, metadata string) {
	t.Helper()
	w := &Write{Stream: MetastreamOf(stream), Expected: ExpectAny, Events: []Proposed{metadataEvent([]byte(metadata))}}
	if _, err := l.Write(t.Context(), w); err != nil {
		t.Fatal(err)
	}
}

// revisions are those that the file holds of a stream, hidden or not.
func revisions(t testing.TB, l *Log, stream string) string {
	t.Helper()
	records, err := l.All(t.Context(), 0, math.MaxInt64, false, PageRows)
	if err != nil {
		t.Fatal(err)
	}
	var revs []string
	for _, r := range records {
		if r.Stream == stream {
			revs = append(revs, fmt.Sprint(r.Rev))
		}
	}
	return strings.Join(revs, " ")
}

func TestScavengeTakesAwayWhatNobodyCanRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.db")
	l := openLogAt(t, path)
	for _, stream := range []string{"whole", "counted", "truncated", "deleted", "ended", "returned"} {
		append1(t, l, stream, 5)
	}
	setMetadata(t, l, "counted", `{"$maxCount":4}`)
	setMetadata(t, l, "counted", `{"$maxCount":2}`)
	setMetadata(t, l, "truncated", `{"$tb":3}`)
	for kind, streams := range map[Kind][]string{Delete: {"deleted", "returned"}, Tombstone: {"ended"}} {
		for _, stream := range streams {
			if _, err := l.Write(t.Context(), &Write{Kind: kind, Stream: stream, Expected: ExpectAny}); err != nil {
				t.Fatal(err)
			}
		}
	}
	append1(t, l, "returned", 1)
	done, err := l.Scavenge(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	// counted 3, truncated 3, deleted 4, ended 5, returned 5; of metastreams: counted 1, returned 1
	if done.Events != 22 || done.Bytes == 0 {
		t.Errorf("got %+v, want 22 events", done)
	}
	for stream, want := range map[string]string{
		"whole": "0 1 2 3 4", "counted": "3 4", "truncated": "3 4", "deleted": "4", "ended": "9223372036854775807",
		"returned": "5", "$$counted": "1", "$$returned": "1",
	} {
		if got := revisions(t, l, stream); got != want {
			t.Errorf("%s: got revisions %s, want %s", stream, got, want)
		}
	}
	if again, err := l.Scavenge(t.Context(), nil); err != nil || again.Events != 0 {
		t.Errorf("a second scavenge: %+v, %v", again, err)
	}
	append1(t, l, "deleted", 1)
	if got := revisions(t, l, "deleted"); got != "4 5" {
		t.Errorf("after an append the deleted stream has %s", got)
	}
	report, err := Verify(t.Context(), path, nil, nil)
	if err != nil || report.Scavenged != 22 {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestScavengeTakesAwayWhatIsTooOld(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.db")
	records := func(yield func(*Record, error) bool) {
		for rev, created := range []int64{1, 2, 3} {
			r := &Record{Pos: int64(10 * (rev + 1)), Stream: "s", Rev: int64(rev), Created: created, Proposed: Proposed{ID: uuid.New(), Type: "t"}}
			if !yield(r, nil) {
				return
			}
		}
	}
	if err := Import(t.Context(), path, records); err != nil {
		t.Fatal(err)
	}
	l := openLogAt(t, path)
	append1(t, l, "s", 2)
	setMetadata(t, l, "s", `{"$maxAge":3600}`)
	if done, err := l.Scavenge(t.Context(), nil); err != nil || done.Events != 3 {
		t.Errorf("got %+v, %v, want 3 events", done, err)
	}
	if got := revisions(t, l, "s"); got != "3 4" {
		t.Errorf("got %s", got)
	}
}

func TestImportKeepsPlacesAndRefusesDisorder(t *testing.T) {
	t.Parallel()
	record := func(pos, rev int64) *Record {
		return &Record{Pos: pos, Stream: "s", Rev: rev, Created: 7, Proposed: Proposed{ID: uuid.New(), Type: "t"}}
	}
	for name, test := range map[string]struct {
		records []*Record
		good    bool
	}{
		"rising, with gaps":  {[]*Record{record(5, 0), record(500, 7)}, true},
		"a position twice":   {[]*Record{record(5, 0), record(5, 1)}, false},
		"revisions in fall":  {[]*Record{record(5, 3), record(6, 2)}, false},
		"nothing is a log":   {nil, true},
		"many in one import": {manyRecords(3000), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "events.db")
			err := Import(t.Context(), path, func(yield func(*Record, error) bool) {
				for _, r := range test.records {
					if !yield(r, nil) {
						return
					}
				}
			})
			if (err == nil) != test.good {
				t.Fatal(err)
			}
			if !test.good {
				return
			}
			l := openLogAt(t, path)
			if n := len(test.records); n > 0 && l.End() != test.records[n-1].Pos {
				t.Errorf("the log ends at %d", l.End())
			}
			if report, err := Verify(t.Context(), path, nil, nil); err != nil || report.Events != int64(len(test.records)) {
				t.Errorf("got %+v, %v", report, err)
			}
			if err := Import(t.Context(), path, nil); err == nil {
				t.Error("a log was imported over another")
			}
		})
	}
}

func manyRecords(n int) []*Record {
	records := make([]*Record, n)
	for i := range records {
		records[i] = &Record{Pos: int64(i + 1), Stream: fmt.Sprintf("s%d", i%5), Rev: int64(i / 5), Proposed: Proposed{ID: uuid.New(), Type: "t"}}
	}
	return records
}

func TestABackupIsALog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.db")
	l := openLogAt(t, path)
	fillLog(t, l, 700)
	to := filepath.Join(t.TempDir(), "copy.db")
	report, err := Backup(t.Context(), path, to, nil)
	if err != nil || report.Events != 700 || report.LogID != l.ID() {
		t.Fatalf("got %+v, %v", report, err)
	}
	fillLog(t, l, 10)
	anchor := report.Anchor()
	if _, err := Verify(t.Context(), path, &anchor, nil); err != nil {
		t.Errorf("the log goes on from its backup: %v", err)
	}
	back := openLogAt(t, to)
	fillLog(t, back, 10)
	if again, err := Verify(t.Context(), to, &anchor, nil); err != nil || again.Events != 710 {
		t.Errorf("the backup as a log: %+v, %v", again, err)
	}
	if _, err := Backup(t.Context(), path, to, nil); err == nil {
		t.Error("a backup was written over another")
	}
}
