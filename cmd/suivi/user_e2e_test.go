package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

func TestPeopleAreManagedWhileSuiviServes(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	user := func(args ...string) string {
		return command(t, append(append([]string{"user"}, args...), "--data", d.data)...)
	}
	id := strings.TrimSpace(user("add", "ada@example.org", "--name", "Ada", "--language", "fr", "--time-zone", "Europe/Paris"))
	token := strings.TrimSpace(command(t, "token", "create", "--data", d.data, "--email", "ada@example.org", "--scope", "read", "--expires", "1h"))
	var me struct {
		ID, Language, TimeZone string
		HasPassword            bool
	}
	d.want(http.StatusOK, d.ask(token, "GET", "/api/v1/me", nil), &me)
	if me.ID != id || me.Language != "fr" || me.TimeZone != "Europe/Paris" || me.HasPassword {
		t.Errorf("got %+v, want %s", me, id)
	}
	d.want(http.StatusForbidden, d.ask(token, "PATCH", "/api/v1/me", map[string]string{"name": "x"}), nil)
	if said := command(t, "token", "list", "--data", d.data, "--email", "ada@example.org"); !strings.Contains(said, "read") {
		t.Errorf("token list says:\n%s", said)
	}

	root := newRootCommand()
	root.SetArgs([]string{"user", "password", "ada@example.org", "--data", d.data})
	root.SetIn(strings.NewReader("a tram through the rain\n"))
	root.SetOut(new(bytes.Buffer))
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if said := user("list"); !strings.Contains(said, "password") || !strings.Contains(said, id) || !strings.Contains(said, "admin@localhost") {
		t.Errorf("user list says:\n%s", said)
	}
	if secret := strings.TrimSpace(user("invite", "bob@example.org")); !strings.HasPrefix(secret, "suii_") || secret == strings.TrimSpace(user("invite", "bob@example.org")) {
		t.Errorf("got the secret %q, want one each time", secret)
	}
	user("disable", "ada@example.org")
	await(t, "the token has ended", func() bool { return d.ask(token, "GET", "/api/v1/me", nil).status == http.StatusUnauthorized })
	user("enable", "ada@example.org")
	if code, _, said := tryCommand(t.Context(), "user", "disable", "admin@localhost", "--data", d.data); code != 1 || !strings.Contains(said, "last-admin") {
		t.Errorf("exit %d: %s, want the last administrator to stay", code, said)
	}
}
