package testredmine

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// NewProject makes a private project with all trackers, in which the manager, the
// developer and the reporter are what they are called, and gives its identifier.
func (s *Server) NewProject(t testing.TB) string {
	t.Helper()
	identifier := "p" + strings.ToLower(t.Name())
	identifier = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, identifier)
	identifier = identifier[:min(len(identifier), 90)]
	s.post(t, "/projects.json", map[string]any{"project": map[string]any{"name": t.Name(), "identifier": identifier, "is_public": false}})
	for i, login := range []string{Manager, Developer, Reporter} {
		s.post(t, "/projects/"+identifier+"/memberships.json", map[string]any{"membership": map[string]any{
			"user_id": s.User(t, login), "role_ids": []int{3 + i}}})
	}
	return identifier
}

// User is the id of the person with the login.
func (s *Server) User(t testing.TB, login string) int {
	t.Helper()
	text, err := s.ask("GET", "/users.json?limit=100", nil)
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Users []struct {
			ID    int
			Login string
		}
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	for _, user := range list.Users {
		if user.Login == login {
			return user.ID
		}
	}
	t.Fatalf("nobody in Redmine is called %s", login)
	return 0
}

func (s *Server) post(t testing.TB, path string, body any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ask("POST", path, strings.NewReader(string(text))); err != nil {
		t.Fatal(fmt.Errorf("prepare Redmine: %w", err))
	}
}
