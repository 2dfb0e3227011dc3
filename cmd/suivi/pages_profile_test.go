package main

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// values are what the inputs of the name have in them.
func (p shownPage) values(name string) []string {
	p.t.Helper()
	var all []string
	for _, n := range p.find(func(n *html.Node) bool { return n.Data == "input" && attr(n, "name") == name }) {
		all = append(all, attr(n, "value"))
	}
	return all
}

func TestPeopleChangeTheirNameAndPassword(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.grace.get("/profile").is(200).has(`value="Grace"`, "Grace@example.org")
	s.grace.post("/profile", "name", "", "language", "en", "zone", "UTC").is(422).has(`id="name-wrong"`)
	s.grace.post("/profile", "name", "Grace Hopper", "language", "en", "zone", "UTC").redirects("/profile")
	s.grace.get("/profile").is(200).has(`value="Grace Hopper"`)

	elsewhere := s.stranger("en")
	elsewhere.post("/sign-in", "email", "Grace@example.org", "password", pagePassword).redirects("/")
	s.grace.post("/profile/password", "old", "wrong", "password", "another tram at night").is(http.StatusForbidden).has("This is not your password").lacks("another tram")
	s.grace.post("/profile/password", "old", pagePassword, "password", "short").is(422).has(`id="password-wrong"`)
	elsewhere.get("/profile/access").is(200)
	s.grace.post("/profile/password", "old", pagePassword, "password", "another tram at night").redirects("/profile/access")
	s.grace.get("/profile/access").is(200).has("Password changed")
	elsewhere.get("/profile/access").is(http.StatusSeeOther)
	elsewhere.post("/sign-in", "email", "Grace@example.org", "password", "another tram at night").redirects("/")
}

func TestPeopleEndTheirSessionsOneOrAllOthers(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	in := func() *visitor {
		v := s.stranger("en")
		v.post("/sign-in", "email", "Grace@example.org", "password", pagePassword).redirects("/")
		return v
	}
	one, two := in(), in()
	one.get("/profile/access", "User-Agent", "x").is(200).has("this one")
	sessions := s.grace.get("/profile/access").is(200).values("session")
	if len(sessions) != 2 {
		t.Fatalf("got the sessions %v to end, want two", sessions)
	}
	s.grace.post("/profile/sessions/end", "session", sessions[0]).redirects("/profile/access")
	two.get("/profile/access").is(http.StatusSeeOther) // the newest comes first
	one.get("/profile/access").is(200)
	s.emile.post("/profile/sessions/end", "session", sessions[1]).is(404)
	one.get("/profile/access").is(200)
	s.grace.post("/profile/sessions/end").redirects("/profile/access")
	one.get("/profile/access").is(http.StatusSeeOther)
	s.grace.get("/profile/access").is(200).has("You are signed out everywhere else").lacks("Sign out everywhere else<")
}

func TestATokenIsShownOnceAndRevoked(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.emile.post("/profile/tokens", "label", "", "scope", "write").is(422).has(`id="label-wrong"`)
	s.emile.post("/profile/tokens", "label", "script", "scope", "all").is(422).has("Cette portée n’existe pas")
	s.emile.post("/profile/tokens", "label", "script", "scope", "read", "expires", "2020-01-01").is(422).has("C’est dans le passé", `value="script"`)
	made := s.emile.post("/profile/tokens", "label", "script", "scope", "read", "expires", "2199-12-31").is(200).has("Copiez-le maintenant", "31\u00a0déc.\u00a02199")
	secret := regexp.MustCompile(`<code>(sui_[A-Za-z0-9_-]+)</code>`).FindStringSubmatch(made.body)
	if secret == nil {
		t.Fatalf("no token is shown:\n%s", made.text())
	}
	if a := s.ask(secret[1], "GET", "/api/v1/me", nil); a.status != http.StatusOK || !strings.Contains(string(a.body), string(s.emile.id)) {
		t.Errorf("the token lets nobody in: %d %s", a.status, a.body)
	}
	if a := s.ask(secret[1], "PATCH", "/api/v1/me", map[string]string{"name": "x"}); a.status != http.StatusForbidden {
		t.Errorf("a token for reading changes something: %d", a.status)
	}
	list := s.emile.get("/profile/tokens").is(200).has("script").lacks(secret[1])
	path := regexp.MustCompile(`/profile/tokens/[^/]+/revoke`).FindString(list.body)
	s.eve.post(path).is(404)
	s.emile.post(path).redirects("/profile/tokens")
	s.emile.get("/profile/tokens").is(200).has("Jeton révoqué", "Vous n’avez pas de jeton")
	if a := s.ask(secret[1], "GET", "/api/v1/me", nil); a.status != http.StatusUnauthorized {
		t.Errorf("a revoked token: got %d", a.status)
	}
}

