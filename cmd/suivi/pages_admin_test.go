package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// administrator is a visitor who administers the site.
func (s *pageSite) administrator() *visitor {
	s.t.Helper()
	root := s.visitor("Root", "en")
	s.want(http.StatusOK, s.ask(s.token, "PATCH", "/api/v1/people/"+string(root.id), map[string]bool{"admin": true}), nil)
	return root
}

func TestAdministrationIsThereForAdministratorsAlone(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	id := s.post(s.emile, "a ticket")
	pages := []string{"", "/parked", "/people", "/people/invite", "/people/" + string(s.emile.id), "/site", "/mirrors", "/fields", "/fields/edit", "/deleted", "/audit", "/audit/" + id}
	for _, page := range pages {
		root.get("/admin"+page).is(200).has("Administration", `aria-current="page"`)
		s.ada.get("/admin" + page).is(404).lacks("Administration")
	}
	for _, deed := range []string{"/chores", "/secrets", "/secrets/allow", "/secrets/remove", "/parked/x", "/people/invite", "/people/" + string(s.emile.id), "/people/" + string(s.emile.id) + "/link", "/site", "/fields/edit", "/fields/delete", "/deleted/" + id + "/undelete"} {
		s.ada.post("/admin"+deed, "do", "verify", "name", "x", "code", "x").is(404)
	}
	s.ada.get("/").is(200).lacks("Administration")
	root.get("/admin/audit/HELP-99").is(404)
	root.get("/admin/people/usr_nobody").is(404)
	root.get("/admin/fields/edit?code=none").is(404)
}

func TestAdministratorsSeeHowTheSiteIsAndWorkOnIt(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	s.post(s.emile, "a ticket")
	root.get("/admin").is(200).has("reachable", "up to date", "tickets", "cascade", "running").lacks("not reachable")
	done := func(order []string, shown string) {
		t.Helper()
		root.post("/admin/chores", order...).redirects("/admin")
		await(t, shown, func() bool { return strings.Contains(root.get("/admin").is(200).body, shown) })
	}
	done([]string{"do", "rebuild", "model", "search"}, "search was rebuilt from")
	done([]string{"do", "verify"}, "Every row is as the log says")
	done([]string{"do", "collect"}, "Taken away: 0 uploads and 0 contents")
	done([]string{"do", "rebuild", "model", "none"}, "Rebuild of none:")
	root.post("/admin/chores", "do", "nonsense").is(422)
}

func TestAdministratorsLookAfterPeople(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	root.get("/admin/people?q=ém").is(200).has("Emile@example.org").lacks("Grace@example.org")
	root.get("/admin/people?q=nobody").is(200).has("Nobody is found")
	root.post("/admin/people/invite", "name", "Marie", "email", "Grace@example.org").is(http.StatusConflict).has("Somebody has this e-mail address already", `value="Marie"`)
	made := root.post("/admin/people/invite", "name", "Marie", "email", "marie@example.org", "language", "fr", "zone", "Europe/Paris").is(200).has("shown this once")
	link := regexp.MustCompile(`<code>(http://[^<]+)</code>`).FindStringSubmatch(made.body)
	if len(link) != 2 || !strings.HasPrefix(link[1], s.url+"/invitations/") {
		t.Fatalf("got the link %v", link)
	}
	marie := s.stranger("fr")
	marie.post(strings.TrimPrefix(link[1], s.url), "name", "Marie", "password", pagePassword).redirects("/")
	list := root.get("/admin/people?q=marie").is(200)
	at := "/admin/people/" + regexp.MustCompile(`/admin/people/(usr_\w+)`).FindStringSubmatch(list.body)[1]
	root.get(at).is(200).has("Marie").lacks(link[1])
	root.post(at, "name", "Marie Curie", "email", "curie@example.org", "language", "en", "zone", "Nowhere").is(422).has(`value="Marie Curie"`)
	root.post(at, "name", "Marie Curie", "email", "curie@example.org", "language", "en", "zone", "UTC", "admin", "on").redirects(at)
	marie.get("/admin").is(200)
	root.post(at, "do", "disable").redirects(at)
	root.get(at).is(200).has("This account is disabled").lacks("Make a new link")
	marie.get("/").is(http.StatusSeeOther)
	root.post(at + "/link").is(http.StatusConflict).has("This account is disabled")
	root.post(at, "do", "enable").redirects(at)
	again := root.post(at + "/link").is(200)
	marie.get(strings.TrimPrefix(regexp.MustCompile(`<code>(http://[^<]+)</code>`).FindStringSubmatch(again.body)[1], s.url)).is(200)
}

func TestTheLastAdministratorStaysOne(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	var me struct{ ID string }
	s.want(200, s.ask(s.token, "GET", "/api/v1/me", nil), &me)
	root.post("/admin/people/"+me.ID, "do", "disable").redirects("/admin/people/" + me.ID)
	root.post("/admin/people/"+string(root.id), "do", "disable").is(http.StatusConflict).has("This is the last administrator")
	root.get("/admin").is(200)
}

func TestTheSitesWatchDefaultsHoldWhereNothingIsChosen(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	root.get("/admin/site").is(200).lacks("Every change again")
	root.post("/admin/site", "topic", "comment").redirects("/admin/site")
	root.get("/admin/site").is(200).has(`value="comment" checked`, "Every change again").lacks(`value="edit" checked`)
	s.emile.get("/profile/watches").is(200).has("1 sorte de changement sur 17")
	root.post("/admin/site", "do", "reset").redirects("/admin/site")
	s.emile.get("/profile/watches").is(200).has("tous les changements")
}

