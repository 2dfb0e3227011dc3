package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"suivi/domain"
)

// cage is a site with a tracker of each mode, in which everything that is not for
// everybody holds a word that stands nowhere else.
type cage struct {
	*desk
	doc     *openapi3.T
	tokens  map[string]string // by name; "" has none
	ids     map[string]string
	files   []string // ids
	queries []string // ids
	secrets []secret
	after   string
	moments []string        // between the earlier and the hidden answer of each tracker
	seen    map[string]bool // "name word": it was shown to them somewhere
}

// secret is a word, and who may come to know it: the reference that all routes are held against.
type secret struct {
	word string
	sees func(who string) bool
	// in tells whether a path may show the word for other reasons.
	elsewhere func(path string) bool
}

// keepers are the people of the cage, and their roles in each of its trackers; mixed
// is a developer in one and a reporter in the others, root the administrator.
func keepers(mode domain.Mode) map[string][]domain.Role {
	people := map[string][]domain.Role{
		"ada": {domain.Reporter}, "bob": {domain.Reporter}, "watcher": {domain.Reporter}, "mixed": {domain.Reporter},
		"developer": {domain.Developer}, "resolver": {domain.Resolver}, "manager": {domain.Manager}, "stranger": nil, "root": nil,
	}
	if mode == domain.Ticketing {
		people["mixed"] = people["developer"]
	}
	return people
}

// seesTicket is who sees a ticket of the reporter, by the table of rights; watched: watcher watches it.
func seesTicket(who string, mode domain.Mode, reporter string, watched bool) bool {
	switch who {
	case reporter, "root", "resolver", "manager":
		return true
	case "developer":
		return mode != domain.Taskspread
	case "ada", "bob":
		return mode == domain.Bugtracker
	case "mixed":
		return mode == domain.Bugtracker || mode == domain.Ticketing
	case "watcher":
		return mode == domain.Bugtracker || watched
	}
	return false
}

func isStaff(who string, mode domain.Mode) bool {
	return slices.Contains([]string{"root", "developer", "resolver", "manager"}, who) || who == "mixed" && mode == domain.Ticketing
}

func (c *cage) keep(word string, sees func(who string) bool) string {
	c.secrets = append(c.secrets, secret{word: word, sees: sees})
	return word
}

// as asks as the person for something that must be granted.
func (c *cage) as(who, method, path string, body any) {
	c.t.Helper()
	a := c.ask(c.tokens[who], method, "/api/v1"+path, body)
	if a.status >= 300 {
		c.t.Fatalf("%s %s as %s: got %d %s", method, path, who, a.status, a.body)
	}
	c.after = a.position
}

func newCage(t *testing.T) *cage {
	t.Helper()
	c := &cage{desk: serveDesk(t, t.TempDir()), tokens: map[string]string{}, ids: map[string]string{}, seen: map[string]bool{}}
	var err error
	if c.doc, err = openapi3.NewLoader().LoadFromFile("../../web/openapi.json"); err != nil {
		t.Fatal(err)
	}
	for who := range keepers("") {
		c.ids[who], c.tokens[who] = c.person(who)
	}
	c.tokens["root"] = c.token
	for _, mode := range domain.Modes() {
		members := map[string][]domain.Role{}
		for who, roles := range keepers(mode) {
			if roles != nil {
				members[c.ids[who]] = roles
			}
		}
		key := strings.ToUpper(string(mode))[:4]
		c.as("root", "POST", "/trackers", map[string]any{"key": key, "name": key, "mode": mode, "members": members})
		c.fill(key, mode)
	}
	c.want(http.StatusOK, c.ask(c.token, "GET", "/api/v1/tickets", nil, "X-Suivi-After", c.after), nil)
	nobody := func(string) bool { return false }
	c.as("root", "PUT", "/admin/secrets/site-key", map[string]any{"site": toolSite, "value": c.keep("apikeycanary", nobody)})
	private := map[string]any{"name": c.keep("querycanary", func(who string) bool { return who == "manager" }), "query": "list=all"}
	var saved struct{ ID string }
	c.want(http.StatusCreated, c.ask(c.tokens["manager"], "POST", "/api/v1/queries", private), &saved)
	c.queries = append(c.queries, saved.ID)
	return c
}

// hang attaches a file of which only some know the name and the content.
func (c *cage) hang(who, path, word string, sees func(who string) bool) {
	c.t.Helper()
	f, _ := c.attach(c.tokens[who], "/api/v1"+path, sent{c.keep("name"+word, sees) + ".txt", "", c.keep("file"+word, sees)})
	c.files = append(c.files, f.ID)
}

