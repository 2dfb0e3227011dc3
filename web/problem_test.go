package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"suivi/domain"
	"suivi/web"
)

func TestUnknownPathsAndMethodsAreProblemsOfOneShape(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{})
	var bodies []string
	for _, path := range []string{"/", "/api", "/health", "/api/v1", "/api/v1/", "/api/v1/none", "/api/v1/me/", "/api/v1/ME", "/API/v1/me",
		"/api/v1/%6de", "/api/v1/me%00", "/api/v1/../../etc/passwd", "/api/v1/tickets/HELP-1/none", "/<script>"} {
		a := s.ask(t, "GET", path, s.admin, "", "X-Request-ID", "same")
		a.wantProblem(t, http.StatusNotFound, "route-unknown")
		bodies = append(bodies, string(a.body))
	}
	for _, body := range bodies {
		if body != bodies[0] {
			t.Errorf("got %s and %s, want one body", bodies[0], body)
		}
	}
	s.ask(t, "GET", "/api/v1/none", "", "").wantProblem(t, http.StatusUnauthorized, "token-missing")
	for _, c := range []struct{ method, path, allow string }{
		{"DELETE", "/api/v1/me", "GET, HEAD, PATCH"}, {"PUT", "/api/v1/people", "GET, HEAD, POST"}, {"GET", "/api/v1/admin/verify", "POST"},
		{"POST", "/health/live", "GET, HEAD"}, {"TRACE", "/api/v1/me", "GET, HEAD, PATCH"}, {"DELETE", "/api/v1/tickets/HELP-1/comments", "GET, HEAD, POST"},
	} {
		a := s.ask(t, c.method, c.path, s.admin, "")
		a.wantProblem(t, http.StatusMethodNotAllowed, "method-not-allowed")
		if got := a.header.Get("Allow"); got != c.allow {
			t.Errorf("%s %s: got Allow: %s, want %s", c.method, c.path, got, c.allow)
		}
	}
	s.ask(t, "BREW", "/api/v1/me", s.admin, "").wantProblem(t, http.StatusNotImplemented, "method-unknown")
}

// A GET on a route that only changes things does not come to it, whatever it carries.
func TestNoStateIsChangedByGET(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{Projections: web.Projections{
		Verify: func(context.Context, web.Progress) (any, error) {
			t.Error("a GET was taken for a POST")
			return nil, errors.New("not to be reached")
		},
	}})
	for _, override := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		s.ask(t, "GET", "/api/v1/admin/verify?_method=POST", s.admin, "", override, "POST").wantProblem(t, http.StatusMethodNotAllowed, "method-not-allowed")
	}
}

func TestBodiesThatAreNotPlainJSONAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{})
	post := func(body string, headers ...string) answer {
		return s.ask(t, "POST", "/api/v1/people", s.admin, body, headers...)
	}
	const good = `{"name":"Bob","email":"bob@example.org"}`
	for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "json", ""} {
		post(good, "Content-Type", media).wantProblem(t, http.StatusUnsupportedMediaType, "not-json")
	}
	for _, encoding := range []string{"gzip", "br", "deflate", "identity, gzip"} {
		post(good, "Content-Encoding", encoding).wantProblem(t, http.StatusUnsupportedMediaType, "encoding-unsupported")
	}
	for _, body := range []string{"", "{", "null x", "{}{}", "\xff", strings.Repeat("[", 100_000), `"text"`, "[]"} {
		if a := post(body); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%.20q: got %d %s, want 422", body, a.status, a.body)
		}
	}
	p := post(`{"name":"Bob","email":"bob@example.org","nmae":"x"}`).wantProblem(t, http.StatusUnprocessableEntity, "invalid-input")
	wantField(t, p, "nmae", "unknown-field")
	p = post(`{"name":7,"email":"bob@example.org"}`).wantProblem(t, http.StatusUnprocessableEntity, "invalid-input")
	wantField(t, p, "name", "wrong-type")
	if a := post(good, "Content-Type", "Application/JSON; charset=utf-8"); a.status != http.StatusCreated {
		t.Errorf("got %d %s, want 201", a.status, a.body)
	}
}

// raw sends text on a connection of its own and reads one answer.
func (s *site) raw(t *testing.T, text string) answer {
	t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, body}
}

func TestRequestsThatCannotBeReadAreProblemsToo(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{})
	head := "POST /api/v1/people HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer " + s.admin + "\r\n"
	s.raw(t, head+"Content-Length: 1048577\r\n\r\n").wantProblem(t, http.StatusRequestEntityTooLarge, "body-too-large")
	s.raw(t, head+"Transfer-Encoding: chunked\r\n\r\n200000\r\n"+strings.Repeat("x", 1<<20+1)).wantProblem(t, http.StatusRequestEntityTooLarge, "body-too-large")
	s.raw(t, head+"X: "+strings.Repeat("x", 20_000)+"\r\n\r\n").wantProblem(t, http.StatusRequestHeaderFieldsTooLarge, "headers-too-large")
	s.raw(t, "nonsense\r\n\r\n").wantProblem(t, http.StatusBadRequest, "bad-request")
	s.raw(t, "POST /api/v1/people HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\nContent-Length: 5\r\n\r\nabc").wantProblem(t, http.StatusBadRequest, "bad-request")
}

