package eventlog

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// fillLog appends n events to a few streams.
func fillLog(t testing.TB, l *Log, n int) {
	t.Helper()
	for i := range n {
		w := &Write{Stream: fmt.Sprintf("s-%d", i%7), Expected: ExpectAny, Events: []Proposed{
			{ID: uuid.New(), Type: "t", JSON: true, Data: fmt.Appendf(nil, `{"n":%d,"text":%q}`, i, strings.Repeat("x", i%900))},
		}}
		if _, err := l.Write(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
}

// closedLog is a log of n events that nobody has open.
func closedLog(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.db")
	l, err := Open(t.Context(), Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	fillLog(t, l, n)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestVerifyWalksAWholeLog(t *testing.T) {
	t.Parallel()
	path := closedLog(t, 1200)
	report, err := Verify(t.Context(), path, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Events != 1200 || report.Position != 1200 || report.InWAL != 0 || report.Pages < 100 {
		t.Errorf("got %+v", report)
	}
	anchor := report.Anchor()
	l := openLogAt(t, path)
	fillLog(t, l, 300)
	again, err := Verify(t.Context(), path, &anchor, nil) // while the log is open
	if err != nil || again.Events != 1500 || again.InWAL == 0 {
		t.Errorf("got %+v, %v", again, err)
	}
}

func TestOneFlippedByteIsFound(t *testing.T) {
	t.Parallel()
	path := closedLog(t, 1500)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	at := []int{0, 16, 24, 40, 60, 99, 100, len(whole) - 1}
	for page := 0; page < len(whole); page += 4096 {
		at = append(at, page+random.IntN(4096))
	}
	for _, i := range at {
		flipped := append([]byte{}, whole...)
		flipped[i] ^= byte(1 << random.IntN(8))
		damaged := filepath.Join(t.TempDir(), "events.db")
		write(t, damaged, flipped)
		copyFile(t, sumsPath(path), sumsPath(damaged))
		var found *DamageError
		if _, err := Verify(t.Context(), damaged, nil, nil); !errors.As(err, &found) {
			t.Errorf("byte %d: got %v, want the damage", i, err)
		}
	}
}

func write(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	write(t, to, content)
}

// Who changes the log with SQLite's own tools and mends the page sums is betrayed by the chain.
func TestWhatDoesNotFitTheChainIsNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ change, want string }{
		"changed data":     {`UPDATE events SET data = x'7b7d' WHERE pos = 500`, "position 500 (stream"},
		"changed type":     {`UPDATE events SET type = 'u' WHERE pos = 2`, "position 2 (stream"},
		"a later time":     {`UPDATE events SET created = created + 1 WHERE pos = 1`, "position 1 (stream"},
		"left out":         {`DELETE FROM events WHERE pos = 700`, "between it and position 699"},
		"left out at once": {`DELETE FROM events WHERE pos <= 3`, "position 4 (stream"},
		"scavenged badly":  {`INSERT INTO scavenged SELECT pos, link FROM events WHERE pos = 9; DELETE FROM events WHERE pos = 9`, "position 10 (stream"},
		"another stream":   {`UPDATE streams SET name = 'other' WHERE name = 's-3'`, "position 4 (stream"},
		"another log":      {`UPDATE log SET id = randomblob(16)`, "position 1 (stream"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := closedLog(t, 800)
			tamper(t, path, test.change)
			_, err := Verify(t.Context(), path, nil, nil)
			var found *DamageError
			if !errors.As(err, &found) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// tamper changes a log behind its back and makes the page sums fit.
func tamper(t testing.TB, path, change string) {
	t.Helper()
	db, err := openWriter(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(sumsPath(path)); err != nil {
		t.Fatal(err)
	}
	sums, err := openPageSums(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(sums.sumAll(), sums.close()); err != nil {
		t.Fatal(err)
	}
}

// With the whole chain made anew, only what was kept elsewhere tells.
func TestACheckpointBetraysANewChain(t *testing.T) {
	t.Parallel()
	path := closedLog(t, 400)
	report, err := Verify(t.Context(), path, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	anchor := report.Anchor()
	tamper(t, path, `UPDATE events SET data = x'7b7d' WHERE pos = 100`)
	rechain(t, path)
	if _, err := Verify(t.Context(), path, nil, nil); err != nil {
		t.Fatalf("a consistent log: %v", err)
	}
	for name, wrong := range map[string]Anchor{
		"a changed event":  anchor,
		"a missing end":    {LogID: anchor.LogID, Position: 401, Link: anchor.Link},
		"a missing event":  {LogID: anchor.LogID, Position: 0, Link: anchor.Link},
		"of another log":   {LogID: uuid.New(), Position: anchor.Position, Link: anchor.Link},
		"a link cut short": {LogID: anchor.LogID, Position: anchor.Position, Link: anchor.Link[:5]},
	} {
		var found *DamageError
		if _, err := Verify(t.Context(), path, &wrong, nil); !errors.As(err, &found) {
			t.Errorf("%s: got %v, want damage", name, err)
		}
	}
}

func rechain(t testing.TB, path string) {
	t.Helper()
	db, err := openWriter(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), eventColumns+"ORDER BY e.pos")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var id []byte
	var records []*Record
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRowContext(t.Context(), "SELECT id FROM log").Scan(&id); err != nil {
		t.Fatal(err)
	}
	at := firstLink(uuid.UUID(id))
	for _, r := range records {
		at = nextLink(at, r.digest())
		if _, err := db.ExecContext(t.Context(), "UPDATE events SET link = $1 WHERE pos = $2", at[:], r.Pos); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	tamper(t, path, "SELECT 1")
}
