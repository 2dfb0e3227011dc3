package web_test

import (
	"net/http"
	"testing"
	"time"

	"suivi/accounts"
	"suivi/domain"
	"suivi/web"
)

func TestOnlyAGoodTokenIsLetIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		short, _, err := s.people.IssueToken(t.Context(), domain.By{},
			accounts.Token{Person: s.adaID, Label: "short", Scope: accounts.ScopeRead, ExpiresAt: time.Now().Add(time.Second)})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ header, code string }{
			{"", "token-missing"},
			{"Bearer", "token-missing"},
			{"Basic " + s.ada, "token-missing"},
			{s.ada, "token-missing"},
			{"Bearer " + s.ada + "x", "bad-token"},
			{"Bearer sui_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "bad-token"},
			{"Bearer " + s.adaTok, "bad-token"},
			{"Bearer " + s.ada, ""},
			{"bearer " + s.ada, ""},
			{"BEARER   " + s.ada, ""},
		} {
			a := s.ask(t, "GET", "/api/v1/me", "", "", "Authorization", c.header)
			if c.code != "" {
				a.wantProblem(t, http.StatusUnauthorized, c.code)
				if got := a.header.Get("WWW-Authenticate"); got != `Bearer realm="suivi"` {
					t.Errorf("got WWW-Authenticate: %q", got)
				}
				continue
			}
			var me struct{ ID, Name, Email string }
			a.json(t, &me)
			if a.status != http.StatusOK || me.ID != string(s.adaID) || me.Name != "Ada" || me.Email != "ada@example.org" {
				t.Errorf("%q: got %d %s, want Ada", c.header, a.status, a.body)
			}
			a.wantSafeHeaders(t)
		}
		if err := s.people.RevokeToken(t.Context(), domain.By{}, s.adaTok); err != nil {
			t.Fatal(err)
		}
		s.ask(t, "GET", "/api/v1/me", s.ada, "").wantProblem(t, http.StatusUnauthorized, "bad-token")
		await(t, func() bool { return s.ask(t, "GET", "/api/v1/me", short, "").status == http.StatusUnauthorized })
	})
}

func TestOnlyAdministratorsActForOthersOrInThePast(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		for _, header := range []string{"X-Suivi-Actor", "X-Suivi-Occurred-At"} {
			for _, value := range []string{string(s.adminID), "2020-01-01T00:00:00Z", "nonsense", ""} {
				s.ask(t, "GET", "/api/v1/me", s.ada, "", header, value).wantProblem(t, http.StatusForbidden, "admin-only")
			}
		}
		var me struct{ ID domain.UserID }
		a := s.ask(t, "GET", "/api/v1/me", s.admin, "", "X-Suivi-Actor", string(s.adaID), "X-Suivi-Occurred-At", "2019-06-30T09:15:00+02:00")
		a.json(t, &me)
		if me.ID != s.adaID {
			t.Errorf("got %s, want Ada", a.body)
		}
		for _, actor := range []string{"usr_01ARZ3NDEKTSV4RRFFQ69G5FAV", "ada@example.org", "", "' OR 1=1 --"} {
			p := s.ask(t, "GET", "/api/v1/me", s.admin, "", "X-Suivi-Actor", actor).wantProblem(t, http.StatusUnprocessableEntity, "unknown-user")
			wantField(t, p, "X-Suivi-Actor", "unknown-user")
		}
		for at, code := range map[string]string{
			"": "bad-time", "yesterday": "bad-time", "2020-01-01": "bad-time", "2020-01-01T00:00:00": "bad-time",
			"0000-01-01T00:00:00Z": "bad-time", time.Now().Add(time.Hour).Format(time.RFC3339): "in-the-future",
		} {
			p := s.ask(t, "GET", "/api/v1/me", s.admin, "", "X-Suivi-Occurred-At", at).wantProblem(t, http.StatusUnprocessableEntity, code)
			wantField(t, p, "X-Suivi-Occurred-At", code)
		}
		// The rights of the other decide, not the administrator's.
		s.ask(t, "GET", "/api/v1/people", s.admin, "", "X-Suivi-Actor", string(s.adaID)).wantProblem(t, http.StatusForbidden, "admin-only")
	})
}

func TestWhatIsForAdministratorsIsRefusedToOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{}) // no projections: nobody may come that far
	for _, c := range [][2]string{
		{"GET", "/api/v1/people"}, {"POST", "/api/v1/people"}, {"GET", "/api/v1/admin/projections"},
		{"POST", "/api/v1/admin/projections/tickets/rebuild"}, {"POST", "/api/v1/admin/verify"},
	} {
		s.ask(t, c[0], c[1], s.ada, "").wantProblem(t, http.StatusForbidden, "admin-only")
		s.ask(t, c[0], c[1], "", "").wantProblem(t, http.StatusUnauthorized, "token-missing")
	}
}

func wantField(t testing.TB, p problem, field, code string) {
	t.Helper()
	for _, f := range p.Errors {
		if f.Field == field && f.Code == code {
			return
		}
	}
	t.Errorf("got the errors %v, want %s: %s among them", p.Errors, field, code)
}

// await asks again until it is so.
func await(t testing.TB, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); {
		if time.Now().After(end) {
			t.Fatal("waited a minute in vain")
		}
	}
}
