package web_test

import (
	"fmt"
	"net/http"
	"testing"

	"suivi/domain"
)

type person struct {
	ID          domain.UserID
	Name, Email string
	Admin       bool
}

func TestAnAdministratorMakesAndFindsPeople(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		a := s.ask(t, "POST", "/api/v1/people", s.admin, `{"name":"Bob","email":"Bob@example.org"}`)
		var bob person
		a.json(t, &bob)
		if a.status != http.StatusCreated || !bob.ID.Valid() || bob.Name != "Bob" || bob.Email != "Bob@example.org" || bob.Admin {
			t.Fatalf("got %d %s", a.status, a.body)
		}
		p := s.ask(t, "POST", "/api/v1/people", s.admin, `{"name":"Bob 2","email":"bob@EXAMPLE.org"}`).wantProblem(t, http.StatusConflict, "email-taken")
		wantField(t, p, "email", "email-taken")
		p = s.ask(t, "POST", "/api/v1/people", s.admin, `{"name":"","email":"x"}`).wantProblem(t, http.StatusUnprocessableEntity, "invalid-input")
		wantField(t, p, "name", "bad-length")
		wantField(t, p, "email", "bad-email")

		var found struct{ People []person }
		s.ask(t, "GET", "/api/v1/people?email=BOB@example.org", s.admin, "").json(t, &found)
		if len(found.People) != 1 || found.People[0] != bob {
			t.Errorf("got %v, want Bob", found)
		}
		s.ask(t, "GET", "/api/v1/people?email=nobody@example.org", s.admin, "").json(t, &found)
		if len(found.People) != 0 {
			t.Errorf("got %v, want nobody", found)
		}
		p = s.ask(t, "GET", "/api/v1/people?emial=x&limit=201&cursor=x", s.admin, "").wantProblem(t, http.StatusUnprocessableEntity, "invalid-input")
		wantField(t, p, "emial", "unknown-parameter")
		wantField(t, p, "limit", "bad-limit")
		wantField(t, p, "cursor", "bad-cursor")
	})
}

func TestPeopleAreListedPageByPage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		for i := range 5 { // with the administrator and Ada, 7
			s.ask(t, "POST", "/api/v1/people", s.admin, fmt.Sprintf(`{"name":"P%d","email":"p%d@example.org"}`, i, i))
		}
		seen := map[domain.UserID]bool{}
		path := "/api/v1/people?limit=3"
		for pages := 1; ; pages++ {
			var page struct {
				People []person
				Next   string
			}
			s.ask(t, "GET", path, s.admin, "").json(t, &page)
			for _, p := range page.People {
				seen[p.ID] = true
			}
			if page.Next == "" {
				if pages != 3 || len(seen) != 7 {
					t.Errorf("got %d people on %d pages, want 7 on 3", len(seen), pages)
				}
				return
			}
			path = "/api/v1/people?limit=3&cursor=" + page.Next
		}
	})
}
