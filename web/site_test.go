package web_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/commands"
	"suivi/database"
	"suivi/domain"
	"suivi/internal/testdb"
	"suivi/readapi"
	"suivi/web"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// site is the edge on a real listener, with real accounts: an administrator and
// Ada, who is none. Commands and reads have no store behind them: what they do
// is tested in their own packages, and all of it together in cmd/suivi.
type site struct {
	url, address       string
	people             *accounts.Accounts
	adminID, adaID     domain.UserID
	admin, ada, adaTok string // tokens; adaTok is the id of Ada's
	client             *http.Client
	log                *lockedBuffer
}

// each runs f on both databases, without projections.
func each(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, url string) { f(t, newSite(t, url, web.Config{})) })
}

// newSite serves what cfg says, with what it leaves out filled in.
func newSite(t testing.TB, url string, cfg web.Config) *site {
	t.Helper()
	db, err := database.Open(t.Context(), database.Config{URL: url, Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &site{log: &lockedBuffer{}}
	if s.people, err = accounts.Open(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	s.fill(t)
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	cfg.Accounts = s.people
	s.serve(t, newApp(cfg))
	return s
}

// newApp fills in the parts that have nothing behind them.
func newApp(cfg web.Config) *fiber.App {
	cfg.Commands = commands.New(commands.Config{})
	cfg.Reads = readapi.New(nil, nil)
	return web.New(cfg)
}

func (s *site) fill(t testing.TB) {
	t.Helper()
	admin, token, _, err := s.people.EnsureAdmin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ada, err := s.people.Create(t.Context(), domain.By{}, accounts.Person{Name: "Ada", Email: "ada@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	s.adminID, s.admin, s.adaID = admin.ID, token, ada.ID
	var issued accounts.Token
	if s.ada, issued, err = s.people.IssueToken(t.Context(), domain.By{}, accounts.Token{Person: ada.ID, Label: "test", Scope: accounts.ScopeAdmin}); err != nil {
		t.Fatal(err)
	}
	s.adaTok = issued.ID
}

func (s *site) serve(t testing.TB, app *fiber.App) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	s.url = "http://" + s.address
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	s.client = &http.Client{Transport: transport, Timeout: time.Minute}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := app.ShutdownWithTimeout(time.Minute); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// answer is an answer that has been read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask sends a request; headers are name, value, name, value. The answer is held
// against the OpenAPI document.
func (s *site) ask(t testing.TB, method, path, token, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{resp.StatusCode, resp.Header, text}
	checkAnswer(t, req, a)
	return a
}

func (a answer) json(t testing.TB, into any) {
	t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

// problem is what a problem+json answer says.
type problem struct {
	Type, Title, Detail, Code, RequestID string
	Status                               int
	Errors                               []domain.FieldError
}

// wantProblem checks an error answer: its shape, status, code and the headers that every answer has.
func (a answer) wantProblem(t testing.TB, status int, code string) problem {
	t.Helper()
	if a.status != status || a.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("got %d %s: %s, want the problem %d %s", a.status, a.header.Get("Content-Type"), a.body, status, code)
	}
	var p problem
	a.json(t, &p)
	if p.Status != status || p.Code != code || p.Title != http.StatusText(status) || p.Type != "about:blank" || p.Detail == "" ||
		p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") {
		t.Errorf("got %s (X-Request-Id %s), want status %d, code %s", a.body, a.header.Get("X-Request-Id"), status, code)
	}
	a.wantSafeHeaders(t)
	return p
}

func (a answer) wantSafeHeaders(t testing.TB) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("got %s: %q, want %q", name, got, want)
		}
	}
	if got := a.header.Get("Server"); got != "" {
		t.Errorf("got Server: %q, want none", got)
	}
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
