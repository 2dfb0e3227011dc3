package testredmine_test

import (
	"net/http"
	"testing"

	"suivi/internal/testredmine"
)

func TestARedmineComesBackWithItsData(t *testing.T) {
	t.Parallel()
	s := testredmine.Start(t, testredmine.Config{})
	project := s.NewProject(t)
	if status := get(t, s.URL+"/projects/"+project+".json"); status != http.StatusOK {
		t.Errorf("got %d", status)
	}
	s.Kill()
	if status := get(t, s.URL); status != 0 {
		t.Errorf("a dead one answers %d", status)
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if status := get(t, s.URL+"/projects/"+project+".json"); status != http.StatusOK {
		t.Errorf("got %d", status)
	}
}

// get is the status that the manager is answered, or 0.
func get(t *testing.T, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Redmine-Api-Key", testredmine.Key(testredmine.Manager))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	return resp.StatusCode
}