// fill leaves three tickets in the tracker: KEY-1 of ada, with things in it that are
// for some of those who see it; KEY-2 of bob, on which it depends; KEY-3 of bob, deleted.
func (c *cage) fill(key string, mode domain.Mode) {
	c.t.Helper()
	word := func(name string) string { return name + strings.ToLower(key) + "canary" }
	first := func(who string) bool { return seesTicket(who, mode, "ada", true) }
	second := func(who string) bool { return seesTicket(who, mode, "bob", false) }
	internal := func(who string) bool { return first(who) && isStaff(who, mode) }
	hidden := func(who string) bool { return isStaff(who, mode) }
	moderate := func(who string) bool { return who == "manager" || who == "root" }
	one, two, three := "/tickets/"+key+"-1", "/tickets/"+key+"-2", "/tickets/"+key+"-3"

	c.as("manager", "PUT", "/trackers/"+key+"/fields/secret", map[string]any{
		"type": "text", "hidden": true, "listable": true, "label": map[string]string{"en": c.keep(word("label"), hidden)},
	})
	c.as("manager", "PUT", "/trackers/"+key+"/mirrors/redmine", map[string]any{
		"site": toolSite, "secret": "site-key", "project": c.keep(word("project"), moderate), "paused": true,
	})
	c.as("manager", "PUT", "/trackers/"+key+"/fields/plain", map[string]any{"type": "text", "listable": true, "label": map[string]string{"en": "Plain"}})
	c.as("ada", "POST", "/trackers/"+key+"/tickets", map[string]any{"summary": "Mine", "answers": map[string]string{"plain": c.keep(word("ada"), first)}})
	c.as("bob", "POST", "/trackers/"+key+"/tickets", map[string]any{
		"summary": c.keep(word("summary"), second), "description": c.keep(word("description"), second), "answers": map[string]string{"plain": c.keep(word("answer"), second)},
	})
	c.as("bob", "POST", "/trackers/"+key+"/tickets", map[string]any{"summary": c.keep(word("gone"), func(who string) bool { return who == "root" })})

	c.as("manager", "PATCH", one, map[string]any{"answers": map[string]string{"secret": c.keep(word("was"), internal)}})
	c.moments = append(c.moments, time.Now().UTC().Format(time.RFC3339Nano))
	c.as("manager", "PATCH", one, map[string]any{"answers": map[string]string{"secret": c.keep(word("hidden"), internal)}})
	c.as("manager", "POST", one+"/notes", map[string]any{"body": c.keep(word("draft"), internal)})
	c.as("manager", "PATCH", one+"/notes/1", map[string]any{"body": c.keep(word("note"), internal)})
	c.as("manager", "POST", one+"/notes", map[string]any{"body": c.keep(word("scrapped"), moderate)})
	c.as("manager", "DELETE", one+"/notes/2", nil)
	c.as("ada", "POST", one+"/comments", map[string]any{"body": c.keep(word("earlier"), first)})
	c.as("ada", "PATCH", one+"/comments/1", map[string]any{"body": c.keep(word("comment"), first)})
	c.as("ada", "POST", one+"/comments", map[string]any{"body": c.keep(word("withdrawn"), moderate)})
	c.as("ada", "DELETE", one+"/comments/2", nil)
	c.as("ada", "POST", one+"/raise-requests", map[string]any{"reason": c.keep(word("raise"), func(who string) bool { return who == "ada" || moderate(who) })})
	c.as("manager", "PUT", one+"/watchers/"+c.ids["watcher"], map[string]any{"events": []string{"comment"}})
	c.hang("manager", one+"/attachments?internal=true", word("internal"), internal)
	c.hang("bob", two+"/attachments", word("bobs"), second)
	c.as("bob", "POST", two+"/comments", map[string]any{"body": c.keep(word("remark"), second)})
	c.as("manager", "PATCH", two, map[string]any{"resolution": c.keep(word("resolution"), second)})
	c.as("manager", "PUT", one+"/prerequisites/"+key+"-2", nil)
	c.as("manager", "DELETE", three, nil)

	named := func(id string) func(string) bool { return func(path string) bool { return strings.Contains(path, id) } }
	c.secrets = append(c.secrets,
		secret{`"` + key + `-2"`, second, named(key + "-2")},
		secret{`"` + key + `-3"`, func(who string) bool { return who == "root" || second(who) }, named(key + "-3")},
	)
}

