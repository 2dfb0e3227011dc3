package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestAListIsWhatItsAddressSays(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/room", map[string]any{"type": "dropdown", "listable": true, "label": map[string]string{"en": "Room", "fr": "Salle"}, "options": []any{map[string]any{"code": "b12", "label": map[string]string{"en": "B twelve"}}, map[string]any{"code": "c3", "label": map[string]string{"en": "C three"}}}}), nil)
	s.settlePages()
	first := s.post(s.emile, "the lamp is dark", "answers.room", "b12")
	second := s.post(s.ada, "the clock is late", "answers.room", "c3", "state", "working", "assignee", string(s.grace.id))
	third := s.post(s.emile, "all is well", "answers.room", "b12")
	s.ada.post("/tickets/"+third+"/state", "to", "abandoned").is(http.StatusSeeOther)
	for path, want := range map[string][]string{
		"/tickets":                                                                      {second, first},
		"/trackers/HELP/tickets?list=resolved":                                          {third},
		"/trackers/HELP/tickets?list=all&sort=number":                                   {first, second, third},
		"/trackers/HELP/tickets?list=all&sort=-number":                                  {third, second, first},
		"/tickets?state=working&state=abandoned&sort=number":                            {second, third},
		"/tickets?assignee=" + string(s.grace.id):                                       {second},
		"/tickets?assignee=none":                                                        {first},
		"/tickets?list=all&scope=mine":                                                  {second},
		"/tickets?scope=watching":                                                       {second},
		"/tickets?q=lamp":                                                               {first},
		"/trackers/HELP/tickets?list=all&field.room=b12&sort=number":                    {first, third},
		"/tickets?from=2020-01-01&to=2020-12-31":                                        nil,
		"/tickets?from=2020-01-01&list=open&state=&q=&assignee=&unknown=x&sort=-number": {second, first},
	} {
		if got := s.ada.get(path).is(200).rows(); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	page := s.ada.get("/trackers/HELP/tickets?list=all&field.room=b12&state=posted,open&assignee=none").is(200)
	var chips []string
	for _, n := range page.find(func(n *html.Node) bool { return n.Data == "ul" && attr(n, "class") == "chips" }) {
		for a := range n.Descendants() {
			if a.Data == "a" {
				chips = append(chips, attr(a, "href"))
			}
		}
	}
	want := []string{
		"/trackers/HELP/tickets?assignee=none&field.room=b12&list=all&state=open", "/trackers/HELP/tickets?assignee=none&field.room=b12&list=all&state=posted",
		"/trackers/HELP/tickets?field.room=b12&list=all&state=posted%2Copen", "/trackers/HELP/tickets?assignee=none&list=all&state=posted%2Copen",
	}
	if !slices.Equal(chips, want) {
		t.Errorf("got the chips\n%s\nwant\n%s", strings.Join(chips, "\n"), strings.Join(want, "\n"))
	}
	page.has("B twelve", "Posted")
	s.ada.get("/tickets?q=" + first).redirects("/tickets/" + first)
	s.ada.get("/tickets?q=%23" + strings.TrimPrefix(second, "HELP-")).redirects("/tickets/" + second)
	s.ada.get("/tickets?sort=nonsense").is(422).has("cannot be sorted by this")
	s.ada.get("/tickets?from=yesterday").is(422).has("This is no day")
	s.emile.get("/trackers/HELP/tickets?sort=rank").is(http.StatusForbidden)
	s.ada.get("/trackers/HELP").redirects("/trackers/HELP/tickets")
}

func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	var all []string
	for range 60 {
		var made struct{ ID string }
		s.emile.api("POST", "/api/v1/trackers/HELP/tickets", map[string]string{"summary": "one of many"}, &made)
		all = append(all, made.ID)
	}
	s.settlePages()
	page := s.ada.get("/trackers/HELP/tickets?sort=number").is(200).has("Open <span class=\"number\">60</span>")
	got := page.rows()
	next := page.find(func(n *html.Node) bool { return n.Data == "a" && attr(n, "rel") == "next" })
	if len(got) != 50 || len(next) != 1 {
		t.Fatalf("got %d rows and %d ways on", len(got), len(next))
	}
	rest := s.ada.get(attr(next[0], "href")).is(200).has("First page").lacks(`rel="next"`)
	if got = append(got, rest.rows()...); !slices.Equal(got, all) {
		t.Errorf("got %v", got)
	}
}

func TestTheDeskShowsWhatWaits(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.eve.get("/").is(200).has("No tracker is open to you yet")
	id := s.post(s.emile, "a ticket")
	if got := s.emile.get("/").is(200).has("Rien ne vous attend").rows(); !slices.Equal(got, []string{id, id}) {
		t.Errorf("the reporter has reported it and watches it: got %v", got)
	}
	s.ada.get("/").is(200).has("Waiting for somebody", "/trackers/HELP/tickets?assignee=none")
	s.ada.post("/tickets/"+id+"/assignee", "user", string(s.grace.id)).is(http.StatusSeeOther)
	s.ada.get("/").is(200).lacks("Waiting for somebody")
	if got := s.grace.get("/").is(200).rows(); !slices.Equal(got, []string{id, id}) {
		t.Errorf("the assignee works on it and watches it: got %v", got)
	}
}

func TestQueriesAreSavedInTheSideBar(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.ada.post("/queries", "name", "My open ones", "query", "scope=work&sort=-number", "tracker", "HELP", "shared", "on").is(http.StatusSeeOther)
	page := s.ada.get("/").is(200).has("My open ones")
	links := page.find(func(n *html.Node) bool { return n.Data == "a" && strings.Contains(attr(n, "href"), "saved=qry_") })
	if len(links) != 1 || !strings.HasPrefix(attr(links[0], "href"), "/trackers/HELP/tickets?") {
		t.Fatalf("got %v", links)
	}
	list := s.ada.get(attr(links[0], "href")).is(200).has("Delete the query")
	s.grace.get("/").is(200).has("My open ones")
	s.eve.get("/").is(200).lacks("My open ones")
	var way string
	for _, n := range list.find(func(n *html.Node) bool { return n.Data == "form" && strings.HasSuffix(attr(n, "action"), "/delete") }) {
		way = attr(n, "action")
	}
	s.grace.post(way).is(404)
	s.ada.post(way).redirects("/tickets")
	s.ada.get("/").is(200).lacks("My open ones")
	s.ada.post("/queries", "name", "", "query", "sort=nonsense").is(422)
}

func TestTheChoiceOfATrackerIsShownWhereThereAreSeveral(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.emile.get("/new").redirects("/trackers/HELP/new")
	s.eve.get("/new").is(200).has("There is no tracker in which you may post")
	a := s.ask(s.token, "POST", "/api/v1/trackers", map[string]any{"key": "PEDA", "name": "Pedagogy", "members": map[string]any{string(s.emile.id): []string{"reporter"}}})
	s.want(http.StatusCreated, a, nil)
	s.want(http.StatusOK, s.ask(s.token, "GET", "/api/v1/trackers/PEDA", nil, "X-Suivi-After", a.position), nil)
	s.emile.get("/new").is(200).has("/trackers/HELP/new", "/trackers/PEDA/new", "Pedagogy")
}
