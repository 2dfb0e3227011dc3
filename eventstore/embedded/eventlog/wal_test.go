package eventlog

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// crashedLog is a log as a crash leaves it: with everything in its WAL.
func crashedLog(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.db")
	l := openLogAt(t, path)
	fillLog(t, l, n)
	crashed := filepath.Join(t.TempDir(), "events.db")
	for _, suffix := range []string{"", "-wal", ".sums"} {
		copyFile(t, path+suffix, crashed+suffix)
	}
	return crashed
}

func TestACrashedLogStartsAgain(t *testing.T) {
	t.Parallel()
	path := crashedLog(t, 50)
	l := openLogAt(t, path)
	if l.End() != 50 {
		t.Errorf("it ends at %d, want 50", l.End())
	}
	if err := verifyClosed(t, l, path); err != nil {
		t.Error(err)
	}
}

// verifyClosed closes a log for good measure and checks it.
func verifyClosed(t testing.TB, l *Log, path string) error {
	t.Helper()
	_, err := Verify(t.Context(), path, nil, nil)
	if err != nil {
		return err
	}
	fillLog(t, l, 3)
	_, err = Verify(t.Context(), path, nil, nil)
	return err
}

// A WAL that ends anywhere is what a crash may leave: all transactions up to there stand.
func TestATornWALStarts(t *testing.T) {
	t.Parallel()
	path := crashedLog(t, 30)
	wal, err := os.ReadFile(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	frame := frameHeader + 4096
	last := int64(31)
	for cut := len(wal); cut > walHeaderSize+30*frame; cut -= frame/3 + 7 {
		torn := filepath.Join(t.TempDir(), "events.db")
		copyFile(t, path, torn)
		copyFile(t, sumsPath(path), sumsPath(torn))
		write(t, torn+"-wal", append(wal[:cut:cut], "and some bytes of garbage"...))
		l, err := Open(t.Context(), Config{Path: torn})
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if l.End() > last || l.End() < last-1 && cut == len(wal) {
			t.Errorf("cut at %d: it ends at %d, before at %d", cut, l.End(), last)
		}
		last = l.End()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(t.Context(), torn, nil, nil); err != nil {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	if last == 30 {
		t.Error("no cut has taken an event away: the test proves nothing")
	}
}

// Damage before the end would make SQLite forget what was acknowledged, silently.
func TestADamagedWALIsNotForgottenSilently(t *testing.T) {
	t.Parallel()
	path := crashedLog(t, 30)
	wal, err := os.ReadFile(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	frame := frameHeader + 4096
	middle := walHeaderSize + (len(wal)/frame/2)*frame
	for name, at := range map[string]int{
		"the header's magic": 0, "the header's salt": 17, "the header's checksum": 25, "the first page": walHeaderSize + frameHeader + 99,
		"a page number": middle + 3, "a frame's salt": middle + 9, "a frame's checksum": middle + 18, "a page": middle + frameHeader + 1234,
	} {
		damaged := filepath.Join(t.TempDir(), "events.db")
		copyFile(t, path, damaged)
		copyFile(t, sumsPath(path), sumsPath(damaged))
		flipped := append([]byte{}, wal...)
		flipped[at] ^= 4
		write(t, damaged+"-wal", flipped)
		l, err := Open(t.Context(), Config{Path: damaged})
		if err == nil || !strings.Contains(err.Error(), "-wal is damaged") {
			t.Errorf("%s: got %v, want a refusal", name, err)
		}
		if l != nil && err == nil {
			_ = l.Close()
		}
		if kept, err := os.ReadFile(damaged + "-wal"); err != nil || !bytes.Equal(kept, flipped) {
			t.Errorf("%s: the damaged file was touched, %v", name, err)
		}
	}
}

func TestALogCutShortIsRefused(t *testing.T) {
	t.Parallel()
	path := closedLog(t, 300)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()-3*4096); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Path: path}); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("got %v", err)
	}
}

func TestChangedEventsNearTheEndAreNoticedAtStart(t *testing.T) {
	t.Parallel()
	path := closedLog(t, 1100)
	tamper(t, path, "UPDATE events SET created = 5 WHERE pos = 900")
	if _, err := Open(t.Context(), Config{Path: path}); err == nil || !strings.Contains(err.Error(), path+": the event at position 900") {
		t.Errorf("got %v", err)
	}
}

func TestTheWALChecksumIsTheOneOfTheFileFormat(t *testing.T) {
	t.Parallel()
	// (1,2),(3,4): s0=1, s1=2+1=3; s0=1+3+3=7, s1=3+4+7=14
	b := make([]byte, 16)
	for i := range 4 {
		binary.LittleEndian.PutUint32(b[4*i:], uint32(i+1))
	}
	if got := walSum(binary.LittleEndian, [2]uint32{}, b); got != [2]uint32{7, 14} {
		t.Errorf("got %v", got)
	}
}

// A check of what a crash has left brings it to rest, and the next one agrees.
func TestACrashedLogCanBeChecked(t *testing.T) {
	t.Parallel()
	path := crashedLog(t, 50)
	for range 2 {
		if report, err := Verify(t.Context(), path, nil, nil); err != nil || report.Events != 50 {
			t.Fatalf("got %+v, %v", report, err)
		}
	}
}
