package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suivi/eventstore"
)

// typed runs a command line as a process of its own with a standard input, and
// gives all that it printed.
func typed(t *testing.T, input string, args ...string) (code int, said string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env, cmd.Stdin = append(os.Environ(), asProgram+"=1"), strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// storeOf waits for a store with --auth on a data folder and gives its address.
func storeOf(t *testing.T, data string) string {
	t.Helper()
	var connection string
	await(t, "the event store is served", func() bool {
		var ok bool
		connection, ok = readLine(filepath.Join(data, "eventstore.url"))
		return ok
	})
	return connection
}

// reads tells whether somebody may read a stream.
func reads(t *testing.T, connection, login, password, stream string) error {
	t.Helper()
	at, err := url.Parse(connection)
	if err != nil {
		t.Fatal(err)
	}
	at.User = url.UserPassword(login, password)
	store, err := eventstore.Open(at.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, err := range store.Read(ctx, stream, 0) {
		if errors.Is(err, eventstore.ErrStreamNotFound) {
			return nil
		}
		return err
	}
	return nil
}

func TestUsersOfAServedEventStoreAreManaged(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, "eventstore", "--auth", "--data", data, "--listen", "127.0.0.1:0")
	connection := storeOf(t, data)
	admin, _ := readLine(filepath.Join(data, "eventstore-admin.password"))
	if err := reads(t, connection, "admin", admin, "$users"); err != nil {
		t.Fatal(err)
	}
	user := func(input string, args ...string) string {
		t.Helper()
		code, said := typed(t, input, append([]string{"eventstore", "user", "--data", data}, args...)...)
		if code != 0 {
			t.Fatalf("user %v: exit %d, %s", args, code, said)
		}
		return said
	}
	user("analytical engine\n", "add", "ada", "--name", "Ada Lovelace", "--group", "desk,$ops")
	if err := reads(t, connection, "ada", "analytical engine", "a"); err != nil {
		t.Error(err)
	}
	if said := user("", "list"); !strings.Contains(said, "Ada Lovelace") || !strings.Contains(said, "desk,$ops") || strings.Count(said, "enabled") != 3 {
		t.Errorf("list:\n%s", said)
	}
	user("", "disable", "ada")
	if err := reads(t, connection, "ada", "analytical engine", "a"); err == nil {
		t.Error("a disabled user may read")
	}
	user("", "enable", "ada")
	user("difference engine", "password", "ada")
	if err := reads(t, connection, "ada", "difference engine", "a"); err != nil {
		t.Error(err)
	}
	user("", "delete", "ada")
	for says, args := range map[string][]string{
		"no user":                     {"enable", "ada"},
		"shorter":                     {"add", "eve"},
		"wants the user's login":      {"disable"},
		"unknown flag: --password":    {"add", "eve", "--password", "secret"},
		`there is no user "--x"`:      {"disable", "--", "--x"},
		"takes no arguments":          {"list", "all"},
		"begins with a dollar sign":   {"add", "$eve"},
		"the user admin cannot be de": {"delete", "admin"},
	} {
		if code, said := typed(t, "short\n", append([]string{"eventstore", "user", "--data", data}, args...)...); code == 0 || !strings.Contains(said, says) {
			t.Errorf("user %v: exit %d, %s; want %q", args, code, said, says)
		}
	}

	// The administrator's own password, which the commands then need.
	if said := user("a password of mine", "password", "admin"); !strings.Contains(said, "removed") {
		t.Errorf("it says %q", said)
	}
	code, said := typed(t, "", "eventstore", "user", "list", "--data", data)
	if code != 1 || !strings.Contains(said, adminPasswordVariable) || !strings.Contains(said, "stop the server") {
		t.Errorf("without the password: exit %d, %s", code, said)
	}
	elsewhere := strings.Replace(connection, "esdb://", "esdb://admin:a%20password%20of%20mine@", 1)
	if code, said := typed(t, "", "eventstore", "user", "list", "--eventstore", elsewhere); code != 0 || !strings.Contains(said, "$admins") {
		t.Errorf("elsewhere: exit %d, %s", code, said)
	}

	// Who has lost it stops the server.
	p.stop()
	if strings.Contains(p.output.String(), admin) {
		t.Error("the server has printed a password")
	}
	if _, err := os.Stat(filepath.Join(data, "eventstore.url")); !os.IsNotExist(err) {
		t.Errorf("eventstore.url after the end: %v", err)
	}
	user("the third one", "password", "admin")
	again := start(t, "eventstore", "--auth", "--data", data, "--listen", "127.0.0.1:0")
	if err := reads(t, storeOf(t, data), "admin", "the third one", "$users"); err != nil {
		t.Error(err)
	}
	again.stop()
}

func TestTheServiceWorksWithAuthAndOthersCanFollowIt(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir(), "--auth")
	postTickets(d, 3)
	await(t, "the tickets are listed", func() bool { return tickets(d) == 3 })
	connection := storeOf(t, d.data)
	admin, _ := readLine(filepath.Join(d.data, "eventstore-admin.password"))
	if err := reads(t, connection, "admin", admin, "$users"); err != nil {
		t.Error(err)
	}
	if err := reads(t, connection, "admin", "wrong", "$users"); err == nil {
		t.Error("a wrong password is as good")
	}
	files, err := os.ReadDir(d.data)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if info, err := file.Info(); err != nil || !info.IsDir() && info.Mode()&os.ModeSocket == 0 && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want mode 0600", file.Name(), info.Mode(), err)
		}
	}
	d.stop()
	again := serveDesk(t, d.data, "--auth")
	again.want(http.StatusOK, again.ask(d.token, "GET", "/api/v1/me", nil), nil)
	if password, _ := readLine(filepath.Join(d.data, "eventstore-admin.password")); password != admin {
		t.Error("the second start has made another password")
	}
	again.stop()
	without := serveDesk(t, d.data)
	await(t, "the tickets are still there without --auth", func() bool { return tickets(without) == 3 })
}

func TestFlagsOfAccessThatContradictEachOther(t *testing.T) {
	t.Parallel()
	for says, args := range map[string][]string{
		"clients send no passwords in clear text":  {"eventstore", "--auth", "--tls=false"},
		"need --eventstore-tls":                    {"serve", "--auth", "--eventstore-tls=false"},
		"goes with --auth":                         {"eventstore", "--allow-anonymous-stream-access"},
		"are for the embedded event store":         {"serve", "--auth", "--eventstore", "esdb://x:2113"},
		"a certificate and its key go together":    {"eventstore", "--tls-cert", "x.pem", "--listen", "127.0.0.1:0"},
		"names are for a self-made certificate":    {"eventstore", "--tls-cert", "x", "--tls-key", "x", "--tls-name", "y", "--listen", "127.0.0.1:0"},
		"there is no event store in":               {"eventstore", "user", "list"},
		"--eventstore wants esdb://HOST:PORT?tls=": {"eventstore", "user", "list", "--eventstore", "http://x"},
	} {
		code, _, said := tryCommand(t.Context(), append(args, "--data", filepath.Join(t.TempDir(), "data"))...)
		if code == 0 || !strings.Contains(said, says) {
			t.Errorf("%v: exit %d, %s; want %q", args, code, said, says)
		}
	}
}
