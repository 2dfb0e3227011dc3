package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// reported is a site with tickets in several states, of several people.
func reported(t *testing.T) *pageSite {
	t.Helper()
	s := newPageSite(t)
	for _, summary := range []string{"first", "second", "third"} {
		s.post(s.emile, summary, "description", "Text *of* it")
	}
	lamp := s.post(s.ada, "lamp", "state", "working", "assignee", string(s.grace.id))
	for _, to := range []string{"resolved", "open", "resolved"} {
		s.ada.post("/tickets/"+lamp+"/state", "to", to).is(http.StatusSeeOther)
	}
	refused := s.post(s.ada, "refused", "assignee", string(s.grace.id))
	s.ada.post("/tickets/"+refused+"/state", "to", "abandoned").is(http.StatusSeeOther)
	return s
}

// drawn are the parts of charts that lead somewhere: title and address.
func (p shownPage) drawn() map[string]string {
	parts := map[string]string{}
	for _, n := range p.find(func(n *html.Node) bool { return n.Data == "a" && n.Parent.Data == "svg" }) {
		var title string
		for d := range n.Descendants() {
			if d.Data == "title" && d.FirstChild != nil {
				title = d.FirstChild.Data
			}
		}
		parts[title] = attr(n, "href")
	}
	return parts
}

func TestEveryBarOpensTheListOfItsTickets(t *testing.T) {
	t.Parallel()
	s := reported(t)
	for path, bars := range map[string]int{
		"/reports": 9, "/reports?tracker=HELP&from=2020-01-01": 9, "/reports?to=2020-01-01": 0,
		"/reports/evolution?months=6": 2, "/reports/evolution?tracker=HELP": 2,
	} {
		parts := s.ada.get(path).is(200).drawn()
		if len(parts) != bars {
			t.Errorf("%s: got %d bars %v, want %d", path, len(parts), parts, bars)
		}
		for title, address := range parts {
			want, err := strconv.Atoi(title[strings.LastIndex(title, " ")+1:])
			if got := s.ada.get(address).is(200).rows(); err != nil || len(got) != want {
				t.Errorf("%s: %q opens %s with %v", path, title, address, got)
			}
		}
	}
}

func TestReportsSayWhatThePersonMaySee(t *testing.T) {
	t.Parallel()
	s := reported(t)
	s.ada.get("/reports").is(200).has("<strong>5</strong> tickets", "60%", "nobody", "Grace", "Emile")
	s.emile.get("/reports").is(200).has("<strong>3</strong> tickets", "100\u202f%", "personne").lacks("Grace", "Ada")
	s.eve.get("/reports").is(200).has("<strong>0</strong>").lacks("Grace", "Emile")
	s.eve.get("/reports?tracker=HELP").is(404)
	s.ada.get("/reports?from=yesterday").is(422).has("This is no day")
	s.ada.get("/reports/open-work?to=tomorrow").is(422).has("This is no day")
	month := time.Now().UTC().Format("2006-01")
	s.ada.get("/reports/evolution").is(200).has(month, "Elucidation ratio", "25%") // of four that were wanted, one
	s.emile.get("/reports/evolution").is(200).has("Taux d’élucidation", "0\u202f%")
	s.ada.get("/reports/evolution?until=2026-13").is(422).has("This is no month")
	s.ada.get("/reports/evolution?months=99").is(422).has("too large")
	s.ada.get("/reports/evolution?until=2020-01&months=3").is(200).has("2019-10", "2020-04", "months=3")
	s.ada.get("/reports/times").is(200).has("Time to first response", "Median", "Nine in ten", "In progress")
	s.emile.get("/reports/times").is(200).has("Délai de première réponse", "Aucun ticket")
}

func TestOpenWorkIsPrintedByState(t *testing.T) {
	t.Parallel()
	s := reported(t)
	second := s.post(s.ada, "waits", "state", "waiting", "description", "For *data*")
	page := s.ada.get("/reports/open-work").is(200).has("Text <em>of</em> it", "For <em>data</em>", second).lacks("lamp", "refused")
	var order []string
	for _, n := range page.find(func(n *html.Node) bool { return n.Data == "h3" }) {
		for d := range n.Descendants() {
			if d.Data == "a" {
				order = append(order, strings.TrimPrefix(attr(d, "href"), "/tickets/"))
			}
		}
	}
	if got, want := strings.Join(order, " "), "HELP-1 HELP-2 HELP-3 "+second; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	s.emile.get("/reports/open-work?tracker=HELP").is(200).has("Travail ouvert", "HELP-1").lacks(second)
	s.ada.get("/reports?tracker=HELP").is(200).has("/reports/open-work?tracker=HELP")
}
