package web_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"suivi/domain"
	"suivi/web"
)

func TestLongWorkTellsItsProgressAndItsResult(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{Projections: web.Projections{
		Verify: func(ctx context.Context, progress web.Progress) (any, error) {
			if _, bounded := ctx.Deadline(); bounded {
				return nil, errors.New("long work has a deadline")
			}
			for i := range uint64(10_000) {
				progress(i, 10_000)
			}
			return map[string]any{"equal": true, "projections": []any{}}, nil
		},
		Rebuild: func(_ context.Context, name string, progress web.Progress) error {
			progress(0, 7)
			return nil
		},
	}})
	a := s.ask(t, "POST", "/api/v1/admin/verify", s.admin, "")
	lines := strings.Split(strings.TrimSpace(string(a.body)), "\n")
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("got %d %s", a.status, a.header.Get("Content-Type"))
	}
	if n := len(lines); n < 2 || n > 100 || lines[0] != `{"done":0,"total":10000}` || lines[n-1] != `{"result":{"equal":true,"projections":[]}}` {
		t.Errorf("got %d lines from %s to %s", n, lines[0], lines[n-1])
	}
	a.wantSafeHeaders(t)
	a = s.ask(t, "POST", "/api/v1/admin/projections/tickets/rebuild", s.admin, "")
	if want := "{\"done\":0,\"total\":7}\n{\"result\":{\"name\":\"tickets\"}}\n"; string(a.body) != want {
		t.Errorf("got %s, want %s", a.body, want)
	}
}

func TestWorkThatFailsAtOnceIsAnOrdinaryProblem(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{Projections: web.Projections{
		Rebuild: func(_ context.Context, name string, _ web.Progress) error {
			if name == "panics" {
				panic("hunter2")
			}
			return domain.Errorf(domain.NotFound, "projection-not-found", "there is no projection %s", name)
		},
	}})
	s.ask(t, "POST", "/api/v1/admin/projections/none/rebuild", s.admin, "").wantProblem(t, http.StatusNotFound, "projection-not-found")
	s.ask(t, "POST", "/api/v1/admin/projections/panics/rebuild", s.admin, "").wantProblem(t, http.StatusInternalServerError, "internal")
	if a := s.ask(t, "GET", "/api/v1/me", s.admin, ""); a.status != http.StatusOK {
		t.Errorf("got %d after a panic, want 200", a.status)
	}
}

func TestWorkThatFailsLaterSaysSoInTheLastLine(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{Projections: web.Projections{
		Rebuild: func(_ context.Context, name string, progress web.Progress) error {
			progress(0, 7)
			if name == "panics" {
				panic("hunter2")
			}
			return errors.New("hunter2")
		},
	}})
	for _, name := range []string{"tickets", "panics"} {
		a := s.ask(t, "POST", "/api/v1/admin/projections/"+name+"/rebuild", s.admin, "", "X-Request-ID", "the-request")
		_, last, _ := bytes.Cut(a.body, []byte("\n"))
		if a.status != http.StatusOK || !bytes.HasPrefix(last, []byte(`{"error":{`)) || !bytes.Contains(last, []byte(`"requestId":"the-request"`)) || bytes.Contains(last, []byte("hunter2")) {
			t.Errorf("got %d %s", a.status, a.body)
		}
	}
	if got := strings.Count(s.log.String(), `"msg":"request failed"`); got != 2 {
		t.Errorf("got %d failures in the log, want 2", got)
	}
}

func TestLongWorkEndsWhenNobodyListens(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{Projections: web.Projections{
		Verify: func(ctx context.Context, progress web.Progress) (any, error) {
			for done := uint64(0); ctx.Err() == nil; done++ {
				progress(done, 0)
			}
			ended <- ctx.Err()
			return nil, ctx.Err()
		},
	}})
	resp := s.begin(t, "/api/v1/admin/verify")
	resp.Body.Close()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want cancelled", err)
		}
	case <-time.After(time.Minute):
		t.Error("the work went on for a minute")
	}
}

func TestLongWorkEndsWhenTheServerShutsDown(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{Projections: web.Projections{
		Verify: func(ctx context.Context, progress web.Progress) (any, error) {
			progress(0, 1)
			<-ctx.Done()
			return nil, ctx.Err()
		},
	}})
	resp := s.begin(t, "/api/v1/admin/verify")
	t.Cleanup(func() { // before the server's own end, which fails if this work does not end
		go func() {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}()
	})
}

// begin posts and reads the first line.
func (s *site) begin(t *testing.T, path string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.admin)
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(resp.Body).ReadString('\n'); err != nil || !strings.HasPrefix(line, `{"done":0`) {
		t.Fatalf("got %q, %v", line, err)
	}
	return resp
}