// toolSite is a site that nobody has.
const toolSite = "https://tool.invalid"

// places are the paths of a GET route, each with every place of the cage that its parameters can name.
func (c *cage) places(path string) []string {
	paths := []string{strings.TrimPrefix(path, "/api/v1")}
	fill := func(name string, values ...string) {
		var filled []string
		for _, p := range paths {
			if !strings.Contains(p, name) {
				filled = append(filled, p)
				continue
			}
			for _, v := range values {
				filled = append(filled, strings.ReplaceAll(p, name, v))
			}
		}
		paths = filled
	}
	var keys, ids []string
	for _, mode := range domain.Modes() {
		key := strings.ToUpper(string(mode))[:4]
		keys = append(keys, key)
		ids = append(ids, key+"-1", key+"-2", key+"-3")
	}
	if strings.HasPrefix(path, "/api/v1/queries/") {
		ids = c.queries
	}
	fill("{key}", keys...)
	fill("{id}", ids...)
	fill("{cid}", "1", "2")
	fill("{aid}", c.files...)
	fill("{code}", "plain")
	fill("{challenge}", "none")
	fill("{tool}", "redmine")
	return paths
}

// variants are the ways to ask at a path, by the parameters that its route takes.
func (c *cage) variants(path string, operation *openapi3.Operation) []string {
	all := []string{path}
	for _, p := range operation.Parameters {
		switch p.Value.Name {
		case "at":
			all = append(all, path+"?at=1", path+"?at=2", path+"?at=3", path+"?at=2100-01-01T00:00:00Z")
			for _, moment := range c.moments {
				all = append(all, path+"?list=all&at="+moment) // of lists; others refuse it
			}
		case "list":
			all = append(all, path+"?list=all", path+"?list=all&scope=mine", path+"?list=all&scope=work", path+"?list=all&scope=watching")
		case "limit":
			all = append(all, path+"?limit=200")
		}
	}
	return all
}

// Every GET route, as every person: nothing shows a word that the reference keeps from them.
func TestNoSecretLeavesByAnyRoute(t *testing.T) {
	t.Parallel()
	c := newCage(t)
	tried := 0
	for path, item := range c.doc.Paths.Map() {
		if item.Get == nil || !strings.HasPrefix(path, "/api/") {
			continue
		}
		for _, place := range c.places(path) {
			for _, variant := range c.variants(place, item.Get) {
				for who := range c.tokens {
					c.look(who, variant)
					tried++
				}
			}
		}
	}
	if tried < 2000 {
		t.Errorf("tried %d answers, want all", tried)
	}
	for _, s := range c.secrets { // else the test would prove nothing
		for who := range c.tokens {
			if s.sees(who) && !c.seen[who+" "+s.word] {
				t.Errorf("%s was never shown %s, which they may see", who, s.word)
			}
		}
	}
}

// look asks as the person, and wants nothing in the answer that is not for them.
func (c *cage) look(who, path string) {
	c.t.Helper()
	a := c.ask(c.tokens[who], "GET", "/api/v1"+path, nil, "Accept", "application/json")
	if a.status == http.StatusUnauthorized || a.status >= 500 {
		c.t.Fatalf("GET %s as %s: got %d %s", path, who, a.status, a.body)
	}
	text := string(a.body)
	for _, s := range c.secrets {
		if !strings.Contains(text, s.word) {
			continue
		}
		c.seen[who+" "+s.word] = true
		if !s.sees(who) && (s.elsewhere == nil || !s.elsewhere(path)) {
			c.t.Errorf("GET %s shows %s to %s: %s", path, s.word, who, text)
		}
	}
}

