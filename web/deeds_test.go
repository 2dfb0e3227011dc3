package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/accounts"
)

type deedList struct {
	Deeds []struct {
		Kind, Person, By, Via, Token, Source, Words string
	}
	Next string
}

func TestADeedByTheAPISaysWhoDidItAndWithWhichToken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		s.ask(t, "PATCH", "/api/v1/people/"+string(s.adaID), s.admin, `{"name":"Ada L."}`)
		s.ask(t, "PATCH", "/api/v1/me", s.ada, `{"name":"Ada Lovelace"}`)
		s.ask(t, "PATCH", "/api/v1/me", s.admin, `{"language":"fr"}`, "X-Suivi-Actor", string(s.adaID))
		var list deedList
		s.ask(t, "GET", "/api/v1/admin/deeds?kind=changed", s.admin, "", "Accept-Language", "fr").json(t, &list)
		tokens := map[string]bool{}
		for i := range list.Deeds {
			tokens[list.Deeds[i].Token] = true
			list.Deeds[i].Token = ""
		}
		ada, admin := string(s.adaID), string(s.adminID)
		want := deedList{Deeds: []struct{ Kind, Person, By, Via, Token, Source, Words string }{
			{"changed", ada, ada, admin, "", "api", "Compte modifié : langue – → « fr »."},
			{"changed", ada, ada, "", "", "api", "Compte modifié : nom « Ada L. » → « Ada Lovelace »."},
			{"changed", ada, admin, "", "", "api", "Compte modifié : nom « Ada » → « Ada L. »."},
		}}
		if diff := cmp.Diff(want, list); diff != "" {
			t.Errorf("want - got:\n%s", diff)
		}
		if len(tokens) != 2 || !tokens[s.adaTok] {
			t.Errorf("got the tokens %v, want that of Ada and that of the administrator", tokens)
		}
	})
}

func TestDeedsAreForAdministratorsAndSignInsForTheirPerson(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		s.ask(t, "GET", "/api/v1/admin/deeds", s.ada, "").wantProblem(t, http.StatusForbidden, "admin-only")
		s.ask(t, "GET", "/api/v1/me/sign-ins", s.admin, "", "X-Suivi-Actor", string(s.adaID)).wantProblem(t, http.StatusForbidden, "own-only")
		s.ask(t, "PUT", "/api/v1/me/password", s.ada, `{"old":"","password":"`+goodPassword+`"}`)
		for _, password := range []string{"not this one", "nor this", goodPassword} {
			_, _, _ = s.people.SignIn(t.Context(), "ada@example.org", password, accounts.Client{Address: "192.0.2.7", Agent: "Firefox"}) // two are refused
		}
		var mine struct{ SignIns []struct{ Words string } }
		s.ask(t, "GET", "/api/v1/me/sign-ins", s.ada, "").json(t, &mine)
		if len(mine.SignIns) != 2 {
			t.Fatalf("got %+v", mine)
		}
		words := []string{mine.SignIns[0].Words, mine.SignIns[1].Words}
		if want := []string{"Signed in from 192.0.2.7.", "Sign-in refused, 2 times within the hour, last from 192.0.2.7."}; !slices.Equal(words, want) {
			t.Errorf("got %q, want %q", words, want)
		}
	})
}

func TestDeedsAreFilteredAndComeInPages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		var walked []string
		for query := (url.Values{"person": {string(s.adaID)}, "limit": {"1"}}); ; {
			var list deedList
			s.ask(t, "GET", "/api/v1/admin/deeds?"+query.Encode(), s.admin, "").json(t, &list)
			for _, d := range list.Deeds {
				walked = append(walked, d.Kind)
			}
			if list.Next == "" {
				break
			}
			query.Set("cursor", list.Next)
		}
		if want := []string{"token-made", "created"}; !slices.Equal(walked, want) {
			t.Errorf("got %v, want %v", walked, want)
		}
		for query, code := range map[string]string{
			"person=ada": "bad-user", "kind=created,erased": "unknown-kind", "from=today": "bad-time", "limit=0": "bad-limit", "cursor=x": "bad-cursor", "who=x": "unknown-parameter",
		} {
			field, _, _ := strings.Cut(query, "=")
			wantField(t, s.ask(t, "GET", "/api/v1/admin/deeds?"+query, s.admin, "").wantProblem(t, http.StatusUnprocessableEntity, "invalid-input"), field, code)
		}
	})
}
