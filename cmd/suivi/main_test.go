package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"suivi/internal/testdb"
)

// asProgram is the variable that makes the test binary be the program, so that
// tests can start, kill and restart the real thing as processes of their own.
const asProgram = "SUIVI_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	testdb.Main(m)
}

// program is a running suivi process.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	output *bytes.Buffer // read it after the end only
}

// start starts this test binary as the program, with the race detector if it has one.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return startFile(t, self, args...)
}

func startFile(t *testing.T, file string, args ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command(file, args...), output: new(bytes.Buffer)}
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("suivi %s printed:\n%s", strings.Join(args, " "), tail(p.output.String(), 40000))
		}
	})
	return p
}

func tail(text string, n int) string {
	if len(text) > n {
		return "…" + text[len(text)-n:]
	}
	return text
}

// kill is kill -9; a process that has already ended is left in peace.
func (p *program) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait() // "signal: killed" is what we want
	}
}

// stop asks the process to end and wants it to end well.
func (p *program) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Error(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("suivi ended with %v:\n%s", err, tail(p.output.String(), 2000))
	}
}

// desk is a running service and an administrator's way to it.
type desk struct {
	*program
	data, url, token string
	file             string   // the program
	args             []string // what else it was started with
}

// serveDesk starts a service on the data folder and waits until it is ready.
func serveDesk(t *testing.T, data string, args ...string) *desk {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return serveDeskFrom(t, self, data, args...)
}

func serveDeskFrom(t *testing.T, file, data string, args ...string) *desk {
	t.Helper()
	_ = os.Remove(filepath.Join(data, "server.url")) // of a killed predecessor
	d := &desk{data: data, file: file, args: args, program: startFile(t, file, append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, args...)...)}
	await(t, "the service is ready", func() bool {
		url, err := os.ReadFile(filepath.Join(data, "server.url"))
		if err != nil || len(url) == 0 {
			return false
		}
		d.url = strings.TrimSpace(string(url))
		answer, err := http.Get(d.url + "/health/ready")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	token, err := os.ReadFile(filepath.Join(data, "admin.token"))
	if err != nil {
		t.Fatal(err)
	}
	d.token = strings.TrimSpace(string(token))
	return d
}

// onEachDatabase runs f with a service on SQLite and with one on Postgres; again
// starts the service anew on the same data.
func onEachDatabase(t *testing.T, f func(d *desk, again func() *desk)) {
	t.Helper()
	for name, args := range map[string]func(*testing.T) []string{
		"sqlite":   func(*testing.T) []string { return nil },
		"postgres": func(t *testing.T) []string { return []string{"--database", testdb.Postgres(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, args := t.TempDir(), args(t)
			d := serveDesk(t, data, args...)
			f(d, func() *desk {
				d.stop()
				return serveDesk(t, data, args...)
			})
		})
	}
}

// await polls until the condition holds, and fails after five minutes: machines
// are slow when everything is tested at once.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(5 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("five minutes have passed and not: %s", what)
		case <-tick.C:
		}
	}
}

// answer is what the service said.
type answer struct {
	status   int
	position string
	body     []byte
}

// ask sends a request as the token's person; body may be nil, headers come in pairs.
func (d *desk) ask(token, method, path string, body any, headers ...string) answer {
	d.t.Helper()
	a, err := d.try(token, method, path, body, headers...)
	if err != nil {
		d.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (d *desk) try(token, method, path string, body any, headers ...string) (answer, error) {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		sent = bytes.NewReader(text)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, d.url+path, sent)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header.Get("X-Suivi-Position"), text}, err
}

// want fails unless the answer has the status, and reads its body into into, if that is not nil.
func (d *desk) want(status int, a answer, into any) {
	d.t.Helper()
	if a.status != status {
		d.t.Fatalf("got %d %s, want %d", a.status, a.body, status)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		d.t.Fatalf("read %s: %v", a.body, err)
	}
}

// person makes an account and a token for it.
func (d *desk) person(name string) (id, token string) {
	d.t.Helper()
	var made struct {
		ID string `json:"id"`
	}
	email := name + "@example.org"
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/people", map[string]any{"name": name, "email": email}), &made)
	return made.ID, strings.TrimSpace(command(d.t, append([]string{"token", "create", "--data", d.data, "--email", email}, d.database()...)...))
}

// database is the flag that names the service's database, if it was started with one.
func (d *desk) database() []string {
	i := slices.Index(d.args, "--database")
	if i < 0 {
		return nil
	}
	return d.args[i : i+2]
}

// command runs a command line that must succeed, and gives what it printed.
func command(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errOut := tryCommand(t.Context(), args...)
	if code != 0 {
		t.Fatalf("suivi %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errOut)
	}
	return out
}

func tryCommand(ctx context.Context, args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	code = run(ctx, args, &o, &e)
	return code, o.String(), e.String()
}

// counts is the answer of GET /tickets/counts.
type counts struct {
	Lists  map[string]int `json:"lists"`
	States map[string]int `json:"states"`
}

func (d *desk) counts(query string) counts {
	d.t.Helper()
	var c counts
	d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/tickets/counts"+query, nil), &c)
	return c
}

// page is the path of a list's next page; next is "" for the first.
func page(list, next string) string {
	if next == "" {
		return list
	}
	return list + "&cursor=" + next
}

func (c counts) String() string { return fmt.Sprintf("%v %v", c.Lists, c.States) }