// Whoever may not know a word gets the same answer for it as for one that stands nowhere.
func TestNoSecretIsFoundOrCounted(t *testing.T) {
	t.Parallel()
	c := newCage(t)
	var questions []string
	for _, path := range []string{
		"/tickets?list=all&", "/tickets?list=all&scope=watching&", "/tickets/counts?", "/tickets.csv?list=all&",
		"/reports/status?", "/reports/evolution?", "/reports/times?", "/reports/open-work?",
	} {
		for _, name := range []string{"q", "field.secret", "field.plain"} {
			questions = append(questions, path+name+"=")
		}
	}
	for _, place := range c.places("/api/v1/trackers/{key}/similar") {
		questions = append(questions, place+"?summary=")
	}
	requestID := regexp.MustCompile(`"requestId":"[^"]*"`)
	ask := func(who, question, word string) string {
		a := c.ask(c.tokens[who], "GET", "/api/v1"+question+url.QueryEscape(word), nil)
		return fmt.Sprint(a.status, " ", requestID.ReplaceAllString(string(a.body), ""))
	}
	nowhere := map[string]string{} // what is answered for a word that stands nowhere
	for who := range c.tokens {
		for _, question := range questions {
			nowhere[who+question] = ask(who, question, "wordthatstandsnowhere")
		}
	}
	tried := 0
	for _, s := range c.secrets {
		for who := range c.tokens {
			if strings.HasPrefix(s.word, `"`) || s.sees(who) {
				continue
			}
			for _, question := range questions {
				if got := ask(who, question, s.word); got != nowhere[who+question] {
					c.t.Errorf("GET %s%s tells %s: got %s, want %s", question, s.word, who, got, nowhere[who+question])
				}
				tried++
			}
		}
	}
	if tried < 5000 {
		t.Errorf("tried %d questions, want all", tried)
	}
}

// What a person may not see answers as what does not exist, on every route of a ticket or tracker, and
// what is for administrators is refused to others without a look at what is asked for.
func TestWhatOneMayNotSeeAnswersAsWhatDoesNotExist(t *testing.T) {
	t.Parallel()
	c := newCage(t)
	id := regexp.MustCompile(`[A-Z]{4}-\d+|/trackers/[A-Z]{4}|"requestId":"[^"]*"`)
	for path, item := range c.doc.Paths.Map() {
		if item.Get == nil || !strings.HasPrefix(path, "/api/") {
			continue
		}
		rights := rightsOf(item.Get)
		for _, place := range c.places(path) {
			if a := c.ask("", "GET", "/api/v1"+place, nil); (a.status == http.StatusUnauthorized) == slices.Contains(rights, "everybody") {
				t.Errorf("GET %s without a token: got %d", place, a.status)
			}
			for who := range c.tokens {
				c.compareWithNothing(who, place, rights, id)
			}
		}
	}
}

func (c *cage) compareWithNothing(who, place string, rights []string, id *regexp.Regexp) {
	c.t.Helper()
	a := c.ask(c.tokens[who], "GET", "/api/v1"+place, nil, "Accept", "application/json")
	switch {
	case slices.Contains(rights, "admin"):
		if (a.status == http.StatusForbidden) != (who != "root") {
			c.t.Errorf("GET %s, for administrators, as %s: got %d", place, who, a.status)
		}
	case slices.Contains(rights, "see-ticket") && strings.Contains(place, "/tickets/"), slices.Contains(rights, "see-internal"):
		mode, n := c.modeOf(place), place[strings.Index(place, "-")+1]
		sees := n == '1' && seesTicket(who, mode, "ada", true) || n == '2' && seesTicket(who, mode, "bob", false)
		if !sees {
			nothing := c.ask(c.tokens[who], "GET", "/api/v1"+strings.Replace(place, place[9:15], place[9:14]+"9", 1), nil)
			if got, want := id.ReplaceAllString(string(a.body), ""), id.ReplaceAllString(string(nothing.body), ""); a.status != http.StatusNotFound || got != want {
				c.t.Errorf("GET %s as %s: got %d %s, want as for what does not exist: %s", place, who, a.status, got, want)
			}
		} else if a.status == http.StatusNotFound && strings.Contains(string(a.body), "ticket-not-found") {
			c.t.Errorf("GET %s as %s: got %s, and they see the ticket", place, who, a.body)
		}
	case slices.Contains(rights, "see-tracker"):
		if (a.status == http.StatusNotFound && strings.Contains(string(a.body), "tracker-not-found")) != (who == "stranger") {
			c.t.Errorf("GET %s as %s: got %d %s", place, who, a.status, a.body)
		}
	}
}

func (c *cage) modeOf(place string) domain.Mode {
	for _, mode := range domain.Modes() {
		if strings.Contains(place, "/"+strings.ToUpper(string(mode))[:4]) {
			return mode
		}
	}
	c.t.Fatalf("%s is in no tracker", place)
	return ""
}

// rightsOf is what a route's declaration in the document says that one must have, any of them.
func rightsOf(operation *openapi3.Operation) []string {
	var rights []string
	declared, _ := operation.Extensions["x-rights"].([]any)
	for _, right := range declared {
		rights = append(rights, fmt.Sprint(right))
	}
	return rights
}
