package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"suivi/accounts"
	"suivi/domain"
)

const goodPassword = "a tram through the rain"

func (s *site) token(t *testing.T, who accounts.Token) string {
	t.Helper()
	who.Label = "a test"
	plain, _, err := s.people.IssueToken(t.Context(), domain.By{}, who)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestATokenIsGoodForItsScope(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		read := s.token(t, accounts.Token{Person: s.adminID, Scope: accounts.ScopeRead})
		write := s.token(t, accounts.Token{Person: s.adminID, Scope: accounts.ScopeWrite})
		for _, c := range []struct{ method, path, body, read, write string }{
			{"GET", "/api/v1/me", "", "", ""},
			{"GET", "/api/v1/people", "", "", "admin-only"},
			{"PATCH", "/api/v1/me", `{"language":"fr"}`, "scope-missing", ""},
			{"PUT", "/api/v1/me/preferences", `{}`, "scope-missing", ""},
			{"POST", "/api/v1/people", `{"name":"B","email":"b@example.org"}`, "scope-missing", "admin-only"},
			{"PATCH", "/api/v1/people/" + string(s.adaID), `{}`, "scope-missing", "admin-only"},
			{"POST", "/api/v1/invitations", `{"name":"B","email":"b@example.org"}`, "scope-missing", "admin-only"},
			{"POST", "/api/v1/admin/verify", "", "scope-missing", "admin-only"},
			{"POST", "/api/v1/none", "", "scope-missing", "route-unknown"},
			{"PUT", "/api/v1/me/password", `{"password":"` + goodPassword + `"}`, "scope-missing", "scope-missing"},
			{"POST", "/api/v1/me/tokens", `{"name":"x","scope":"admin"}`, "scope-missing", "scope-missing"},
			{"DELETE", "/api/v1/me/tokens/" + s.adaTok, "", "scope-missing", "scope-missing"},
			{"DELETE", "/api/v1/me/sessions/x", "", "scope-missing", "scope-missing"},
		} {
			for token, want := range map[string]string{read: c.read, write: c.write} {
				a := s.ask(t, c.method, c.path, token, c.body)
				switch want {
				case "":
					if a.status >= http.StatusBadRequest {
						t.Errorf("%s %s: got %d %s", c.method, c.path, a.status, a.body)
					}
				case "route-unknown":
					a.wantProblem(t, http.StatusNotFound, want)
				default:
					a.wantProblem(t, http.StatusForbidden, want)
				}
			}
		}
		head, err := http.NewRequestWithContext(t.Context(), http.MethodHead, s.url+"/api/v1/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		head.Header.Set("Authorization", "Bearer "+read)
		if resp, err := s.client.Do(head); err != nil || resp.StatusCode != http.StatusOK || resp.Body.Close() != nil {
			t.Errorf("HEAD: got %v, %v", resp, err)
		}
		s.ask(t, "GET", "/api/v1/me", write, "", "X-Suivi-Actor", string(s.adaID)).wantProblem(t, http.StatusForbidden, "admin-only")
	})
}

func TestPeopleMakeListAndEndTheirOwnTokens(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		var made struct {
			Token  struct{ ID, Name, Scope, ExpiresAt string }
			Secret string
		}
		a := s.ask(t, "POST", "/api/v1/me/tokens", s.ada, `{"name":"reports","scope":"read","expiresAt":"2100-01-01T00:00:00Z"}`)
		a.json(t, &made)
		if a.status != http.StatusCreated || made.Token.Name != "reports" || made.Token.Scope != "read" || made.Token.ExpiresAt != "2100-01-01T00:00:00Z" {
			t.Fatalf("got %d %s", a.status, a.body)
		}
		if a := s.ask(t, "GET", "/api/v1/me", made.Secret, ""); a.status != http.StatusOK || !strings.Contains(string(a.body), string(s.adaID)) {
			t.Errorf("with the new token: got %d %s", a.status, a.body)
		}
		for _, wrong := range []string{`{"name":"x"}`, `{"name":"","scope":"read"}`, `{"name":"x","scope":"read","expiresAt":"2001-01-01T00:00:00Z"}`} {
			s.ask(t, "POST", "/api/v1/me/tokens", s.ada, wrong).wantProblem(t, http.StatusUnprocessableEntity, "invalid-input")
		}
		var listed struct{ Tokens []struct{ ID string } }
		s.ask(t, "GET", "/api/v1/me/tokens", s.ada, "").json(t, &listed)
		if len(listed.Tokens) != 2 || listed.Tokens[0].ID != made.Token.ID || listed.Tokens[1].ID != s.adaTok {
			t.Errorf("got %+v, want the new one and %s", listed, s.adaTok)
		}
		for _, foreign := range []string{s.adaTok, "tok_none", "%00"} {
			s.ask(t, "DELETE", "/api/v1/me/tokens/"+foreign, s.admin, "").wantProblem(t, http.StatusNotFound, "token-not-found")
		}
		if a := s.ask(t, "DELETE", "/api/v1/me/tokens/"+made.Token.ID, s.ada, ""); a.status != http.StatusNoContent {
			t.Errorf("got %d %s", a.status, a.body)
		}
		s.ask(t, "GET", "/api/v1/me", made.Secret, "").wantProblem(t, http.StatusUnauthorized, "bad-token")
		s.ask(t, "POST", "/api/v1/me/tokens", s.admin, `{"name":"x","scope":"read"}`, "X-Suivi-Actor", string(s.adaID)).
			wantProblem(t, http.StatusForbidden, "own-only")
	})
}

