package redmine_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain/ticket"
	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

func TestRedmineTellsSince6WhoEditedANoteAndNeverWhoTookItAway(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	p := newHeard(t, s, testredmine.Manager)
	admin := client(t, s, testredmine.Admin)
	succeed(t, client(t, s, testredmine.Developer).Update(t.Context(), must[int](t)(p.issue()), redmine.Change{"notes": "One"}))
	p.know(p.mustHear(), ticket.Part{Comment: 1})
	p.happens(ann, ticket.Commented{Comment: 1, Body: "One"})
	p.mustAlign()
	journals := p.read().Journals
	note := journals[len(journals)-1].ID
	hears := func(by string, command ticket.Command) {
		t.Helper()
		news := p.mustHear()
		if diff := cmp.Diff([]heard{{By: by, Commands: []ticket.Command{command}}}, p.seen(news)); diff != "" {
			t.Error(diff)
		}
		p.know(news, ticket.Part{})
	}
	editor := ""
	if s.Major >= 6 {
		editor = strconv.Itoa(s.User(t, testredmine.Admin))
	}
	succeed(t, admin.EditNote(t.Context(), note, "Two"))
	hears(editor, ticket.EditComment{Comment: 1, Body: "Two"})
	p.happens(ann, ticket.CommentEdited{Comment: 1, Body: "Two"}, ticket.CommentEdited{Comment: 1, Body: "Three"})
	p.mustAlign() // now the key's person has edited it
	if news := p.mustHear(); len(news) > 0 {
		t.Errorf("what Suivi has edited is heard: %+v", news)
	}
	succeed(t, admin.EditNote(t.Context(), note, "Four"))
	hears(editor, ticket.EditComment{Comment: 1, Body: "Four"})
	p.happens(ann, ticket.CommentEdited{Comment: 1, Body: "Four"})
	p.mustAlign()
	succeed(t, admin.Update(t.Context(), must[int](t)(p.issue()), redmine.Change{"done_ratio": 10})) // SQLite gives the number of the last journal to the next
	succeed(t, admin.EditNote(t.Context(), note, ""))
	hears("", ticket.DeleteComment{Comment: 1})
}
