package readapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/internal/testdb"
)

type said struct {
	Comment, Note, Revision int
	Version                 int
	Author                  domain.UserID
	Body, HTML              string
	EditedBy, DeletedBy     domain.UserID
}

type saidPage struct {
	Comments, Notes, Revisions []said
}

// talk is a ticket with a comment that was edited twice, and one that was edited and deleted.
func (s *site) talk() domain.TicketID {
	s.t.Helper()
	s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{
		person(1): {domain.Reporter}, person(2): {domain.Developer}, person(3): {domain.Manager},
	})
	id := s.post("HELP", person(1), nil)
	s.do(id, person(1), ticket.Commented{Comment: 1, Body: "one"})
	s.do(id, person(2), ticket.Commented{Comment: 2, Body: "canary"})
	s.do(id, person(3), ticket.CommentEdited{Comment: 1, Body: "*uno*"})
	s.do(id, person(2), ticket.CommentEdited{Comment: 2, Body: "second canary", Mentions: []domain.UserID{person(3)}})
	s.do(id, person(1), ticket.CommentEdited{Comment: 1, Body: "eins"})
	s.do(id, person(2), ticket.CommentDeleted{Comment: 2})
	s.settle()
	return id
}

func TestAnEditedCommentKeepsItsAuthorAndItsTexts(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		path := "/tickets/" + string(s.talk()) + "/comments"
		one, two, three := person(1), person(2), person(3)
		for query, want := range map[string][]said{
			"":      {{Comment: 1, Version: 2, Author: one, Body: "eins", HTML: "<p>eins</p>\n", EditedBy: one}, {Comment: 2, Version: 3, Author: two, EditedBy: two, DeletedBy: two}},
			"?at=4": {{Comment: 1, Version: 2, Author: one, Body: "*uno*", HTML: "<p><em>uno</em></p>\n", EditedBy: three}, {Comment: 2, Version: 3, Author: two}},
			"?at=2": {{Comment: 1, Version: 2, Author: one, Body: "one", HTML: "<p>one</p>\n"}},
		} {
			var p saidPage
			s.getRaw(actor(1), path+query, "").into(t, &p)
			if diff := gocmp.Diff(want, p.Comments); diff != "" {
				t.Errorf("%q: %s", query, diff)
			}
		}
		var p, rest saidPage
		s.getRaw(actor(1), path+"/1/revisions?limit=2", "").into(t, &p)
		want := []said{
			{Revision: 1, Version: 2, Author: one, Body: "one", HTML: "<p>one</p>\n"}, {Revision: 2, Version: 4, Author: three, Body: "*uno*", HTML: "<p><em>uno</em></p>\n"},
			{Revision: 3, Version: 6, Author: one, Body: "eins", HTML: "<p>eins</p>\n"},
		}
		var next struct{ Next string }
		s.getRaw(actor(1), path+"/1/revisions?limit=2", "").into(t, &next)
		s.getRaw(actor(1), path+"/1/revisions?limit=2&cursor="+next.Next, "").into(t, &rest)
		if diff := gocmp.Diff(want, append(p.Revisions, rest.Revisions...)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestADeletedCommentsTextsAreOnlyForWhoManagesComments(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		path := "/tickets/" + string(s.talk())
		routes := []string{"", "?at=6", "/comments", "/comments?at=3", "/comments?at=5", "/history", "/comments/1/revisions", "/comments/2/revisions"}
		for n, may := range map[byte]bool{1: false, 2: false, 3: true, 0: true} {
			var shown strings.Builder
			for _, route := range routes {
				shown.Write(s.getRaw(actor(n), path+route, "").Body)
			}
			all := shown.String()
			if strings.Contains(all, "canary") != may || !may && strings.Contains(all, `"mentions"`) {
				t.Errorf("person %d sees the text: %v, want %v", n, !may, may)
			}
		}
		for _, n := range []string{"2", "3", "0", "-1", "x", "99999999999999999999"} {
			if got := s.getRaw(actor(1), path+"/comments/"+n+"/revisions", "").problem(t); got.Status != http.StatusNotFound || got.Code != "comment-not-found" {
				t.Errorf("revisions of %s: %+v", n, got)
			}
		}
		var p saidPage
		s.getRaw(actor(3), path+"/comments/2/revisions", "").into(t, &p)
		want := []said{{Body: "canary"}, {Body: "second canary"}}
		if diff := gocmp.Diff(want, p.Revisions, cmpopts.IgnoreFields(said{}, "Revision", "Version", "Author", "HTML")); diff != "" {
			t.Error(diff)
		}
		var list saidPage
		s.getRaw(actor(3), path+"/comments", "").into(t, &list)
		if got := list.Comments[1]; got.Body != "" || got.HTML != "" {
			t.Errorf("the list shows %+v", got)
		}
	})
}

func TestMentionsAreShownByName(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		id := s.talk()
		s.do(id, person(1), ticket.Commented{Comment: 3, Body: "Ask @" + string(person(2)) + " or @" + string(person(9))})
		s.settle()
		s.api = s.api.WithNames(func(_ context.Context, ids []domain.UserID) (map[domain.UserID]string, error) {
			return map[domain.UserID]string{person(2): "Ada <b>"}, nil
		})
		s.serveAPI()
		var p saidPage
		s.get(actor(1), "/tickets/"+string(id)+"/comments").into(t, &p)
		want := `<p>Ask <span class="mention" data-user="` + string(person(2)) + `">@Ada &lt;b&gt;</span> or <span class="mention" data-user="` +
			string(person(9)) + `">@` + string(person(9)) + "</span></p>\n"
		if got := p.Comments[2].HTML; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}
