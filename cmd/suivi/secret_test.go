package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The secret of a site goes into the accounts database, and comes out nowhere.
func TestASecretIsKeptAndShownToNobody(t *testing.T) {
	t.Parallel()
	const word = "s3cret-apikey-canary"
	data := t.TempDir()
	d := serveDesk(t, data, "--log-level", "debug")
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", object{"key": "HELP", "name": "Help"}), nil)
	suivi := func(in string, want int, args ...string) string {
		t.Helper()
		var out, errOut bytes.Buffer
		root := newRootCommand()
		root.AddCommand(newToolCommand("none"))
		root.SetArgs(append(args, "--data", data))
		root.SetIn(strings.NewReader(in))
		root.SetOut(&out)
		root.SetErr(&errOut)
		code := 0
		if err := root.ExecuteContext(t.Context()); err != nil {
			code = 1
			errOut.WriteString(err.Error())
		}
		if code != want {
			t.Errorf("suivi %v: got %d, %s", args, code, errOut.String())
		}
		return out.String() + errOut.String()
	}
	said := suivi(word+"\n", 0, "secret", "set", "site-key", "--site", toolSite) + suivi("", 0, "secret", "list") + suivi("", 0, "secret", "list", "--json")
	if !strings.Contains(said, "site-key is kept for "+toolSite) || strings.Count(said, "site-key") != 3 {
		t.Errorf("got %s", said)
	}
	said += suivi(word+"\n", 1, "secret", "set", "site-key") + suivi(word+"\n", 1, "secret", "set", "Site Key", "--site", toolSite)
	d.want(http.StatusOK, d.ask(d.token, "PUT", "/api/v1/trackers/HELP/mirrors/none", object{"site": toolSite, "secret": "site-key", "project": "p"}), nil)
	check := suivi("", 1, "none", "check", "HELP")
	if !strings.Contains(check, "tool-not-found") {
		t.Errorf("got %s", check)
	}
	said += check + suivi("", 1, "none", "status") + suivi("", 1, "none", "import", "HELP") + suivi("", 1, "none", "reconcile", "HELP") + suivi("", 0, "none", "park")
	d.stop()
	for _, file := range []string{"events.db", "read.db"} {
		content, err := os.ReadFile(filepath.Join(data, file))
		if err != nil || bytes.Contains(content, []byte(word)) {
			t.Errorf("%s holds it, %v", file, err)
		}
	}
	if strings.Contains(said+d.output.String(), word) {
		t.Error("an answer or the log shows it")
	}
	again := serveDesk(t, data)
	if list := suivi("", 0, "secret", "list"); !strings.Contains(list, toolSite) {
		t.Errorf("after a start: %s", list)
	}
	suivi(word+"\n", 1, "secret", "set", "site-key", "--site", toolSite, "--tracker", "NONE")
	allowed := suivi(word+"\n", 0, "secret", "set", "site-key", "--site", toolSite, "--tracker", "HELP") + suivi("", 0, "secret", "list") +
		suivi("", 0, "secret", "allow", "site-key") + suivi("", 1, "secret", "allow", "none") + suivi("", 1, "secret", "allow")
	if !strings.Contains(allowed, toolSite+"  HELP") || !strings.Contains(allowed, "site-key may be used by any") {
		t.Errorf("got %s", allowed)
	}
	suivi("", 0, "secret", "remove", "site-key")
	audit := suivi("", 0, "audit", "accounts", "--kind", "secret-set,secret-allowed,secret-removed", "--lang", "en")
	if strings.Count(audit, "Administrator") != 4 || !strings.Contains(audit, "Secret “site-key” kept for "+toolSite) || !strings.Contains(audit, toolSite+" (HELP).") || !strings.Contains(audit, "may be used by any tracker") || !strings.Contains(audit, "forgotten") || strings.Contains(audit, word) {
		t.Errorf("got %s", audit)
	}
	if list := suivi("", 0, "secret", "list"); strings.Contains(list, toolSite) {
		t.Errorf("it is still there: %s", list)
	}
	again.stop()
}
