package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"suivi/blobs"
	"suivi/database"
	"suivi/domain"
	"suivi/files"
	"suivi/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }

const (
	ada = domain.UserID("usr_ada")
	bob = domain.UserID("usr_bob")
)

// clock is a time that tests move on.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// desk is files on a database and a folder, and the events that name them.
type desk struct {
	*files.Files
	t     *testing.T
	url   string
	clock *clock
	blobs blobs.Store

	mu    sync.Mutex
	named map[string]bool // hashes
}

func each(t *testing.T, f func(t *testing.T, d *desk)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, url string) {
		d := &desk{t: t, url: url, clock: &clock{at: time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)}, named: map[string]bool{}}
		var err error
		if d.blobs, err = blobs.OpenDir(filepath.Join(t.TempDir(), "blobs")); err != nil {
			t.Fatal(err)
		}
		d.Files = d.another()
		f(t, d)
	})
}

// another is the same files once more, as a second node has them.
func (d *desk) another() *files.Files {
	d.t.Helper()
	db, err := database.Open(d.t.Context(), database.Config{URL: d.url, Durable: true})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		if err := db.Close(); err != nil {
			d.t.Error(err)
		}
	})
	f, err := files.Open(d.t.Context(), files.Config{DB: db, Blobs: d.blobs, Drafts: d.t.TempDir(), MaxSize: 1 << 20, Now: d.clock.now})
	if err != nil {
		d.t.Fatal(err)
	}
	return f
}

func (d *desk) send(owner domain.UserID, name, content string) files.Received {
	d.t.Helper()
	received, err := d.Receive(d.t.Context(), owner, domain.NewAttachmentID("", 0), name, strings.NewReader(content))
	if err != nil {
		d.t.Fatal(err)
	}
	return received
}

func (d *desk) claim(owner domain.UserID, command uuid.UUID, ids ...domain.AttachmentID) []domain.AttachmentID {
	d.t.Helper()
	claimed, err := d.Claim(d.t.Context(), owner, command, ids)
	if err != nil {
		d.t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(claimed))
}

// attach is what an event does.
func (d *desk) attach(hash string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.named[hash] = true
}

func (d *desk) collect() files.Collected {
	d.t.Helper()
	done, err := d.Collect(d.t.Context(), d.inUse)
	if err != nil {
		d.t.Fatal(err)
	}
	return done
}

func (d *desk) inUse(context.Context, []string, time.Time) (map[string]bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.named), nil
}

func (d *desk) content(hash string) string {
	d.t.Helper()
	content, err := d.Content(d.t.Context(), hash)
	if errors.Is(err, blobs.ErrNotFound) {
		return "gone"
	}
	if err != nil {
		d.t.Fatal(err)
	}
	defer content.Close()
	text, err := io.ReadAll(content)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return domain.CodeOf(err)
}

