package main

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// The help link leads to the guides in the reader's language; every link and picture in
// them is there, and none leads out of the site but to addresses on the web.
func TestHelpIsInTheProgramInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.emile.get("/").is(200).has(`href="/help"`)
	s.emile.get("/help").redirects("/help/guide/fr/README")
	s.ada.get("/help").redirects("/help/guide/en/README")
	s.emile.get("/help/guide/fr/reporter").is(200).has("<h1", "Je déclare", "Nouveau ticket")
	s.emile.get("/help/user").is(200).has(`lang="en"`, `id="search"`)

	seen, anchors := map[string]bool{}, map[string]bool{}
	var led []string // to places within documents
	open := []string{"/help/guide/en/README", "/help/guide/fr/README", "/help/user", "/help/admin", "/help/glossary"}
	for len(open) > 0 {
		path, _, _ := strings.Cut(open[0], "#")
		if open = open[1:]; seen[path] {
			continue
		}
		seen[path] = true
		page := s.grace.get(path).is(200)
		if strings.HasSuffix(path, ".png") {
			if got := page.header.Get("Content-Type"); got != "image/png" {
				t.Errorf("%s is %s", path, got)
			}
			continue
		}
		for _, n := range page.find(func(n *html.Node) bool { return attr(n, "id") != "" }) {
			anchors[path+"#"+attr(n, "id")] = true
		}
		for _, n := range page.find(func(n *html.Node) bool { return n.Data == "a" || n.Data == "img" }) {
			at := attr(n, "href") + attr(n, "src")
			if strings.HasPrefix(at, "#") {
				at = path + at
			}
			if strings.Contains(at, "#") {
				led = append(led, at)
			}
			if strings.HasPrefix(at, "/help/") {
				open = append(open, at)
			} else if n.Data == "img" || strings.Contains(at, ".md") {
				t.Errorf("%s leads to %q", path, at)
			}
		}
	}
	for _, at := range led {
		if strings.HasPrefix(at, "/help/") && !anchors[at] {
			t.Errorf("nothing is at %s", at)
		}
	}
	if len(led) < 12 || len(seen) < 36 {
		t.Errorf("only %d documents and pictures: %v", len(seen), seen)
	}
	for _, path := range []string{"/help/nothing", "/help/embed.go", "/help/../go", "/help/guide", "/help/%2e%2e/README", "/help/adr/0001-event-sourcing"} {
		s.grace.get(path).is(http.StatusNotFound)
	}
	s.stranger("en").get("/help/user").is(http.StatusSeeOther)
}
