package blobs_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"suivi/blobs"
)

// each runs f on a folder, and on a bucket of a server that speaks S3 over HTTP.
func each(t *testing.T, f func(t *testing.T, store blobs.Store)) {
	t.Helper()
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		f(t, open(t, filepath.Join(t.TempDir(), "blobs")))
	})
	t.Run("bucket", func(t *testing.T) {
		t.Parallel()
		f(t, open(t, serveBucket(t)))
	})
}

func open(t *testing.T, address string) blobs.Store {
	t.Helper()
	store, err := blobs.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// serveBucket serves S3 with one bucket, and gives its address.
func serveBucket(t *testing.T) string {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("files"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	return "s3://key:hunter2@files/suivi/blobs?region=eu-west-3&endpoint=" + server.URL
}

func hashOf(content string) blobs.Hash {
	sum := sha256.Sum256([]byte(content))
	return blobs.Hash(hex.EncodeToString(sum[:]))
}

func put(t *testing.T, store blobs.Store, content string) blobs.Hash {
	t.Helper()
	hash := hashOf(content)
	if err := store.Put(t.Context(), hash, int64(len(content)), strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	return hash
}

func read(t *testing.T, store blobs.Store, hash blobs.Hash) string {
	t.Helper()
	content, err := store.Open(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(content)
	if err := errors.Join(err, content.Close()); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func list(t *testing.T, store blobs.Store) []blobs.Hash {
	t.Helper()
	var all []blobs.Hash
	for hash, err := range store.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, hash)
	}
	slices.Sort(all)
	return all
}

func TestABlobIsKeptOnceAndReadBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, store blobs.Store) {
		if got := list(t, store); len(got) != 0 {
			t.Errorf("a new store has %v", got)
		}
		big := strings.Repeat("0123456789abcdef", 1<<17) // 2 MiB
		want := []blobs.Hash{put(t, store, "x"), put(t, store, "hello"), put(t, store, "hello"), put(t, store, big)}
		slices.Sort(want)
		if got := list(t, store); !slices.Equal(got, slices.Compact(want)) {
			t.Errorf("got %v, want %v", got, want)
		}
		for _, content := range []string{"x", "hello", big} {
			if got := read(t, store, hashOf(content)); got != content {
				t.Errorf("got %d bytes, want %d", len(got), len(content))
			}
		}
	})
}

func TestABlobIsReadFromAnyPlace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, store blobs.Store) {
		content, err := store.Open(t.Context(), put(t, store, "0123456789"))
		if err != nil {
			t.Fatal(err)
		}
		defer content.Close()
		for _, c := range []struct {
			offset int64
			want   string
		}{{7, "789"}, {2, "234"}, {0, "012"}} {
			if _, err := content.Seek(c.offset, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 3)
			if _, err := io.ReadFull(content, got); err != nil || string(got) != c.want {
				t.Errorf("from %d: got %q, %v, want %q", c.offset, got, err, c.want)
			}
		}
	})
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, store blobs.Store) {
		hash := put(t, store, "hello")
		for range 2 { // deleting again is no error
			if err := store.Delete(t.Context(), hash); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []blobs.Hash{hash, hashOf("never"), "", "../../etc/passwd", blobs.Hash(strings.ToUpper(string(hash)))} {
			if content, err := store.Open(t.Context(), name); !errors.Is(err, blobs.ErrNotFound) {
				t.Errorf("%q: got %v, %v", name, content, err)
			}
		}
		if err := store.Put(t.Context(), "../x", 1, strings.NewReader("x")); err == nil {
			t.Error("a blob was put under a name that is no hash")
		}
	})
}

// A sender that stops in the middle, or lies, leaves nothing behind.
func TestABlobIsNeverHalfWritten(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, store blobs.Store) {
		const content = "hello, world"
		for name, sent := range map[string]io.Reader{
			"it breaks off":   io.MultiReader(strings.NewReader(content[:5]), broken{}),
			"it is too short": strings.NewReader(content[:5]),
			"it is another":   strings.NewReader("hello, there"),
		} {
			if err := store.Put(t.Context(), hashOf(content), int64(len(content)), sent); err == nil {
				t.Errorf("%s: no error", name)
			}
			if got := list(t, store); len(got) != 0 {
				t.Errorf("%s: got %v, want nothing", name, got)
			}
		}
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("gone") }

func TestManyPutAndDeleteTheSameBlob(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, store blobs.Store) {
		content := strings.Repeat("x", 100_000)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if err := store.Put(t.Context(), hashOf(content), int64(len(content)), strings.NewReader(content)); err != nil {
					t.Error(err)
				}
				if opened, err := store.Open(t.Context(), hashOf(content)); err == nil {
					text, err := io.ReadAll(opened)
					if err != nil || !bytes.Equal(text, []byte(content)) {
						t.Errorf("got %d bytes, %v", len(text), err)
					}
					_ = opened.Close()
				}
			})
		}
		group.Wait()
	})
}

func TestCheckTellsWhetherBlobsCanBeKept(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, store blobs.Store) {
		if err := store.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if got := list(t, store); len(got) != 0 {
			t.Errorf("the check left %v", got)
		}
		if strings.Contains(store.Where(), "hunter2") {
			t.Errorf("%s tells the secret", store.Where())
		}
	})
	t.Run("no such bucket", func(t *testing.T) {
		t.Parallel()
		if err := open(t, strings.Replace(serveBucket(t), "@files", "@others", 1)).Check(t.Context()); err == nil {
			t.Error("no error")
		}
	})
}

func TestAddressesThatAreWrong(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"s3://", "s3://b?endpoint=host", "s3://b?endpoint=ftp://host", "s3://b?endpoint=http://host/path", "s3://b?reigon=x", "s3://b%zz"} {
		if store, err := blobs.Open(address); err == nil {
			t.Errorf("%s: got %v", address, store)
		}
	}
}

func TestWhatACrashLeftHalfWrittenIsTakenAway(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	open(t, folder)
	old, fresh := filepath.Join(folder, "unfinished", "old"), filepath.Join(folder, "unfinished", "fresh")
	for _, file := range []string{old, fresh} {
		if err := os.WriteFile(file, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	open(t, folder)
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old one is still there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("what may still be written is gone: %v", err)
	}
}
