package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// screenshots is the folder that TestScreenshots fills; "": none are made.
var screenshots = flag.String("screenshots", "", "folder for pictures of every page")

// guidePictures is the folder that TestGuidePictures fills; "": none are made.
var guidePictures = flag.String("guide", "", "folder for the pictures of the guides")

// browserSteps is what web/ui/browser/journeys.mjs does, in its order.
func browserSteps() []string {
	ways := []string{"fr with scripts", "fr without scripts", "en with scripts", "en without scripts"}
	var steps []string
	for _, way := range ways {
		steps = append(steps, "set-up "+way)
	}
	steps = append(steps, "pages fr", "pages en")
	for _, way := range ways {
		steps = append(steps, "life "+way, "manager "+way, "administrator "+way)
	}
	return append(steps,
		"merge with scripts", "board with scripts", "bulk with scripts", "merge without scripts", "board without scripts", "bulk without scripts", "live", "stack", "shortcuts",
		"alike", "drafts", "pictures", "hostile",
	)
}

// TestPeopleUseThePagesInChromium: the pages of the real program in a real browser.
func TestPeopleUseThePagesInChromium(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("downloads packages of npm, and runs Chromium for minutes")
	}
	dir := browserScripts(t)
	d := serveDeskFrom(t, buildProgram(t), t.TempDir()) // the other tests of pages have the race detector
	code := d.setupCode()
	said := inBrowser(t, dir, "journeys.mjs", d.url, d.token, code)
	var done []string
	for line := range strings.Lines(said) {
		if step, ok := strings.CutPrefix(strings.TrimSpace(line), "ok "); ok {
			done = append(done, step)
		} else {
			t.Error(strings.ReplaceAll(line, " | ", "\n"))
		}
	}
	if got, want := strings.Join(done, "\n"), strings.Join(browserSteps(), "\n"); got != want {
		t.Errorf("these went well:\n%s\nwant\n%s", got, want)
	}
}

// TestScreenshots makes pictures for people to look at: make screenshots.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("run it with -args -screenshots FOLDER")
	}
	dir := browserScripts(t)
	d := serveDesk(t, t.TempDir())
	if said := inBrowser(t, dir, "screenshots.mjs", d.url, d.token, *screenshots); said != "" {
		t.Error(said)
	}
	pictures, err := filepath.Glob(filepath.Join(*screenshots, "*.png"))
	if err != nil || len(pictures) < 100 {
		t.Errorf("got %d pictures, %v", len(pictures), err)
	}
}

// TestGuidePictures makes the pictures of the guides, of a whole demo: make guide.
func TestGuidePictures(t *testing.T) {
	if *guidePictures == "" {
		t.Skip("run it with -args -guide FOLDER")
	}
	dir, data := browserScripts(t), t.TempDir()
	d := serveDeskFrom(t, buildProgram(t), data, "--demo")
	await(t, "the demo is filled", func() bool { return demoOf(t, data).Filled })
	if said := inBrowser(t, dir, "guide.mjs", d.url, filepath.Join(data, "demo.json"), *guidePictures); said != "" {
		t.Error(said)
	}
}

// TestTheGuidesHaveTheirPicturesAndPages: each link of a guide leads to a file, and each picture is small and shown in both languages.
func TestTheGuidesHaveTheirPicturesAndPages(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	shown := map[string][]string{}
	for _, language := range []string{"en", "fr"} {
		folder := filepath.FromSlash("../../docs/guide/" + language)
		pages, err := filepath.Glob(filepath.Join(folder, "*.md"))
		if err != nil || len(pages) != 5 {
			t.Errorf("%s has %d pages, %v; want an index and four guides", folder, len(pages), err)
		}
		for _, page := range pages {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range link.FindAllStringSubmatch(string(text), -1) {
				info, err := os.Stat(filepath.Join(folder, found[1]))
				if err != nil {
					t.Errorf("%s: %v", page, err)
					continue
				}
				if filepath.Ext(found[1]) == ".png" {
					shown[language] = append(shown[language], filepath.Base(found[1]))
					if info.Size() > 100_000 {
						t.Errorf("%s has %d bytes", found[1], info.Size())
					}
				}
			}
		}
		slices.Sort(shown[language])
		made, err := filepath.Glob(filepath.FromSlash("../../docs/guide/pictures/" + language + "/*.png"))
		if err != nil || len(slices.Compact(shown[language])) != len(made) {
			t.Errorf("%s shows %v of %d pictures, %v", language, shown[language], len(made), err)
		}
	}
	if !slices.Equal(shown["en"], shown["fr"]) {
		t.Errorf("the guides show other pictures: %v and %v", shown["en"], shown["fr"])
	}
}

// browserScripts are the scripts with their packages, in a folder of this test. Where
// Chromium or Node.js is missing it skips the test, and fails it in CI.
func browserScripts(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"chromium", "node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%v: scripts/test-needs.sh installs it", err)
			}
			t.Skipf("%v: scripts/test-needs.sh installs it", err)
		}
	}
	dir := filepath.Join(t.TempDir(), "browser")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob("../../web/ui/browser/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		if info, err := os.Stat(script); err != nil || info.IsDir() {
			continue // a node_modules of somebody's own
		}
		text, err := os.ReadFile(script)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(script)), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	install := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return dir
}

// inBrowser runs a script to its end and gives what it said.
func inBrowser(t *testing.T, dir, script string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{script}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CHROMIUM="+path)
	var said, wrong bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &wrong
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v\n%s", script, err, wrong.String())
	}
	return said.String()
}
