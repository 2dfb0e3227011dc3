package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAuditShowsATicketAsItWasAndWhy(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", map[string]any{"key": "DESK", "name": "Desk"}), nil)
	d.want(http.StatusOK, d.ask(d.token, "PUT", "/api/v1/trackers/DESK/fields/room", map[string]any{
		"type": "dropdown", "label": map[string]string{"fr": "Salle", "en": "Room"},
		"options": []map[string]any{{"code": "b1", "label": map[string]string{"fr": "Sous-sol", "en": "Basement"}}},
	}), nil)
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers/DESK/tickets", map[string]any{"summary": "No\x1b[31m ink", "answers": map[string]string{"room": "b1"}}), nil)
	d.want(http.StatusOK, d.ask(d.token, "POST", "/api/v1/tickets/DESK-1/state", map[string]any{"to": "working", "comment": "On my way"}), nil)
	last := d.ask(d.token, "PATCH", "/api/v1/tickets/DESK-1", map[string]any{"answers": map[string]any{"room": nil}})
	d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/me", nil, "X-Suivi-After", last.position), nil)

	now := command(t, "audit", "ticket", "DESK-1", "--data", d.data, "--lang", "en")
	wantAll(t, now, "DESK-1  No[31m ink\n", "State     In progress", "Comment 1 added.\n      On my way\n", "Edited: Room.", "   4  ", "watches the ticket.")
	then := command(t, "audit", "ticket", "DESK-1", "--data", d.data, "--lang", "fr", "--at", "1")
	wantAll(t, then, "Tel qu'il était à la version 1 sur 4.", "État         Posté", "Salle        Sous-sol", "Ticket posté.")
	if strings.Contains(now, "\x1b") || strings.Contains(then, "   2  ") {
		t.Errorf("got an escape sequence or the future:\n%s\n%s", now, then)
	}
	var report struct {
		Ticket  struct{ State string }
		History []struct{ Version int }
	}
	if err := json.Unmarshal([]byte(command(t, "audit", "ticket", "DESK-1", "--data", d.data, "--json", "--at", "3")), &report); err != nil {
		t.Fatal(err)
	}
	if report.Ticket.State != "working" || len(report.History) != 4 {
		t.Errorf("got %+v want working after 3 events, and the watch that the first brought", report)
	}
}

func TestProjectionsAreShownRebuiltAndVerified(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", map[string]any{"key": "DESK", "name": "Desk"}), nil)
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers/DESK/tickets", map[string]any{"summary": "No ink"}), nil)
	await(t, "the projections run", func() bool { // a fresh service builds them first
		return strings.Count(command(t, "projections", "status", "--data", d.data), "running") == 7
	})
	wantAll(t, command(t, "projections", "rebuild", "--data", d.data), "tickets is rebuilt from ", "history is rebuilt from ")
	wantAll(t, command(t, "projections", "verify", "--data", d.data), "tickets      equal: ")
	code, _, errOut := tryCommand(t.Context(), "projections", "rebuild", "nothing", "--data", d.data)
	if code != 1 || !strings.Contains(errOut, "nothing") {
		t.Errorf("got exit %d: %s", code, errOut)
	}
}

// It starts a process of this test binary as the service, which is why it sets
// the environment and is not parallel.
func TestBenchMeasuresAServiceOfItsOwn(t *testing.T) {
	t.Setenv(asProgram, "1")
	scratch := t.TempDir()
	var report benchReport
	text := command(t, "bench", "--duration", "100ms", "--tickets", "300", "--scratch", scratch, "--json")
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Ceilings) != 3 || len(report.Posts) != 4 || len(report.Lists) != 4 || len(report.Pages) != 31 || len(report.Visible) != 2 || report.Tickets < 300 ||
		len(report.Rebuilds) == 0 || report.Machine.Cores == 0 || report.Machine.Go == "" {
		t.Errorf("got %s", text)
	}
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

func TestCommandLinesThatCannotBeUnderstoodEndWith2AndTheOthersWith1(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "none.csv")
	tests := []struct {
		args []string
		code int
		want string
	}{
		{[]string{"import", "redmine", "x"}, 2, `there is no import from "redmine"; there is: helpdesk`},
		{[]string{"import", "helpdesk"}, 2, "wants the file to import"},
		{[]string{"import", "helpdesk", missing, "--tracker", "help"}, 2, "--tracker wants a key"},
		{[]string{"import", "helpdesk", missing, "--jobs", "0"}, 2, "--jobs wants 1 to 256"},
		{[]string{"import", "helpdesk", missing}, 1, "no such file or directory\nNothing has been sent"},
		{[]string{"audit", "ticket", "nonsense"}, 2, "is not the id of a ticket"},
		{[]string{"audit", "ticket", "HELP-1", "--at", "yesterday"}, 2, "--at wants a time"},
		{[]string{"audit", "ticket", "HELP-1", "--lang", "de"}, 2, "--lang wants fr or en"},
		{[]string{"projections", "status", "--data", t.TempDir()}, 1, "there is no API token"},
		{[]string{"bench", "--duration", "0s"}, 2, "--duration wants a time"},
		{[]string{"bench", "--write"}, 2, "--write goes with --server"},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			code, _, errOut := tryCommand(t.Context(), tt.args...)
			if code != tt.code || !strings.Contains(errOut, tt.want) {
				t.Errorf("got exit %d: %s\nwant %d: … %s", code, errOut, tt.code, tt.want)
			}
		})
	}
}

func wantAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("got\n%s\nwant … %q", text, part)
		}
	}
}