func TestPeopleSetTheirPasswordAndSeeAndEndTheirSessions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		set := func(old, password string) answer {
			return s.ask(t, "PUT", "/api/v1/me/password", s.ada, fmt.Sprintf(`{"old":%q,"password":%q}`, old, password))
		}
		wantField(t, set("", "motdepasse123").wantProblem(t, http.StatusUnprocessableEntity, "invalid-input"), "password", "too-common")
		if a := set("", goodPassword); a.status != http.StatusNoContent {
			t.Fatalf("got %d %s", a.status, a.body)
		}
		session, secret, err := s.people.SignIn(t.Context(), "ada@example.org", goodPassword, accounts.Client{Address: "192.0.2.7", Agent: "Firefox"})
		if err != nil {
			t.Fatal(err)
		}
		var listed struct {
			Sessions []struct{ ID, Agent, Address string }
		}
		s.ask(t, "GET", "/api/v1/me/sessions", s.ada, "").json(t, &listed)
		if len(listed.Sessions) != 1 || listed.Sessions[0].ID != session.ID || listed.Sessions[0].Agent != "Firefox" || listed.Sessions[0].Address != "192.0.2.7" {
			t.Errorf("got %+v, want %s", listed, session.ID)
		}
		for _, foreign := range []string{session.ID, "%00"} {
			s.ask(t, "DELETE", "/api/v1/me/sessions/"+foreign, s.admin, "").wantProblem(t, http.StatusNotFound, "session-not-found")
		}
		if a := s.ask(t, "DELETE", "/api/v1/me/sessions/"+session.ID, s.ada, ""); a.status != http.StatusNoContent {
			t.Errorf("got %d %s", a.status, a.body)
		}
		if _, _, err := s.people.BySession(t.Context(), secret); err == nil {
			t.Error("the session goes on")
		}
		for range 6 {
			set("wrong password", "a boat under the bridge").wantProblem(t, http.StatusForbidden, "wrong-password")
		}
		limited := set(goodPassword, "a boat under the bridge")
		limited.wantProblem(t, http.StatusTooManyRequests, "too-many-tries")
		if got := limited.header.Get("Retry-After"); got != "1" {
			t.Errorf("got Retry-After: %q, want 1", got)
		}
	})
}

func TestPeopleChangeWhatTheySayOfThemselvesAndAdministratorsTheRest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		var got struct {
			Name, Email, Language, TimeZone string
			Admin, Disabled                 bool
		}
		s.ask(t, "PATCH", "/api/v1/me", s.ada, `{"name":"Countess","language":"fr","timeZone":"Europe/Paris"}`).json(t, &got)
		if got.Name != "Countess" || got.Language != "fr" || got.TimeZone != "Europe/Paris" || got.Email != "ada@example.org" {
			t.Errorf("got %+v", got)
		}
		p := s.ask(t, "PATCH", "/api/v1/me", s.ada, `{"language":"de","timeZone":"Mars"}`).wantProblem(t, http.StatusUnprocessableEntity, "invalid-input")
		wantField(t, p, "language", "unknown-language")
		wantField(t, p, "timeZone", "unknown-time-zone")
		p = s.ask(t, "PATCH", "/api/v1/me", s.ada, `{"admin":true}`).wantProblem(t, http.StatusUnprocessableEntity, "invalid-input")
		wantField(t, p, "admin", "unknown-field")

		ada := "/api/v1/people/" + string(s.adaID)
		s.ask(t, "PATCH", ada, s.ada, `{"admin":true}`).wantProblem(t, http.StatusForbidden, "admin-only")
		s.ask(t, "PATCH", ada, s.admin, `{"email":"countess@example.org","disabled":true}`).json(t, &got)
		if got.Email != "countess@example.org" || !got.Disabled || got.Name != "Countess" {
			t.Errorf("got %+v", got)
		}
		s.ask(t, "GET", "/api/v1/me", s.ada, "").wantProblem(t, http.StatusUnauthorized, "bad-token")
		s.ask(t, "PATCH", "/api/v1/people/"+string(s.adminID), s.admin, `{"admin":false}`).wantProblem(t, http.StatusConflict, "last-admin")
		s.ask(t, "PATCH", "/api/v1/people/%00", s.admin, `{}`).wantProblem(t, http.StatusNotFound, "person-not-found")
	})
}

func TestAnAdministratorInvites(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		var made struct {
			Invitation struct {
				ID, By string
				Person person
			}
			Secret string
		}
		a := s.ask(t, "POST", "/api/v1/invitations", s.admin, `{"name":"Bob","email":"bob@example.org","language":"fr"}`)
		a.json(t, &made)
		if a.status != http.StatusCreated || made.Invitation.Person.Name != "Bob" || made.Invitation.By != string(s.adminID) {
			t.Fatalf("got %d %s", a.status, a.body)
		}
		s.ask(t, "POST", "/api/v1/invitations", s.admin, `{"name":"Bob","email":"bob@example.org"}`).wantProblem(t, http.StatusConflict, "email-taken")
		if _, _, err := s.people.AcceptInvitation(t.Context(), made.Secret, "", goodPassword, "", "", accounts.Client{}); err != nil {
			t.Error(err)
		}
		a = s.ask(t, "POST", "/api/v1/people/"+string(made.Invitation.Person.ID)+"/invitation", s.admin, "")
		a.json(t, &made)
		if i, err := s.people.Invitation(t.Context(), made.Secret); a.status != http.StatusCreated || err != nil || !i.Person.HasPassword {
			t.Errorf("got %d %s, %+v, %v", a.status, a.body, i, err)
		}
		for _, path := range []string{"/api/v1/invitations", "/api/v1/people/" + string(s.adaID) + "/invitation"} {
			s.ask(t, "POST", path, s.ada, `{"name":"Eve","email":"eve@example.org"}`).wantProblem(t, http.StatusForbidden, "admin-only")
		}
	})
}
