package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestTheAuditTellsWhoDidWhatByFilters(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	one, two := s.post(s.emile, "the lamp"), s.post(s.ada, "the clock")
	s.grace.post("/tickets/"+one+"/comments", "body", "on my way").is(http.StatusSeeOther)
	s.grace.post("/tickets/"+one+"/comments", "body", "among us", "internal", "on").is(http.StatusSeeOther)
	s.ada.api("POST", "/api/v1/tickets/"+two+"/state", map[string]string{"to": "working"}, nil)
	s.ada.post("/tickets/"+two+"/prerequisites", "ticket", one, "do", "add").is(http.StatusSeeOther)
	s.ada.post("/tickets/" + one + "/delete").is(http.StatusSeeOther)
	s.settlePages()
	at := func(query string) []string {
		t.Helper()
		var tickets []string
		for _, link := range root.get("/admin/audit?" + query).is(200).links("/admin/audit/HELP-") {
			tickets = append(tickets, strings.Split(strings.TrimPrefix(link, "/admin/audit/"), "?")[0])
		}
		return tickets
	}
	for query, want := range map[string][]string{
		"kind=posted":                                           {two, one},
		"kind=comment":                                          {one},
		"kind=note&person=grace":                                {one},
		"kind=state&source=api":                                 {two},
		"kind=state&source=web":                                 nil,
		"kind=dependency":                                       {two}, // once, where its dependent is
		"kind=dependency&ticket=help-1":                         {one},
		"kind=deletion":                                         {one},
		"person=" + string(s.emile.id):                          {one, one}, // posted, watched
		"person=nobody+at+all":                                  nil,
		"kind=posted&tracker=HELP":                              {two, one},
		"kind=posted&tracker=NONE":                              nil,
		"kind=posted&from=2199-01-01":                           nil,
		"kind=posted&to=2020-01-01":                             nil,
		"kind=posted&from=2020-01-01T08:30&to=2199-01-01T00:00": {two, one},
		"ticket=not+a+ticket":                                   nil,
	} {
		if got := at(query); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
	}
	root.get("/admin/audit?kind=comment").has("Grace", "pages").lacks("among us")
	root.get("/admin/audit?kind=members&tracker=HELP").has("Roles of Grace: developer.", `href="/trackers/HELP/settings"`).lacks("HELP-1")
	root.get("/admin/audit?kind=settings").has("Tracker created: Help desk.")
	root.get("/admin/audit?kind=settings&tracker=NONE").lacks("Tracker created")
	root.get("/admin/audit?kind=settings&ticket=HELP-1").lacks("Tracker created")
	root.get("/admin/audit?from=yesterday").is(422).has("This time cannot be read")
	root.get("/admin/audit?before=nonsense").is(422)
}

func TestTheAuditComesInPagesAndALogIsNeverCutShort(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	for range 60 {
		s.emile.api("POST", "/api/v1/trackers/HELP/tickets", map[string]string{"summary": "one of many"}, nil)
	}
	s.settlePages()
	var seen []string
	for next := "/admin/audit?kind=posted"; next != ""; {
		page := root.get(next).is(200)
		seen = append(seen, page.links("/admin/audit/HELP-")...)
		next = ""
		for _, link := range page.links("/admin/audit?before=") {
			next = link
		}
	}
	slices.Sort(seen)
	if got := len(slices.Compact(seen)); got != 60 {
		t.Errorf("got %d events, want 60", got)
	}
}

func TestATicketsHistoryIsReplayedStepByStep(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	id := s.post(s.emile, "first words", "description", "as it began")
	s.ada.post("/tickets/"+id+"/edit", "version", "1", "summary", "second words", "description", "as it began").is(http.StatusSeeOther)
	s.ada.post("/tickets/"+id+"/assignee", "user", string(s.grace.id)).is(http.StatusSeeOther)
	last := root.get("/admin/audit/"+id).is(200).has("second words", "Grace", "ticket.watched.v1", "Posted")
	steps := last.links("/admin/audit/" + id + "?at=")
	first := root.get(steps[0]).is(200).has("first words", "as it began", "ticket.posted.v1", "nobody", "&#34;summary&#34;").lacks("second words")
	page, walked := first, []string{"ticket.posted.v1"}
	for {
		next := page.find(func(n *html.Node) bool { return n.Data == "a" && attr(n, "rel") == "next" })
		if len(next) == 0 {
			break
		}
		page = root.get(attr(next[0], "href")).is(200)
		walked = append(walked, strings.Split(strings.SplitN(page.body, "<summary>", 2)[1], "code>")[1])
		if strings.Contains(walked[len(walked)-1], "edited") {
			page.has("second words", "changed", `class="changed"`)
		}
	}
	got := strings.ReplaceAll(strings.Join(walked, " "), "</", "")
	if want := "ticket.posted.v1 ticket.watched.v1 ticket.edited.v1 ticket.assigned.v1 ticket.watched.v1"; got != want {
		t.Errorf("got the steps %s, want %s", got, want)
	}
	root.get("/admin/audit/" + id + "?at=1/1").is(404)
}
