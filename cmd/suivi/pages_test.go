package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// pageSite is a desk with its people, for the tests of pages.
type pageSite struct {
	*desk
	ada, grace, emile, eve *visitor // manager, developer, reporter, nobody
}

func newPageSite(t *testing.T, settings ...any) *pageSite {
	t.Helper()
	s := &pageSite{desk: serveDesk(t, t.TempDir())}
	s.ada, s.grace, s.emile, s.eve = s.visitor("Ada", "en"), s.visitor("Grace", "en"), s.visitor("Emile", "fr"), s.visitor("Eve", "en")
	tracker := map[string]any{"key": "HELP", "name": "Help desk", "mode": "ticketing", "members": map[string]any{
		string(s.ada.id): []string{"manager", "resolver"}, string(s.grace.id): []string{"developer"}, string(s.emile.id): []string{"reporter"},
	}}
	for i := 0; i+1 < len(settings); i += 2 {
		tracker[settings[i].(string)] = settings[i+1]
	}
	s.want(http.StatusCreated, s.ask(s.token, "POST", "/api/v1/trackers", tracker), nil)
	s.settlePages()
	return s
}

// settlePages waits until pages show what was written through the API.
func (s *pageSite) settlePages() {
	s.t.Helper()
	var log struct{ Projections []struct{ Head string } }
	s.want(http.StatusOK, s.ask(s.token, "GET", "/api/v1/admin/projections", nil), &log)
	s.want(http.StatusOK, s.ask(s.token, "GET", "/api/v1/trackers/HELP", nil, "X-Suivi-After", log.Projections[0].Head), nil)
}

// post posts a ticket through its page, and tells its id.
func (s *pageSite) post(by *visitor, summary string, pairs ...string) string {
	s.t.Helper()
	answer := by.post("/trackers/HELP/new", append([]string{"summary", summary}, pairs...)...).is(http.StatusSeeOther)
	return strings.Split(answer.header.Get("Location"), "/")[2]
}

func TestANewSiteIsSetUpInTheBrowser(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	v := d.stranger("fr")
	v.get("/").redirects("/setup")
	form := []string{"name", "Ada", "email", "ada@example.org", "password", pagePassword, "tracker", "Assistance", "key", "HELP", "mode", "ticketing", "zone", "Europe/Paris"}
	v.get("/setup").is(200).has("Code d’installation")
	v.post("/setup", append(form, "code", "AAAA-BBBB-CCCC-DDDD")...).is(http.StatusForbidden).has("Ce n’est pas le code", `value="ada@example.org"`).lacks(pagePassword)
	code := d.setupCode()
	v.post("/setup", slices.Concat([]string{"code", code}, form[:8], []string{"mode", "ticketing", "key", "help"})...).is(422).has("Une capitale, puis")
	v.post("/setup", append(form, "code", code)...).redirects("/")
	v.get("/").is(200).has("Mon bureau", "Bienvenue", "Assistance")
	v.get("/setup").is(http.StatusNotFound)
	d.stranger("en").get("/").redirects("/sign-in")
}

// setupCode is the code that the program printed, which is read once it has ended; then
// it is started again, and the code is still good.
func (d *desk) setupCode() string {
	d.t.Helper()
	d.stop()
	found := regexp.MustCompile(`code=(\S+?),`).FindStringSubmatch(d.output.String())
	if found == nil {
		d.t.Fatalf("the program printed no set-up code:\n%s", d.output)
	}
	*d = *serveDeskFrom(d.t, d.file, d.data)
	return found[1]
}

