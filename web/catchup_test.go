package web_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"suivi/domain"
	"suivi/web"
)

func TestAReadWaitsForThePositionThatItNames(t *testing.T) {
	t.Parallel()
	var waited atomic.Uint64
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{Projections: web.Projections{
		Wait: func(_ context.Context, commit, prepare uint64) error {
			waited.Store(commit*1000 + prepare)
			return nil
		},
	}})
	if a := s.ask(t, "GET", "/api/v1/me", s.ada, "", "X-Suivi-After", "12/34"); a.status != http.StatusOK || waited.Load() != 12034 {
		t.Errorf("got %d and waited for %d, want 200 and 12034", a.status, waited.Load())
	}
	for _, after := range []string{"12", "12/", "/12", "-1/2", "1/2/3", "a/b", "99999999999999999999/1"} {
		p := s.ask(t, "GET", "/api/v1/me", s.ada, "", "X-Suivi-After", after).wantProblem(t, http.StatusUnprocessableEntity, "bad-position")
		wantField(t, p, "X-Suivi-After", "bad-position")
	}
	// Writes do not wait, and who is not let in makes nobody wait.
	s.ask(t, "POST", "/api/v1/people", s.admin, `{"name":"Bob","email":"bob@example.org"}`, "X-Suivi-After", "1/1")
	s.ask(t, "GET", "/api/v1/me", "", "", "X-Suivi-After", "1/1").wantProblem(t, http.StatusUnauthorized, "token-missing")
	if waited.Load() != 12034 {
		t.Errorf("waited for %d", waited.Load())
	}
	// A read that is asked by POST waits.
	s.ask(t, "POST", "/api/v1/trackers/HELP/workflow/preview", s.admin, `{}`, "X-Suivi-After", "56/78")
	if waited.Load() != 56078 {
		t.Errorf("waited for %d", waited.Load())
	}
}

func TestAReadDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{Projections: web.Projections{
		Wait: func(ctx context.Context, _, _ uint64) error {
			<-ctx.Done()
			return domain.Errorf(domain.Unavailable, "read-model-behind", "the read models are behind")
		},
	}})
	began := time.Now()
	a := s.ask(t, "GET", "/api/v1/me", s.ada, "", "X-Suivi-After", "12/34")
	a.wantProblem(t, http.StatusServiceUnavailable, "read-model-behind")
	if took := time.Since(began); took < 4*time.Second || took > 8*time.Second || a.header.Get("Retry-After") == "" {
		t.Errorf("took %v, Retry-After: %q; want 5 s and some seconds", took, a.header.Get("Retry-After"))
	}
}

func TestNothingThatNeedsReadModelsIsAnsweredBeforeTheyAreBuilt(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{Built: func() error {
		return domain.Errorf(domain.Unavailable, "read-models-building", "not yet")
	}})
	for _, path := range []string{"/api/v1/tickets", "/api/v1/trackers/HELP"} {
		s.ask(t, "GET", path, s.ada, "").wantProblem(t, http.StatusServiceUnavailable, "read-models-building")
	}
	s.ask(t, "POST", "/api/v1/trackers/HELP/tickets", s.ada, `{"summary":"S"}`).
		wantProblem(t, http.StatusServiceUnavailable, "read-models-building")
	if a := s.ask(t, "GET", "/api/v1/me", s.ada, ""); a.status != http.StatusOK {
		t.Errorf("GET /me: got %d, want 200", a.status)
	}
}
