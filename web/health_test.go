package web_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"suivi/web"
)

func TestHealthNeedsNoTokenAndTellsNoReasons(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		for path, want := range map[string]string{"/health/live": `{"status":"live"}`, "/health/ready": `{"status":"ready"}`} {
			a := s.ask(t, "GET", path, "", "")
			if a.status != http.StatusOK || string(a.body) != want {
				t.Errorf("%s: got %d %s, want %s", path, a.status, a.body, want)
			}
			a.wantSafeHeaders(t)
		}
	})
	t.Run("not ready", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{Ready: func(context.Context) error { return errors.New("hunter2") }})
		a := s.ask(t, "GET", "/health/ready", "", "")
		a.wantProblem(t, http.StatusServiceUnavailable, "not-ready")
		if strings.Contains(string(a.body), "hunter2") || !strings.Contains(s.log.String(), "hunter2") {
			t.Errorf("got %s; want the reason in the log alone", a.body)
		}
		if a := s.ask(t, "GET", "/health/live", "", ""); a.status != http.StatusOK {
			t.Errorf("got %d, want 200", a.status)
		}
	})
}
