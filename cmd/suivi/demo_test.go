package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"suivi/integration/helpdesk"
	helpdesklog "suivi/testdata/helpdesk"
)

func TestADemoIsRefusedWhereOtherDataAre(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	serveDesk(t, data).stop()
	for want, args := range map[string][]string{
		"has other data":          {"serve", "--demo", "--data", data, "--listen", "127.0.0.1:0"},
		"leave out --eventstore":  {"serve", "--demo", "--data", t.TempDir(), "--database", "postgres://a:b@127.0.0.1/c"},
		"leave out --eventstore ": {"serve", "--demo", "--data", t.TempDir(), "--eventstore", "esdb://127.0.0.1:1?tls=false"},
	} {
		var out, problem strings.Builder
		if code := run(t.Context(), args, &out, &problem); code == 0 || !strings.Contains(problem.String(), want) {
			t.Errorf("%v: got %d %s, want %q", args, code, problem.String(), want)
		}
	}
	if _, err := os.Stat(filepath.Join(data, "demo.json")); !os.IsNotExist(err) {
		t.Errorf("a refused demo has begun: %v", err)
	}
}

// The whole log takes a while, so two starts are cut short; what they have sent is not sent again.
func TestADemoGoesOnWhereItStoppedAndThenChangesNothing(t *testing.T) {
	t.Parallel()
	file, data := buildProgram(t), t.TempDir()
	d := serveDeskFrom(t, file, data, "--demo")
	await(t, "the demo is alive", func() bool { return d.counts("").Lists["open"] > 20 })
	logins := demoOf(t, data).Passwords
	if len(logins) != 4 {
		t.Errorf("%d people can sign in, want 4", len(logins))
	}
	for email, password := range logins {
		v := d.stranger("en")
		v.post("/sign-in", "email", email, "password", password).redirects("/")
		v.get("/tickets?list=all").is(http.StatusOK).has("HELP-")
	}
	d.kill()
	for email, password := range logins {
		if !regexp.MustCompile(regexp.QuoteMeta(email) + " +password " + password).MatchString(d.output.String()) {
			t.Errorf("the start does not print the password of %s", email)
		}
	}

	d = serveDeskFrom(t, file, data, "--demo")
	recent, older := demoCases(readDemoLog(t), demoEnd())
	await(t, "half of the demo is there", func() bool { return d.counts("").Lists["resolved"] > len(older)/2 })
	await(t, "the demo is filled", func() bool { return demoOf(t, data).Filled })
	got := d.counts("")
	if sum := got.Lists["open"] + got.Lists["resolved"]; sum < len(recent)+len(older) || got.Lists["open"] < 30 {
		t.Errorf("the demo has %d tickets, want %d and more, many of them open: %v", sum, len(recent)+len(older), got)
	}
	await(t, "the lists show it", func() bool {
		return !regexp.MustCompile(`"lag":[1-9]`).Match(d.ask(d.token, "GET", "/api/v1/admin/projections", nil).body)
	})
	before := d.ask(d.token, "GET", "/api/v1/admin/projections", nil)
	d.stop()

	d = serveDeskFrom(t, file, data, "--demo")
	if after := d.ask(d.token, "GET", "/api/v1/admin/projections", nil); !bytes.Equal(after.body, before.body) {
		t.Errorf("a start of a filled demo has changed something:\n%s\n%s", before.body, after.body)
	}
	if again := demoOf(t, data); !maps.Equal(again.Passwords, logins) {
		t.Error("a later start has made other passwords")
	}
}

// demoOf is what the demo in the folder has noted.
func demoOf(t *testing.T, data string) demoState {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	var state demoState
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	return state
}

func readDemoLog(t *testing.T) *helpdesk.Log {
	t.Helper()
	log, err := helpdesk.Read(helpdesklog.Open())
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func TestEverybodyOfTheDemoHasAnAddressOfTheirOwnAndAsManyActAsInTheLog(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	address := regexp.MustCompile(`^[a-z.]+@demo\.example$`)
	for _, p := range demoPeople() {
		if seen[p.Email] || !address.MatchString(p.Email) {
			t.Errorf("%s has the address %q", p.Name, p.Email)
		}
		seen[p.Email] = true
	}
	for _, login := range demoLogins() {
		if !seen[login.Email] {
			t.Errorf("%s is none of the people", login.Email)
		}
	}
	desk, err := helpdesk.NewDesk(readDemoLog(t))
	if err != nil {
		t.Fatal(err)
	}
	staff := map[int]bool{}
	for _, p := range desk.People {
		staff[staffOf(p.Resource)] = true
	}
	if len(staff) != len(demoStaff()) || len(staff) != len(desk.People) {
		t.Errorf("%d names stand for %d people of the log", len(demoStaff()), len(desk.People))
	}
}

func TestADemosTimesEndWhereItBegins(t *testing.T) {
	t.Parallel()
	began := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	end := began.Add(-demoState{Began: began}.shift())
	if end.Before(demoEnd()) || end.Sub(demoEnd()) >= week || end.Weekday() != began.Weekday() {
		t.Errorf("the log is cut at %v", end)
	}
	recent, older := demoCases(readDemoLog(t), end)
	var last time.Time
	for _, c := range slices.Concat(recent, older) {
		for _, row := range c.Rows {
			if row.At.After(last) {
				last = row.At
			}
		}
	}
	if ago := end.Sub(last); ago < 0 || ago > 72*time.Hour {
		t.Errorf("the last thing happened %v before the beginning", ago)
	}
	if len(recent) < 200 || len(recent) > 600 {
		t.Errorf("%d cases are sent first", len(recent))
	}
}
