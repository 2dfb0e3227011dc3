package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// postTickets makes a tracker, if it is missing, and posts so many tickets.
func postTickets(d *desk, n int) {
	d.t.Helper()
	if d.ask(d.token, "GET", "/api/v1/trackers/KEEP", nil).status == http.StatusNotFound {
		d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", map[string]any{"key": "KEEP", "name": "Keep", "mode": "bugtracker"}), nil)
	}
	for i := range n {
		d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers/KEEP/tickets", map[string]any{"summary": fmt.Sprintf("Ticket %d", i)}), nil)
	}
}

// tickets counts what the list of all tickets has, once it shows the newest.
func tickets(d *desk) int {
	d.t.Helper()
	var page struct {
		Tickets []json.RawMessage `json:"tickets"`
	}
	d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/tickets?list=all&tracker=KEEP&limit=200", nil), &page)
	return len(page.Tickets)
}

func TestABackupOfARunningServiceIsRestored(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	postTickets(d, 12)
	saved := filepath.Join(t.TempDir(), "saved")
	if said := command(t, "backup", saved, "--data", d.data); !strings.Contains(said, "checked from first to last") {
		t.Errorf("it says %q", said)
	}
	postTickets(d, 5)
	if code, _, said := tryCommand(t.Context(), "restore", saved, "--data", d.data, "--replace"); code != 1 || !strings.Contains(said, "is running") {
		t.Errorf("restore under a running service: exit %d, %s", code, said)
	}
	d.stop()
	if code, _, said := tryCommand(t.Context(), "restore", saved, "--data", d.data); code != 1 || !strings.Contains(said, "--replace") {
		t.Errorf("restore over data: exit %d, %s", code, said)
	}
	token := d.token
	if said := command(t, "restore", saved, "--data", d.data, "--replace"); !strings.Contains(said, "before-") {
		t.Errorf("it does not say where the old data are: %q", said)
	}
	write(t, filepath.Join(d.data, "admin.token"), token) // of the account that is in the backup
	back := serveDesk(t, d.data)
	await(t, "the twelve tickets are listed", func() bool { return tickets(back) == 12 })
	postTickets(back, 1)
	await(t, "the desk goes on", func() bool { return tickets(back) == 13 })
	if said := command(t, "audit", "verify", "--data", d.data); !strings.Contains(said, "fit the chain") {
		t.Errorf("verify says %q", said)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedBackupIsNotRestored(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	postTickets(d, 3)
	saved := filepath.Join(t.TempDir(), "saved")
	command(t, "backup", saved, "--data", d.data)
	for name, damage := range map[string]func(string){
		"a flipped byte":  func(dir string) { flip(t, filepath.Join(dir, "events.db"), 5000) },
		"accounts":        func(dir string) { flip(t, filepath.Join(dir, "accounts.db"), 700) },
		"a missing file":  func(dir string) { _ = os.Remove(filepath.Join(dir, "accounts.db")) },
		"no manifest":     func(dir string) { _ = os.Remove(filepath.Join(dir, "backup.json")) },
		"half a manifest": func(dir string) { write(t, filepath.Join(dir, "backup.json"), "{}") },
	} {
		dir := filepath.Join(t.TempDir(), "copy")
		if err := os.CopyFS(dir, os.DirFS(saved)); err != nil {
			t.Fatal(err)
		}
		damage(dir)
		target := filepath.Join(t.TempDir(), "data")
		code, _, said := tryCommand(t.Context(), "restore", dir, "--data", target)
		if _, err := os.Stat(target); code != 1 || !os.IsNotExist(err) {
			t.Errorf("%s: exit %d, %s; the folder: %v", name, code, said, err)
		}
	}
}

func flip(t *testing.T, path string, at int) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[at] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAnAuditorsCheckpoint(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	postTickets(d, 4)
	code, checkpoint, said := tryCommand(t.Context(), "audit", "checkpoint", "--data", d.data)
	_, key, found := strings.Cut(strings.TrimSpace(said), "--key ")
	if code != 0 || !found || !strings.HasPrefix(checkpoint, "suivi event log ") {
		t.Fatalf("exit %d, %q, %q", code, checkpoint, said)
	}
	kept := filepath.Join(t.TempDir(), "checkpoint")
	write(t, kept, checkpoint)
	postTickets(d, 4)
	check := []string{"audit", "verify", "--data", d.data, "--checkpoint", kept, "--key", key}
	if said := command(t, check...); !strings.Contains(said, "the checkpoint at position") {
		t.Errorf("it says %q", said)
	}
	forged := filepath.Join(t.TempDir(), "forged")
	write(t, forged, strings.Replace(checkpoint, "made 20", "made 19", 1))
	other := filepath.Join(t.TempDir(), "log")
	second := serveDesk(t, other)
	for name, args := range map[string][]string{
		"a forged checkpoint": {"--data", d.data, "--checkpoint", forged, "--key", key},
		"another log":         {"--data", second.data, "--checkpoint", kept, "--key", key},
		"another key": {"--data", d.data, "--checkpoint", kept, "--key",
			"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"},
	} {
		if code, _, said := tryCommand(t.Context(), append([]string{"audit", "verify"}, args...)...); code != 1 {
			t.Errorf("%s: exit %d, %s", name, code, said)
		}
	}
	d.stop()
	flip(t, filepath.Join(d.data, "events.db"), 9000)
	if code, _, said := tryCommand(t.Context(), check...); code != 1 || !strings.Contains(said, "page 3 ") {
		t.Errorf("a flipped byte: exit %d, %s", code, said)
	}
}

func TestScavengeWorksOnRunningAndStoppedServices(t *testing.T) {
	t.Parallel()
	// A folder whose name is longer than the address of a socket may be.
	d := serveDesk(t, filepath.Join(t.TempDir(), strings.Repeat("a-long-name/", 10)))
	postTickets(d, 3)
	for range 2 {
		if said := command(t, "eventstore", "scavenge", "--data", d.data); !strings.Contains(said, "0 events taken away") {
			t.Errorf("it says %q", said)
		}
		if d.cmd.ProcessState == nil {
			d.stop()
		}
	}
	if code, _, said := tryCommand(t.Context(), "eventstore", "scavenge", "--data", t.TempDir()); code != 1 || !strings.Contains(said, "--data") {
		t.Errorf("without a log: exit %d, %s", code, said)
	}
}

func TestMetricsAndHealth(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	d := serveDesk(t, t.TempDir(), "--metrics-listen", address)
	postTickets(d, 2)
	get := func(path string) (int, string) {
		answer, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	status, text := get("/metrics")
	for _, want := range []string{
		"suivi_eventstore_writable 1", "suivi_eventstore_position ", "suivi_eventstore_commits_total ", "suivi_eventstore_events_total ",
		`suivi_eventstore_subscriptions{to="all"} 3`, "suivi_eventstore_commit_seconds_bucket", "suivi_eventstore_commit_writes_sum", "go_goroutines",
	} {
		if status != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("status %d; %q is missing", status, want)
		}
	}
	for _, path := range []string{"/health/live", "/health/ready"} {
		if status, body := get(path); status != http.StatusOK || body != "ok\n" {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
}
