package main

import (
	"os"
	"testing"

	"suivi/internal/testredmine"
)

// TestManagersConnectARealRedmineInChromium: from the secret to a second reading, with and without JavaScript.
// With -screenshots it leaves pictures of every step.
func TestManagersConnectARealRedmineInChromium(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("downloads packages of npm, and runs Chromium and a Redmine")
	}
	dir := browserScripts(t)
	redmine := testredmine.Start(t, testredmine.Config{})
	projects := []string{redmine.NewProject(t), redmine.NewProject(t)}
	d := serveDeskFrom(t, buildProgram(t), t.TempDir())
	args := []string{d.url, d.token, redmine.URL, testredmine.Key(testredmine.Admin), projects[0], projects[1]}
	if *screenshots != "" {
		if err := os.MkdirAll(*screenshots, 0o750); err != nil {
			t.Fatal(err)
		}
		args = append(args, *screenshots)
	}
	if got, want := inBrowser(t, dir, "wizard.mjs", args...), "ok en with scripts\nok fr without scripts\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, project := range projects {
		if n := redmine.Issues(t, project); n != 2 {
			t.Errorf("%d issues for two tickets", n)
		}
	}
}