func TestWatchesEndOneByOneOrAllAtOnce(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.want(http.StatusCreated, s.ask(s.token, "POST", "/api/v1/trackers", map[string]any{"key": "PEDA", "name": "Teaching", "mode": "bugtracker", "members": map[string]any{string(s.emile.id): []string{"reporter"}}}), nil)
	s.settlePages()
	one, two := s.post(s.emile, "the first"), s.post(s.emile, "the second")
	third := strings.Split(s.emile.post("/trackers/PEDA/new", "summary", "the third").is(http.StatusSeeOther).header.Get("Location"), "/")[2]
	s.emile.get("/profile/watches").is(200).has("the first", "the second", "the third", "tous les changements")
	s.emile.post("/profile/watches/end", "ticket", one).redirects("/profile/watches")
	s.emile.get("/profile/watches").is(200).lacks("the first").has("the second")
	s.emile.post("/profile/watches/end", "tracker", "PEDA").redirects("/profile/watches")
	s.emile.get("/profile/watches").is(200).lacks("the third").has("the second")
	s.emile.post("/profile/watches/end", "tracker", "").redirects("/profile/watches")
	s.emile.get("/profile/watches").is(200).lacks("the second", third).has("Vous ne suivez aucun ticket")
	s.emile.post("/profile/watches/end", "tracker", "").redirects("/profile/watches")
	s.emile.get("/profile/watches").has("Il n’y avait aucun suivi")
	if got := s.emile.get("/tickets?scope=watching").is(200).rows(); len(got) != 0 {
		t.Errorf("still watched: %v", got)
	}
	s.emile.get("/tickets/" + two).is(200)
}

func TestWhatNewWatchesAreForIsChosenPerTracker(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	watched := func(want string) {
		t.Helper()
		id := s.post(s.emile, "watched")
		var got struct{ Watchers []struct{ Events []string } }
		s.emile.api("GET", "/api/v1/tickets/"+id+"/watchers", nil, &got)
		if events := strings.Join(got.Watchers[0].Events, " "); len(got.Watchers) != 1 || events != want {
			t.Errorf("a new watch is for %q, want %q", events, want)
		}
	}
	at := "/profile/watches/defaults"
	s.emile.get(at).is(200).has("Pour tous les guichets").lacks("Comme le site")
	s.emile.post(at, "topic", "comment", "topic", "resolved").redirects("/profile/watches")
	watched("resolved comment")
	s.emile.get(at+"?tracker=HELP").is(200).has("Help desk", `value="comment" checked`).lacks("Comme partout")
	s.emile.post(at, "tracker", "HELP", "topic", "edit", "do", "save").redirects("/profile/watches")
	s.emile.get("/profile/watches").is(200).has("2 sortes de changements sur 17", "1 sorte de changement sur 17", "votre choix")
	watched("edit")
	s.emile.get(at + "?tracker=HELP").is(200).has("Comme partout")
	s.emile.post(at, "tracker", "HELP", "do", "reset").redirects("/profile/watches")
	watched("resolved comment")
	s.emile.post(at, "do", "reset").redirects("/profile/watches")
	s.emile.get("/profile/watches").is(200).lacks("votre choix")
	s.emile.post(at, "topic", "nonsense").is(422)
	s.emile.get(at + "?tracker=NONE").is(404)
	s.eve.get(at + "?tracker=HELP").is(404)
}

