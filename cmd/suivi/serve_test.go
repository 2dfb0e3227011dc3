package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestTheFirstStartMakesAnAdministratorAndASecondKeepsThem(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	d := serveDesk(t, data)
	files, err := os.ReadDir(data)
	if err != nil || len(files) < 5 {
		t.Errorf("%d files in the data folder, %v", len(files), err)
	}
	for _, file := range files {
		want := os.FileMode(0o600)
		if file.IsDir() {
			want = 0o700
		}
		if info, err := file.Info(); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want mode %v", file.Name(), info.Mode(), err, want)
		}
	}
	var me struct{ Admin bool }
	d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/me", nil), &me)
	if !me.Admin {
		t.Error("the token's person is no administrator")
	}
	d.stop()
	said := d.output.String()
	if !strings.Contains(said, filepath.Join(data, "admin.token")) || strings.Contains(said, d.token) {
		t.Errorf("the first start must say where the token is, and not the token:\n%s", said)
	}
	code := regexp.MustCompile(`set-up code (\S+)`)
	if !code.MatchString(said) {
		t.Errorf("the first start does not say the set-up code:\n%s", said)
	}
	if _, err := os.Stat(filepath.Join(data, "server.url")); !os.IsNotExist(err) {
		t.Errorf("server.url after the end: %v", err)
	}
	again := serveDesk(t, data)
	if again.token != d.token {
		t.Error("the second start has made another token")
	}
	again.want(http.StatusOK, again.ask(d.token, "GET", "/api/v1/me", nil), nil)
	again.want(http.StatusNoContent, again.ask(d.token, "PUT", "/api/v1/me/password", map[string]string{"password": "a tram through the rain"}), nil)
	again.stop()
	third := serveDesk(t, data)
	third.stop()
	if said := third.output.String(); code.MatchString(said) {
		t.Errorf("a start says a set-up code though the administrator has a password:\n%s", said)
	}
}

func TestASecondServiceOnTheSameFolderIsRefused(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	second := start(t, "serve", "--data", d.data, "--listen", "127.0.0.1:0")
	if err := second.cmd.Wait(); err == nil || second.cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("it ended with %v, want exit 1", err)
	}
	if said := second.output.String(); !strings.Contains(said, "events.db") {
		t.Errorf("it does not name the file that is in use:\n%s", said)
	}
	d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/me", nil), nil)
}

func TestDoctorLooksAtARunningService(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	if said := command(t, "doctor", "--data", d.data); strings.Count(said, "ok ") != 5 {
		t.Errorf("doctor says:\n%s", said)
	}
	code, said, _ := tryCommand(t.Context(), "doctor", "--data", filepath.Join(d.data, "none"), "--eventstore", "esdb://"+freeAddress(t)+"?tls=false")
	if code != 1 || strings.Count(said, "FAIL") != 5 {
		t.Errorf("exit %d and:\n%s\nwant 1 and five failures", code, said)
	}
}

func TestTokensAreMadeListedAndRevoked(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	token := strings.TrimSpace(command(t, "token", "create", "--data", d.data, "--label", "second"))
	d.want(http.StatusOK, d.ask(token, "GET", "/api/v1/me", nil), nil)
	var id string
	for line := range strings.Lines(command(t, "token", "list", "--data", d.data)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] == "second" {
			id = fields[0]
		}
	}
	command(t, "token", "revoke", "--data", d.data, id)
	await(t, "the token is refused", func() bool { return d.ask(token, "GET", "/api/v1/me", nil).status == http.StatusUnauthorized })
	d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/me", nil), nil)
}

func TestACommandLineThatCannotBeUnderstoodExitsWithTwo(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"fly"}, {"serve", "--fly"}, {"serve", "now"}, {"serve", "--eventstore", "http://x"}, {"serve", "--database", "mysql://x"},
		{"token", "revoke"}, {"audit", "ticket"}, {"import", "helpdesk"}, {"import", "xml", "f"},
	} {
		code, out, errOut := tryCommand(t.Context(), args...)
		if code != 2 || !strings.Contains(errOut, "suivi: ") || out != "" {
			t.Errorf("suivi %v: exit %d, %q, %q; want 2 and a reason", args, code, out, errOut)
		}
	}
}

func TestFlagsComeFromTheEnvironmentToo(t *testing.T) {
	t.Parallel()
	environment := map[string]string{"SUIVI_LISTEN": "127.0.0.1:1", "SUIVI_DATA": "/from/environment"}
	cmd := newServeCommand()
	if err := cmd.ParseFlags([]string{"--data", "/from/flag"}); err != nil {
		t.Fatal(err)
	}
	lookup := func(name string) (string, bool) { v, ok := environment[name]; return v, ok }
	if err := fromEnvironment(cmd, lookup); err != nil {
		t.Fatal(err)
	}
	if listen, data := cmd.Flag("listen").Value.String(), cmd.Flag("data").Value.String(); listen != "127.0.0.1:1" || data != "/from/flag" {
		t.Errorf("got %s, %s", listen, data)
	}
	environment["SUIVI_LOG_LEVEL"] = "loud"
	var out bytes.Buffer
	if err := fromEnvironment(cmd, lookup); err == nil || !strings.Contains(err.Error(), "SUIVI_LOG_LEVEL") {
		t.Errorf("got %v", err)
	}
	if code := run(t.Context(), []string{"--version"}, &out, &out); code != 0 || !strings.Contains(out.String(), version) {
		t.Errorf("--version: exit %d, %s", code, out.String())
	}
}
