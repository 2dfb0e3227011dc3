package ticket

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

func TestAWholeTicketHasWhatWasSaidInOrder(t *testing.T) {
	t.Parallel()
	a, b := FileAttached{File: file("att_a"), Comment: 1}, FileAttached{File: file("att_b"), Internal: true}
	above := Copied{Link: "l-1", Comment: 4, Author: "usr_above", At: monday.Add(-time.Hour)}
	var got Whole
	deeds := life(
		deed{pupil, Commented{Comment: 1, Body: "Hi"}}, deed{helper, a}, deed{helper, NoteAdded{Note: 1, Body: "Hm"}}, deed{helper, b},
		deed{helper, Commented{Comment: 2, Body: "Ho", Copied: &above}}, deed{helper, NoteAdded{Note: 2, Body: "Oops"}},
		deed{pupil, CommentEdited{Comment: 1, Body: "Hello"}}, deed{helper, NoteEdited{Note: 1, Body: "Aha"}},
		deed{helper, NoteDeleted{Note: 2}}, deed{boss, CommentDeleted{Comment: 2}}, deed{boss, FileRemoved{Attachment: "att_b", Internal: true}},
	)
	for _, d := range deeds {
		got = got.With(d.event, domain.Meta{Actor: d.by.ID, OccurredAt: monday})
	}
	want := Whole{
		Ticket: lived(deeds), Events: uint64(len(deeds)), Files: []FileAttached{a},
		Said: []Said{
			{Part: Part{Comment: 1}, Author: pupil.ID, At: monday, Body: "Hello", Edited: true},
			{Part: Part{Note: 1}, Author: helper.ID, At: monday, Body: "Aha", Edited: true},
			{Part: Part{Comment: 2}, Author: "usr_above", At: above.At, Deleted: true},
			{Part: Part{Note: 2}, Author: helper.ID, At: monday, Deleted: true},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || !got.Said[1].Internal() || got.Said[0].Internal() {
		t.Error(diff)
	}
}
