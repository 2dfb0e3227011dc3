package readapi_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/internal/testdb"
)

func TestWhichFilesAreThereAndWhichContentIsInUse(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		s := newSite(t, url)
		s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Developer}})
		id := s.post("HELP", person(1), nil)
		file := func(hash string, internal bool) ticket.FileAttached {
			f := domain.File{ID: domain.NewAttachmentID(hash, 0), Name: hash, Size: 1, Type: "image/png", Hash: hash}
			f.Picture = &domain.Picture{Width: 1, Height: 1, Thumbnail: "small " + hash, ThumbnailType: "image/png"}
			return ticket.FileAttached{File: f, Internal: internal}
		}
		open, inside, gone, goneInside := file("open", false), file("inside", true), file("gone", false), file("gone inside", true)
		for _, f := range []ticket.FileAttached{open, inside, gone, goneInside} {
			s.do(id, person(2), f)
		}
		s.do(id, person(2), ticket.FileRemoved{Attachment: gone.ID})
		s.do(id, person(2), ticket.FileRemoved{Attachment: goneInside.ID, Internal: true})
		s.settle()
		for who, want := range map[byte]int{1: 1, 2: 2, 0: 2} {
			var list struct{ Attachments []struct{ ID string } }
			s.get(actor(who), "/tickets/"+string(id)+"/attachments").into(t, &list)
			if len(list.Attachments) != want {
				t.Errorf("%d lists %v, want %d", who, list.Attachments, want)
			}
		}
		for _, c := range []struct {
			who  byte
			file ticket.FileAttached
			want int
		}{{1, open, 200}, {1, inside, 404}, {2, inside, 200}, {3, open, 404}, {2, gone, 404}, {0, goneInside, 404}} {
			if got := s.get(actor(c.who), "/attachments/"+string(c.file.ID)); got.Status != c.want {
				t.Errorf("%d reads %s: got %d %s, want %d", c.who, c.file.Name, got.Status, got.Body, c.want)
			}
		}
		s.do(id, person(0), ticket.Deleted{})
		s.settle()
		if got := s.get(actor(0), "/attachments/"+string(open.ID)); got.Status != http.StatusNotFound {
			t.Errorf("of a deleted ticket got %d", got.Status)
		}
		all := []string{"open", "small open", "inside", "small inside", "gone", "small gone", "gone inside", "small gone inside", "never"}
		for removedAfter, want := range map[time.Time][]string{start: all[:8], s.now: all[:4]} { // of a deleted ticket too
			used, err := s.api.BlobsInUse(t.Context(), all, removedAfter)
			if got := slices.Sorted(maps.Keys(used)); err != nil || !slices.Equal(got, slices.Sorted(slices.Values(want))) {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		}
	})
}