func TestSharedFieldsAreMadeChangedAndDeletedOnPages(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	at := "/admin/fields/edit"
	root.get(at).is(200).lacks("option.0.code")
	root.post(at, "new", "on", "code", "kind", "type", "dropdown", "label.en", "Kind", "do", "look").is(200).has("option.0.code", `value="Kind"`)
	root.post(at, "new", "on", "code", "Kind", "type", "dropdown", "label.en", "Kind", "do", "save").is(422).has(`id="code-wrong"`, `id="options-wrong"`)
	options := []string{
		"do", "save", "type", "dropdown", "label.fr", "Type", "option.0.code", "hw", "option.0.fr", "Matériel", "option.0.en", "Hardware",
		"option.1.code", "", "option.1.fr", "", "option.1.en", "", "option.2.code", "sw", "option.2.fr", "Logiciel", "option.2.en", "Software",
	}
	made := append([]string{"new", "on", "code", "kind", "label.en", "Kind"}, options...)
	root.post(at, made...).redirects("/admin/fields")
	root.post(at, made...).is(422).has(`id="code-wrong"`) // it would take the place of the other
	root.get("/admin/fields").is(200).has("Kind", "dropdown", "nobody")
	root.get(at+"?code=kind").is(200).has(`value="Matériel"`, `value="sw"`, `value="Type"`)
	root.post(at, append([]string{"code", "kind", "label.en", "Sort", "option.2.retired", "on"}, options...)...).redirects("/admin/fields")
	root.get(at + "?code=kind").is(200).has(`name="option.1.retired" aria-label="Option 2: Retired" checked`)
	root.get("/admin/fields").is(200).has("Sort")
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/kind", map[string]any{"shared": true}), nil)
	s.settlePages()
	root.get("/admin/fields").is(200).has("HELP</span>").lacks("Delete the field kind")
	root.post("/admin/fields/delete", "code", "kind").is(http.StatusConflict).has("Trackers use this field")
	s.want(200, s.ask(s.token, "DELETE", "/api/v1/trackers/HELP/fields/kind", nil), nil)
	s.settlePages()
	root.post("/admin/fields/delete", "code", "kind").redirects("/admin/fields")
	root.get("/admin/fields").is(200).has("There are no shared fields yet")
}

func TestADeletedTicketIsLookedAtAndBroughtBack(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	id := s.post(s.emile, "gone by mistake")
	root.get("/admin/deleted").is(200).has("No ticket is deleted")
	s.ada.post("/tickets/" + id + "/delete").is(http.StatusSeeOther)
	root.get("/admin/deleted").is(200).has("gone by mistake", "Ada", "/admin/audit/"+id)
	root.get("/admin/audit/"+id).is(200).has("This ticket is deleted", "gone by mistake", "Bring back")
	root.post("/admin/deleted/" + id + "/undelete").redirects("/tickets/" + id)
	s.emile.get("/tickets/" + id).is(200)
	root.get("/admin/deleted").is(200).has("No ticket is deleted")
}

// links are where the links lead whose address begins so.
func (p shownPage) links(begin string) []string {
	p.t.Helper()
	var all []string
	for _, n := range p.find(func(n *html.Node) bool { return n.Data == "a" && strings.HasPrefix(attr(n, "href"), begin) }) {
		all = append(all, attr(n, "href"))
	}
	return all
}

func TestParkedWorkIsTriedAgainOrLeftOnItsPage(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	root.get("/admin/parked").is(200).has("Nothing is parked")
	s.want(http.StatusCreated, s.ask(s.token, "POST", "/api/v1/trackers", map[string]any{"key": "TOP", "name": "Upper level", "mode": "bugtracker", "workflow": "relaxed"}), nil)
	s.want(http.StatusOK, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/parent", map[string]any{"parent": "TOP"}), nil)
	s.settlePages()
	id := s.post(s.emile, "stuck")
	copied := strings.TrimPrefix(s.cascade(s.token, "/api/v1/tickets/"+id), "/api/v1/tickets/")
	s.want(http.StatusOK, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/archived", nil), nil) // so that it takes no report
	for _, state := range []string{"working", "testing"} {
		s.want(http.StatusOK, s.ask(s.token, "POST", "/api/v1/tickets/"+copied+"/state", map[string]string{"to": state}), nil)
	}
	await(t, "the reports are parked", func() bool { return len(root.get("/admin/parked").is(200).forms("/admin/parked/")) == 4 })
	page := root.get("/admin/parked").has("tracker-archived", "Waits for what stands before it", copied)
	root.get("/admin").is(200).has(`<a href="/admin/parked">2 events</a>`)
	first := page.forms("/admin/parked/")[0]
	root.post(first, "do", "retry").redirects("/admin/parked")
	root.post(first, "do", "resolve").redirects("/admin/parked")
	root.get("/admin/parked").is(200).has("It is left as it is")
	root.post(first, "do", "resolve").is(404)
	s.want(http.StatusOK, s.ask(s.token, "DELETE", "/api/v1/trackers/HELP/archived", nil), nil)
	if rest := root.get("/admin/parked").is(200).forms("/admin/parked/"); len(rest) > 0 { // it may have been tried by itself
		root.post(rest[0], "do", "retry")
	}
	await(t, "nothing is parked", func() bool { return strings.Contains(root.get("/admin/parked").body, "Nothing is parked") })
	root.get("/admin/audit/" + id).is(200).has("Being tested").lacks("In progress")
}

// forms are where the forms go whose address begins so.
func (p shownPage) forms(begin string) []string {
	p.t.Helper()
	var all []string
	for _, n := range p.find(func(n *html.Node) bool { return n.Data == "form" && strings.HasPrefix(attr(n, "action"), begin) }) {
		all = append(all, attr(n, "action"))
	}
	return all
}