func photo(t *testing.T, w, h int) string {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewRGBA(image.Rect(0, 0, w, h)), nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAFileIsWhatIsInItNotWhatItsSenderSays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		for _, c := range []struct {
			name, content, want string
			picture             bool
		}{
			{"notes.txt", "hello", "text/plain; charset=utf-8", false},
			{"photo.jpg", photo(t, 400, 200), "image/jpeg", true},
			{"photo.txt", photo(t, 40, 20), "image/jpeg", true},
			{"page.png", "<html><script>alert(1)</script>", "application/octet-stream", false},
			{"picture.svg", `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "application/octet-stream", false},
			{"picture.png", "\x89PNG\r\n\x1a\n<script>alert(1)</script>", "application/octet-stream", false},
			{"script.gif", "GIF89a\x10\x00\x10\x00=1;alert(1)", "application/octet-stream", false},
			{"icon.bmp", "BM" + strings.Repeat("\x00", 100), "application/octet-stream", false},
			{"paper.pdf", "%PDF-1.7\n", "application/pdf", false},
		} {
			got := d.send(ada, c.name, c.content)
			if got.Type != c.want || (got.Picture != nil) != c.picture || got.Name != c.name {
				t.Errorf("%s: got %+v, want %s", c.name, got.File, c.want)
			}
			if kept := d.content(got.Hash); int64(len(kept)) != got.Size || !c.picture && kept != c.content {
				t.Errorf("%s: got %d bytes, want %d", c.name, len(kept), got.Size)
			}
		}
		big := d.send(ada, "big.jpg", photo(t, 400, 200))
		if p := big.Picture; p.Width != 400 || p.Height != 200 || p.ThumbnailType != "image/jpeg" || d.content(p.Thumbnail) == "gone" {
			t.Errorf("got %+v", p)
		}
	})
}

func TestWhatIsTooLargeOrEmptyIsRefusedAndLeavesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		endless := io.LimitReader(zeros{}, 1<<40)
		bomb := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x86\xa0\x00\x01\x86\xa0\x08\x06\x00\x00\x00\xa8\x52\x0b\xc8"
		for want, content := range map[string]io.Reader{
			"file-too-large": endless, "file-empty": strings.NewReader(""), "image-too-large": strings.NewReader(bomb),
		} {
			if _, err := d.Receive(t.Context(), ada, domain.NewAttachmentID("", 0), "x", content); code(err) != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		gone := errors.New("the sender is gone")
		if _, err := d.Receive(t.Context(), ada, domain.NewAttachmentID("", 0), "x", io.MultiReader(strings.NewReader("half"), broken{gone})); !errors.Is(err, gone) {
			t.Errorf("got %v", err)
		}
		for hash, err := range d.blobs.List(t.Context()) {
			t.Errorf("%s %v is left", hash, err)
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func TestAnUploadIsItsOwnersAndIsClaimedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		one, two := d.send(ada, "1", "one").ID, d.send(ada, "2", "two").ID
		first, second := uuid.New(), uuid.New()
		ids := []domain.AttachmentID{one, two}
		slices.Sort(ids)
		if got := d.claim(bob, first, ids...); len(got) != 0 {
			t.Errorf("somebody else got %v", got)
		}
		for range 2 { // a command that is carried out again
			if got := d.claim(ada, first, one, two, domain.NewAttachmentID("", 0), one); !slices.Equal(got, ids) {
				t.Errorf("got %v, want %v", got, ids)
			}
		}
		if got := d.claim(ada, second, ids...); len(got) != 0 {
			t.Errorf("another command got %v", got)
		}
		if err := d.Release(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if got := d.claim(ada, second, one); !slices.Equal(got, ids[:1]) && !slices.Equal(got, ids[1:]) {
			t.Errorf("after the release got %v", got)
		}
	})
}

func TestOfManyCommandsOneGetsAnUpload(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		id := d.send(ada, "1", "one").ID
		nodes := []*files.Files{d.Files, d.another()}
		var mu sync.Mutex
		var group sync.WaitGroup
		winners := 0
		for i := range 16 {
			group.Go(func() {
				claimed, err := nodes[i%2].Claim(t.Context(), ada, uuid.New(), []domain.AttachmentID{id})
				mu.Lock()
				defer mu.Unlock()
				if winners += len(claimed); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if winners != 1 {
			t.Errorf("%d commands got it, want 1", winners)
		}
	})
}

func TestSentAgainUnderItsIDItIsOneUpload(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		id := domain.NewAttachmentID("seed", 0)
		for _, content := range []string{"first", "second"} {
			if _, err := d.Receive(t.Context(), ada, id, "x", strings.NewReader(content)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.Receive(t.Context(), bob, id, "x", strings.NewReader("third")); err != nil {
			t.Fatal(err)
		}
		claimed, err := d.Claim(t.Context(), ada, uuid.New(), []domain.AttachmentID{id})
		if err != nil || d.content(claimed[id].Hash) != "second" {
			t.Errorf("got %v, %v", claimed, err)
		}
	})
}

func TestNobodyHoardsUploads(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		var ids []domain.AttachmentID
		for i := range files.MaxWaiting {
			ids = append(ids, d.send(ada, "x", fmt.Sprint(i)).ID)
		}
		_, err := d.Receive(t.Context(), ada, domain.NewAttachmentID("", 0), "x", strings.NewReader("one more"))
		if code(err) != "too-many-uploads" {
			t.Errorf("got %v", err)
		}
		d.send(bob, "x", "somebody else")
		d.claim(ada, uuid.New(), ids[0])
		d.send(ada, "x", "one more")
	})
}

func TestWhatNobodyNeedsIsCollectedADayLater(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		attached, twice, lost := d.send(ada, "1", "attached"), d.send(ada, "2", "twice"), d.send(ada, "3", "lost")
		picture := d.send(ada, "4", photo(t, 400, 200))
		d.claim(ada, uuid.New(), attached.ID, picture.ID)
		d.attach(attached.Hash)
		d.attach(picture.Hash)
		d.attach(picture.Picture.Thumbnail)
		d.clock.pass(23 * time.Hour)
		d.send(bob, "2", "twice") // the same content, from somebody else
		if got := d.collect(); got != (files.Collected{}) {
			t.Errorf("before the day is over got %+v", got)
		}
		d.clock.pass(2 * time.Hour)
		if got, want := d.collect(), (files.Collected{Uploads: 4, Blobs: 1}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		for hash, want := range map[string]string{attached.Hash: "attached", twice.Hash: "twice", lost.Hash: "gone"} {
			if got := d.content(hash); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		if got := d.claim(ada, uuid.New(), lost.ID); len(got) != 0 {
			t.Errorf("a collected upload was claimed: %v", got)
		}
		d.clock.pass(25 * time.Hour)
		if got, want := d.collect(), (files.Collected{Uploads: 1, Blobs: 1}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if d.content(picture.Hash) == "gone" || d.content(picture.Picture.Thumbnail) == "gone" {
			t.Error("a picture that an event names is gone")
		}
	})
}

// A blob without a row, as older accounts leave it that have been restored.
func TestABlobThatNothingKnowsIsCollectedTooUnlessAnEventNamesIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		hash := map[string]string{}
		for _, content := range []string{"orphan", "attached"} {
			hash[content] = d.send(ada, "x", content).Hash // only to learn the hash
		}
		d.clock.pass(25 * time.Hour)
		d.collect()
		for content := range hash {
			if err := d.blobs.Put(t.Context(), blobs.Hash(hash[content]), int64(len(content)), strings.NewReader(content)); err != nil {
				t.Fatal(err)
			}
		}
		d.attach(hash["attached"])
		if got := d.collect(); got.Blobs != 0 {
			t.Errorf("got %+v: a blob that may have come this moment is gone", got)
		}
		d.clock.pass(25 * time.Hour)
		if got := d.collect(); got.Blobs != 1 || d.content(hash["orphan"]) != "gone" || d.content(hash["attached"]) != "attached" {
			t.Errorf("got %+v", got)
		}
	})
}

// Whoever holds a claim finds the content, however often and wherever it is
// collected at the same time.
func TestACollectionNeverTakesWhatIsBeingClaimed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		nodes := []*files.Files{d.Files, d.another()}
		var deeds sync.RWMutex // no day passes between a claim and its event
		var group sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		var collectors sync.WaitGroup
		for _, node := range nodes {
			collectors.Go(func() {
				for ctx.Err() == nil {
					if _, err := node.Collect(t.Context(), d.inUse); err != nil {
						t.Error(err)
					}
					deeds.Lock()
					d.clock.pass(6 * time.Hour)
					deeds.Unlock()
				}
			})
		}
		for i := range 4 {
			group.Go(func() {
				node := nodes[i%2]
				for round := range 15 {
					content := fmt.Sprint(round) // the same for all
					id := domain.NewAttachmentID("", 0)
					if _, err := node.Receive(t.Context(), ada, id, "x", strings.NewReader(content)); err != nil {
						t.Error(err)
						return
					}
					deeds.RLock()
					claimed, err := node.Claim(t.Context(), ada, uuid.New(), []domain.AttachmentID{id})
					if err != nil {
						t.Error(err)
					}
					for _, file := range claimed {
						d.attach(file.Hash)
					}
					deeds.RUnlock()
				}
			})
		}
		group.Wait()
		stop()
		collectors.Wait()
		for hash := range d.named {
			if d.content(hash) == "gone" {
				t.Errorf("the content %s, which an event names, is gone", hash)
			}
		}
	})
}