func TestPeopleSeeWhatTheyMayAndWhatTheyGaveToWhom(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.grace.get("/profile/rights").is(200).has("Developer", "change the state", "You may not").lacks("You administer", "Manager</span>")
	s.emile.get("/profile/rights").is(200).has("Rapporteur", "poster des tickets", "Personne n’a de ticket")
	s.eve.get("/profile/rights").is(200).has("No tracker is open to you yet")
	one, two, three := s.post(s.emile, "given to Grace"), s.post(s.emile, "given to Grace and taken back"), s.post(s.emile, "given, and resolved")
	for _, id := range []string{one, two, three} {
		s.ada.post("/tickets/"+id+"/assignee", "user", string(s.grace.id)).is(http.StatusSeeOther)
	}
	s.ada.post("/tickets/"+two+"/assignee", "user", string(s.ada.id)).is(http.StatusSeeOther)
	s.ada.post("/tickets/"+three+"/state", "to", "working").is(http.StatusSeeOther)
	s.ada.post("/tickets/"+three+"/state", "to", "resolved", "resolution", "done").is(http.StatusSeeOther)
	page := s.ada.get("/profile/rights").is(200).has("given to Grace<", "given, and resolved", "1 open · 1 resolved")
	if got := page.rows(); len(got) != 1 || got[0] != two {
		t.Errorf("given to Ada: %v, want %s", got, two)
	}
	if got := s.grace.get("/profile/rights").is(200).has("Nobody has a ticket that you gave them").rows(); len(got) != 1 || got[0] != one {
		t.Errorf("given to Grace and open: %v, want %s", got, one)
	}
}

// Each watch has its own set of changes: one's own is chosen on the ticket and in the
// profile, others' by who manages watchers, and no other watch changes with it.
func TestAWatchIsForTheChangesThatOneChooses(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	id, other := s.post(s.emile, "Lamp"), s.post(s.emile, "Chair")
	events := func(of string) (found []string) {
		var all struct {
			Watches []struct {
				Ticket string
				Events []string
			}
		}
		s.emile.api("GET", "/api/v1/me/watches", nil, &all)
		for _, w := range all.Watches {
			if w.Ticket == of {
				found = w.Events
			}
		}
		return found
	}
	s.emile.get("/tickets/"+id).is(200).has("Vous êtes prévenu de", "tous les changements", `href="/tickets/`+id+`/watch"`)
	form := s.emile.get("/tickets/"+id+"/watch?back=/profile/watches").is(200).has("De quoi être prévenu sur "+id, `value="resolved" checked`)
	if got := form.value("back"); got != "/profile/watches" {
		t.Errorf("got back %q", got)
	}
	s.emile.post("/tickets/"+id+"/watch", "topic", "resolved", "topic", "comment", "back", "/profile/watches").redirects("/profile/watches")
	s.emile.get("/profile/watches").is(200).has("2 sortes de changements sur 17", "tous les changements")
	if got := events(id); !slices.Equal(got, []string{"resolved", "comment"}) {
		t.Errorf("got %v, want what was ticked", got)
	}
	if got := events(other); len(got) != 17 {
		t.Errorf("the other watch is for %v now", got)
	}
	s.emile.post("/tickets/"+id+"/watch", "topic", "nonsense").is(422).has("Cette sorte de changement n’existe pas")
	s.emile.post("/tickets/" + id + "/watch").redirects("/tickets/" + id)
	s.emile.get("/tickets/" + id).has("aucun changement")

	s.grace.get("/tickets/" + id + "/watch").is(http.StatusNotFound) // she does not watch
	s.grace.get("/tickets/" + id + "/watch?user=" + string(s.emile.id)).is(200)
	s.grace.post("/tickets/"+id+"/watch", "user", string(s.emile.id), "topic", "edit").is(http.StatusForbidden)
	s.ada.get("/tickets/" + id).has(`href="/tickets/` + id + `/watch?user=` + string(s.emile.id) + `"`)
	s.ada.post("/tickets/"+id+"/watch", "user", string(s.emile.id), "topic", "edit").redirects("/tickets/" + id)
	if got := events(id); !slices.Equal(got, []string{"edit"}) {
		t.Errorf("got %v, want what the manager chose", got)
	}
	s.eve.get("/tickets/" + id + "/watch").is(http.StatusNotFound)
}