func TestSigningInAndOut(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	v := s.stranger("en")
	v.get("/tickets").redirects("/setup") // no administrator could sign in
	s.want(http.StatusNoContent, s.ask(s.token, "PUT", "/api/v1/me/password", map[string]string{"password": "another tram"}), nil)
	v.get("/tickets?q=x").redirects("/sign-in?next=%2Ftickets%3Fq%3Dx")
	v.post("/sign-in", "email", "Ada@example.org", "password", "wrong", "next", "/tickets").is(http.StatusUnauthorized).
		has("The e-mail address or the password is not right", `value="Ada@example.org"`, `value="/tickets"`).lacks("wrong\"")
	in := v.post("/sign-in", "email", "Ada@example.org", "password", pagePassword, "next", "/tickets?q=x")
	in.redirects("/tickets?q=x")
	cookie := in.header.Get("Set-Cookie")
	for _, part := range []string{"suivi_session=", "HttpOnly", "SameSite=Lax", "path=/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("got the cookie %q, want %q in it", cookie, part)
		}
	}
	safe := v.do("POST", "/sign-in", strings.NewReader("email=Ada%40example.org&password="+strings.ReplaceAll(pagePassword, " ", "+")),
		"Content-Type", "application/x-www-form-urlencoded", "X-Forwarded-Proto", "https").header.Get("Set-Cookie")
	if !strings.HasPrefix(safe, "__Host-suivi_session=") || !strings.Contains(safe, "secure") {
		t.Errorf("got the cookie %q by https, want one that is bound to the host", safe)
	}
	v.get("/tickets").is(200)
	v.post("/sign-out").redirects("/sign-in")
	v.get("/tickets").redirects("/sign-in?next=%2Ftickets")
	for _, evil := range []string{"//evil.example/", "https://evil.example/", `/\evil.example`, "javascript:alert(1)"} {
		s.stranger("en").post("/sign-in", "email", "Ada@example.org", "password", pagePassword, "next", evil).redirects("/")
	}
}

func TestPagesTellBrowsersToRunNothingOfOthers(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	for _, path := range []string{"/", "/tickets", "/nowhere", "/sign-in", "/trackers/HELP/new"} {
		page := s.ada.get(path)
		policy := page.header.Get("Content-Security-Policy")
		nonce := regexp.MustCompile(`script-src 'nonce-([A-Z2-7]{26})';`).FindStringSubmatch(policy)
		if nonce == nil || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("%s: got the policy %q", path, policy)
			continue
		}
		for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"} {
			if got := page.header.Get(name); path != "/sign-in" && got != want {
				t.Errorf("%s: got %s %q, want %q", path, name, got, want)
			}
		}
		for _, n := range page.find(func(n *html.Node) bool {
			return n.Data == "script" || n.Data == "style" || n.Data == "link" && attr(n, "rel") == "stylesheet"
		}) {
			if attr(n, "nonce") != nonce[1] || n.Data != "link" && attr(n, "src") == "" {
				t.Errorf("%s: a %s of %q without the page's nonce", path, n.Data, attr(n, "src"))
			}
		}
		for _, n := range page.find(func(n *html.Node) bool { return n.Type == html.ElementNode }) {
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: %s has %s=%q", path, n.Data, a.Key, a.Val)
				}
			}
		}
	}
}

func TestWhatAnotherSiteSendsIsNotDone(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	form := "summary=forged"
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	} {
		headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
		s.emile.do("POST", "/trackers/HELP/new", strings.NewReader(form), headers...).is(http.StatusForbidden).has("Un autre site")
	}
	s.emile.get("/tickets?list=all&scope=mine").is(200).lacks("forged")
	s.emile.do("POST", "/trackers/HELP/new", strings.NewReader(form), "Origin", s.url, "Content-Type", "application/x-www-form-urlencoded").is(http.StatusSeeOther)
}

