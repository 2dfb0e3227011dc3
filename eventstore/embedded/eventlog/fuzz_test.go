package eventlog

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// damage is what a fuzz target does to a file: bytes written over it, or its end cut off.
type damage struct {
	at, cut uint32
	patch   []byte
}

// of is a damaged copy of a file's content.
func (d damage) of(content []byte) []byte {
	damaged := append([]byte{}, content...)
	if len(damaged) == 0 {
		return damaged
	}
	copy(damaged[int(d.at)%len(damaged):], d.patch)
	return damaged[:len(damaged)-int(d.cut)%len(damaged)]
}

// fuzzFile opens logs whose file of a suffix is damaged, and checks what came of it.
func fuzzFile(f *testing.F, path, suffix string, check func(t *testing.T, l *Log, path string)) {
	f.Helper()
	for _, seed := range []damage{{}, {at: 17, patch: []byte("\xff")}, {at: 40, patch: []byte("garbage")}, {at: 4200, patch: make([]byte, 9000)}, {cut: 1}, {cut: 5000}} {
		f.Add(seed.at, seed.cut, seed.patch)
	}
	intact := map[string][]byte{}
	for _, s := range []string{"", "-wal", SumsSuffix} {
		content, err := os.ReadFile(path + s)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			f.Fatal(err)
		}
		intact[s] = content
	}
	f.Fuzz(func(t *testing.T, at, cut uint32, patch []byte) {
		folder := t.TempDir()
		broken := filepath.Join(folder, "events.db")
		for s, content := range intact {
			if s == suffix {
				content = damage{at, cut, patch}.of(content)
			}
			write(t, broken+s, content)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		l, err := Open(ctx, Config{Path: broken, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			if !strings.Contains(err.Error(), broken) || ctx.Err() != nil {
				t.Errorf("it does not say which file is damaged: %v", err)
			}
			return
		}
		check(t, l, broken)
	})
}

// closeAndVerify checks a log as it is after it was opened and closed.
func closeAndVerify(t *testing.T, l *Log, path string) error {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	_, err := Verify(t.Context(), path, nil, nil)
	return err
}

// What of a WAL cannot be brought back is refused or, at its very end, was never
// acknowledged: a log that opens is whole, and takes events.
func FuzzWAL(f *testing.F) {
	fuzzFile(f, crashedLog(f, 20), "-wal", func(t *testing.T, l *Log, path string) {
		if l.End() > 20 {
			t.Errorf("it ends at %d, and 20 events were written", l.End())
		}
		fillLog(t, l, 1)
		if err := closeAndVerify(t, l, path); err != nil {
			t.Error(err)
		}
	})
}

// The page sums can be made anew: whatever they are, the log opens with all of its
// events, and a check finds what is not right about them.
func FuzzPageSums(f *testing.F) {
	path := closedLog(f, 20)
	sums, err := os.ReadFile(sumsPath(path))
	if err != nil {
		f.Fatal(err)
	}
	fuzzFile(f, path, SumsSuffix, func(t *testing.T, l *Log, path string) {
		if l.End() != 20 {
			t.Errorf("it ends at %d, want 20", l.End())
		}
		err := closeAndVerify(t, l, path)
		if _, damaged := errors.AsType[*DamageError](err); err != nil && !damaged {
			t.Error(err)
		}
		if now, readErr := os.ReadFile(sumsPath(path)); readErr != nil || err == nil && !bytes.Equal(now[:sumsHead], sums[:sumsHead]) {
			t.Errorf("the sums were taken for whole with the head %q, %v", now[:sumsHead], readErr)
		}
	})
}

// Every byte of the file counts: a log that is changed anywhere is refused when it
// is opened, or a check names the damage.
func FuzzFile(f *testing.F) {
	path := closedLog(f, 20)
	content, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	fuzzFile(f, path, "", func(t *testing.T, l *Log, path string) {
		for after := int64(0); ; {
			page, err := l.All(t.Context(), after, l.End(), false, PageRows)
			if err != nil || len(page) == 0 {
				break
			}
			after = page[len(page)-1].Pos
		}
		now, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := closeAndVerify(t, l, path); err == nil && !bytes.Equal(now, content) {
			t.Error("the file was changed, and a check finds nothing")
		}
	})
}
