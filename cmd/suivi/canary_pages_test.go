package main

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"suivi/web/ui"
)

// pageRoutes are the paths of all GET pages, as the router has them.
func pageRoutes(t *testing.T) []string {
	t.Helper()
	pages, err := ui.New(ui.Config{})
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New()
	pages.Routes(app, nil)
	var paths []string
	for _, route := range app.GetRoutes(true) {
		if route.Method == http.MethodGet {
			paths = append(paths, regexp.MustCompile(`:(\w+)(<[^/]*>)?`).ReplaceAllString(route.Path, "{$1}"))
		}
	}
	return paths
}

// signIn gives each person of the cage a browser in which they are signed in.
func (c *cage) signIn() map[string]*visitor {
	c.t.Helper()
	var me struct{ ID string }
	c.want(http.StatusOK, c.ask(c.token, "GET", "/api/v1/me", nil), &me)
	c.ids["root"] = me.ID
	visitors := map[string]*visitor{}
	for who := range c.tokens {
		var made struct{ Secret string }
		c.want(http.StatusCreated, c.ask(c.token, "POST", "/api/v1/people/"+c.ids[who]+"/invitation", nil), &made)
		visitors[who] = c.stranger("en")
		visitors[who].post("/invitations/"+made.Secret, "name", who, "password", pagePassword, "zone", "Europe/Paris").redirects("/")
	}
	return visitors
}

// Every page, as every person: nothing shows a word that the reference keeps from them.
func TestNoSecretLeavesByAnyPage(t *testing.T) {
	t.Parallel()
	c := newCage(t)
	visitors := c.signIn()
	names := regexp.MustCompile(`^"[A-Z]+-\d"$`)
	var paths []string
	for _, route := range pageRoutes(t) {
		if slices.Contains([]string{"/static/{name}", "/invitations/{secret}", "/live"}, route) {
			continue // files of ours, who is invited, and a stream without an end, which TestAPageHearsOfOthers… reads
		}
		route = strings.ReplaceAll(route, "{number}", "{cid}")
		for _, kind := range []string{"comments", "notes"} {
			filled := strings.ReplaceAll(route, "{kind}", kind)
			paths = append(paths, c.places(filled)...)
			if filled == route {
				break
			}
		}
	}
	for _, path := range slices.Clone(paths) {
		if strings.HasSuffix(path, "/tickets") {
			paths = append(paths, path+"?list=all", path+"?list=all&q=canary", path+"?list=all&scope=watching", path+"?list=all&view=board")
			for _, moment := range c.moments {
				paths = append(paths, path+"?list=all&at="+moment)
			}
		}
	}
	for who, v := range visitors {
		for _, path := range paths {
			page := v.get(path)
			if page.status >= 500 {
				t.Errorf("%s as %s: got %d", path, who, page.status)
			}
			for _, s := range c.secrets {
				word := s.word
				shown := strings.Contains(page.body, word)
				if names.MatchString(word) {
					word = strings.Trim(word, `"`)
					shown = regexp.MustCompile(`\b` + word + `\b`).MatchString(page.body)
				}
				if !shown {
					continue
				}
				c.seen[who+" "+s.word] = true
				if !s.sees(who) && (s.elsewhere == nil || !s.elsewhere(path)) {
					t.Errorf("the page %s shows %s to %s", path, word, who)
				}
			}
		}
	}
	if len(paths) < 100 {
		t.Errorf("looked at %d pages, want all", len(paths))
	}
	for _, s := range c.secrets { // else the test would prove little
		if strings.HasPrefix(s.word, "gone") {
			continue // deleted tickets are looked for by what no address here asks
		}
		for who := range visitors {
			if s.sees(who) && !c.seen[who+" "+s.word] {
				t.Errorf("no page shows %s to %s, who may see it", s.word, who)
			}
		}
	}
}