func TestStaticFilesAreForEverAndAFirstVisitIsLight(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.post(s.emile, "a ticket")
	page := s.ada.get("/", "Accept-Encoding", "gzip").is(200)
	total := len(page.body)
	plain := s.ada.get("/").body
	for _, found := range regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`).FindAllStringSubmatch(plain, -1) {
		file := s.stranger("en").get(found[1], "Accept-Encoding", "gzip").is(200)
		if got := file.header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" || file.header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: got Cache-Control %q, Content-Encoding %q", found[1], got, file.header.Get("Content-Encoding"))
		}
		total += len(file.body)
	}
	t.Logf("a first visit is %d bytes", total)
	if total > 60_000 || total < 10_000 {
		t.Errorf("a first visit is %d bytes, want some, and less than 60 kB", total)
	}
	s.ada.get("/static/ui.css").is(http.StatusNotFound)
}

func TestWhatOneMayNotSeeHasThePageOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	id := s.post(s.emile, "secret")
	s.ada.post("/tickets/"+id+"/comments", "body", "among us", "internal", "on").is(http.StatusSeeOther)
	same := func(path, missing string) {
		t.Helper()
		change := regexp.MustCompile(`nonce="[A-Z2-7]+"|name="back" value="[^"]*"`)
		got, want := s.eve.get(path).is(404), s.eve.get(missing).is(404)
		if a, b := change.ReplaceAllString(got.body, ""), change.ReplaceAllString(want.body, ""); a != b {
			t.Errorf("%s and %s differ:\n%s\n%s", path, missing, a, b)
		}
	}
	for _, rest := range []string{"", "/edit", "/state", "/assignee", "/posted", "/comments/1/edit", "/notes/1/revisions"} {
		same("/tickets/"+id+rest, "/tickets/HELP-999"+rest)
	}
	same("/trackers/HELP/tickets", "/trackers/NONE/tickets")
	same("/trackers/HELP/new", "/trackers/NONE/new")
	for _, deed := range []string{"state", "assignee", "comments", "edit", "watchers", "rank", "delete", "prerequisites"} {
		s.eve.post("/tickets/"+id+"/"+deed, "to", "working", "user", "me", "body", "x", "summary", "x", "version", "1", "move", "top", "ticket", "1").is(404)
	}
	s.eve.get("/tickets?list=all").is(200).lacks("secret")
	s.eve.get("/tickets?q=" + id).is(200).lacks("secret")
	s.emile.get("/tickets/"+id).is(200).has("secret").lacks("among us", "Note interne")
	s.emile.get("/tickets/" + id + "/notes/1/revisions").is(404)
}

func TestPagesSpeakTheLanguageAndTheZoneOfThePerson(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	id := s.post(s.emile, "a ticket")
	now := time.Now().UTC()
	s.emile.get("/tickets/"+id).is(200).has(`lang="fr"`, "Activité", "Posté par Emile").lacks("Activity")
	s.ada.get("/tickets/"+id).is(200).has(`lang="en"`, "Activity", "Emile reported this")
	s.stranger("fr-CA,en;q=0.5").get("/sign-in").is(200).has("Se connecter")
	s.stranger("de").get("/sign-in").is(200).has("Sign in")
	v := s.stranger("en")
	v.post("/look", "language", "fr", "back", "/sign-in").redirects("/sign-in")
	v.get("/sign-in").is(200).has("Se connecter")

	s.ada.post("/profile", "language", "fr", "zone", "Pacific/Auckland").redirects("/profile")
	auckland, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	s.ada.get("/tickets/"+id).is(200).has(`lang="fr"`, fmt.Sprintf("à\u00a0%02d:", now.In(auckland).Hour()))
	s.ada.post("/profile", "language", "fr", "zone", "Nowhere/Land").is(422).has("Ce fuseau horaire n’existe pas", "Nowhere/Land")
	s.ada.post("/look", "theme", "dark", "back", "/profile").redirects("/profile")
	s.ada.post("/look", "keys", "off", "back", "/profile").redirects("/profile")
	s.ada.get("/profile").is(200).has(`data-theme="dark"`).lacks("data-keys")
}

func TestHostileTextsAreTextsOnEveryPage(t *testing.T) {
	t.Parallel()
	hostile := `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	s := newPageSite(t, "intro", map[string]string{"en": hostile, "fr": hostile})
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/room", map[string]any{"type": "text", "listable": true, "label": map[string]string{"en": hostile, "fr": hostile}}), nil)
	s.settlePages()
	id := s.post(s.emile, hostile, "description", hostile, "answers.room", hostile)
	s.ada.send("/tickets/"+id+"/comments", hostile+".txt", "x", "body", hostile).is(http.StatusSeeOther)
	s.ada.post("/queries", "name", hostile, "query", "q=x", "tracker", "HELP").is(http.StatusSeeOther)
	for _, path := range []string{
		"/", "/tickets", "/tickets/" + id, "/tickets/" + id + "/edit", "/tickets/" + id + "/state", "/tickets/" + id + "/assignee?back=" + hostile[:2],
		"/trackers/HELP/tickets", "/trackers/HELP/new?summary=%22%3E%3Cscript%3E", "/tickets?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/new", "/tickets/" + id + "/posted",
	} {
		page := s.ada.get(path)
		if page.status == http.StatusSeeOther {
			continue
		}
		page.is(200).lacks("<script>alert", "<img src=x")
		for _, n := range page.find(func(n *html.Node) bool { return n.Data == "script" && attr(n, "nonce") == "" }) {
			t.Errorf("%s: a script got in: %v", path, n.Attr)
		}
	}
}
