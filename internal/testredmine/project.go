package testredmine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
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
	identifier = identifier[:min(len(identifier), 90)] + "-" + strconv.FormatInt(s.projects.Add(1), 10)
	s.post(t, "/projects.json", map[string]any{"project": map[string]any{"name": t.Name(), "identifier": identifier, "is_public": false}})
	for _, login := range []string{Manager, Developer, Reporter} {
		s.post(t, "/projects/"+identifier+"/memberships.json", map[string]any{"membership": map[string]any{
			"user_id": s.User(t, login), "role_ids": []int{roleOf(login)}}})
	}
	return identifier
}

// roleOf is the number of the role, in Redmine's default data, that the person has.
func roleOf(login string) int {
	return 3 + slices.Index([]string{Manager, Developer, Reporter}, login)
}

// ChangeRole gives a member of the project the role that another one has.
func (s *Server) ChangeRole(t testing.TB, project, login, as string) {
	t.Helper()
	text, err := s.ask("GET", "/projects/"+project+"/memberships.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Memberships []struct {
			ID   int `json:"id"`
			User struct {
				ID int `json:"id"`
			} `json:"user"`
		} `json:"memberships"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	id := s.User(t, login)
	for _, member := range list.Memberships {
		if member.User.ID == id {
			s.send(t, "PUT", "/memberships/"+strconv.Itoa(member.ID)+".json", map[string]any{"membership": map[string]any{"role_ids": []int{roleOf(as)}}})
		}
	}
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
			ID    int    `json:"id"`
			Login string `json:"login"`
		} `json:"users"`
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

// Issues counts the issues of the project, in whatever status.
func (s *Server) Issues(t testing.TB, project string) int {
	t.Helper()
	text, err := s.ask("GET", "/issues.json?limit=1&status_id=*&project_id="+project, nil)
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Total int `json:"total_count"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	return list.Total
}

// CloseProject has nobody change anything in the project.
func (s *Server) CloseProject(t testing.TB, project string) {
	t.Helper()
	s.send(t, "PUT", "/projects/"+project+"/close.json", nil)
}

// ReopenProject lets them again.
func (s *Server) ReopenProject(t testing.TB, project string) {
	t.Helper()
	s.send(t, "PUT", "/projects/"+project+"/reopen.json", nil)
}

func (s *Server) post(t testing.TB, path string, body any) {
	t.Helper()
	s.send(t, "POST", path, body)
}

func (s *Server) send(t testing.TB, method, path string, body any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ask(method, path, strings.NewReader(string(text))); err != nil {
		t.Fatal(fmt.Errorf("prepare Redmine: %w", err))
	}
}