func TestTheRequestIDIsTakenOverOnlyIfItIsHarmless(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{})
	for _, id := range []string{"a", "Ab-9_.z", strings.Repeat("x", 64)} {
		if got := s.ask(t, "GET", "/health/live", "", "", "X-Request-ID", id).header.Get("X-Request-ID"); got != id {
			t.Errorf("got %q, want %q", got, id)
		}
	}
	for _, id := range []string{"", "a b", strings.Repeat("x", 65), "<b>", "a\tb", "é", "%0d%0aSet-Cookie:x", `"`} {
		got := s.ask(t, "GET", "/health/live", "", "", "X-Request-ID", id).header.Get("X-Request-ID")
		if len(got) != 26 || got == id {
			t.Errorf("for %q got %q, want a new id", id, got)
		}
	}
	a := s.raw(t, "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\r\n Set-Cookie: stolen=1\r\n\r\n") // a folded line
	if a.header.Get("Set-Cookie") != "" || len(a.header.Get("X-Request-ID")) == 1 && a.status == http.StatusOK {
		t.Errorf("got %d %v", a.status, a.header)
	}
}

func TestErrorsThatAreOursAreLoggedAndNotShown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err          error
		status       int
		code, logged string
	}{
		"unknown":         {errors.New("password=hunter2"), http.StatusInternalServerError, "internal", `"level":"ERROR"`},
		"internal":        {domain.Errorf(domain.Internal, "broken", "password=hunter2"), http.StatusInternalServerError, "internal", `"level":"ERROR"`},
		"too late":        {fmt.Errorf("password=hunter2: %w", context.DeadlineExceeded), http.StatusServiceUnavailable, "timeout", `"level":"WARN"`},
		"unavailable":     {errors.Join(domain.Errorf(domain.Unavailable, "too-busy", "later"), errors.New("password=hunter2")), http.StatusServiceUnavailable, "too-busy", `"level":"WARN"`},
		"a panic":         {nil, http.StatusInternalServerError, "internal", `"stack":`},
		"refused":         {fmt.Errorf("wrapped: %w", domain.Errorf(domain.Refused, "key-taken", "no")), http.StatusConflict, "key-taken", ""},
		"stale":           {domain.Errorf(domain.Stale, "stale-version", "no"), http.StatusPreconditionFailed, "stale-version", ""},
		"unauthenticated": {domain.Errorf(domain.Unauthenticated, "bad-token", "no"), http.StatusUnauthorized, "bad-token", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{Projections: web.Projections{
				Status: func(context.Context) (any, error) {
					if c.err == nil {
						panic("password=hunter2")
					}
					return nil, c.err
				},
			}})
			a := s.ask(t, "GET", "/api/v1/admin/projections", s.admin, "", "X-Request-ID", "the-request")
			a.wantProblem(t, c.status, c.code)
			if strings.Contains(string(a.body), "hunter2") {
				t.Errorf("the answer tells a secret: %s", a.body)
			}
			if (a.header.Get("Retry-After") != "") != (c.status == http.StatusServiceUnavailable) {
				t.Errorf("got Retry-After: %q with %d", a.header.Get("Retry-After"), c.status)
			}
			var failures []string
			for line := range strings.Lines(s.log.String()) {
				if strings.Contains(line, "request failed") {
					failures = append(failures, line)
				}
			}
			switch {
			case c.logged == "" && len(failures) == 0:
			case len(failures) != 1 || !strings.Contains(failures[0], c.logged) || !strings.Contains(failures[0], `"requestId":"the-request"`):
				t.Errorf("got the failures %q in the log, want one with %s", failures, c.logged)
			}
		})
	}
}

func TestTheLogHasALineForEachRequestAndNoSecrets(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{})
	s.ask(t, "GET", "/api/v1/people?email=private@example.org", s.admin, "", "X-Request-ID", "the-request")
	s.ask(t, "GET", "/api/v1/me", s.admin+"x", "")
	await(t, func() bool { return strings.Count(s.log.String(), `"msg":"request"`) == 2 })
	log := s.log.String()
	for _, want := range []string{`"path":"/api/v1/people"`, `"status":200`, `"status":401`, `"requestId":"the-request"`, `"person":"` + string(s.adminID)} {
		if !strings.Contains(log, want) {
			t.Errorf("want %s in the log:\n%s", want, log)
		}
	}
	for _, secret := range []string{s.admin, s.admin[4:20], "private"} {
		if strings.Contains(log, secret) {
			t.Errorf("%q is in the log:\n%s", secret, log)
		}
	}
}
