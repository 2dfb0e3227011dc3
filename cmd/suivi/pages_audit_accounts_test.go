package main

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// told are the sentences of the audit's rows.
func (p shownPage) told() []string {
	p.t.Helper()
	var all []string
	for _, cell := range regexp.MustCompile(`<td class="what" title="[^"]*">([^<]*)`).FindAllStringSubmatch(p.body, -1) {
		all = append(all, cell[1])
	}
	return all
}

func TestTheAuditTellsOfAccountsBesideTickets(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	s.post(s.emile, "the lamp")
	root.post("/admin/people/"+string(s.eve.id), "name", "Eve", "email", "evening@example.org", "language", "", "zone", "").is(http.StatusSeeOther)
	s.stranger("en").post("/sign-in", "email", "Emile@example.org", "password", "a wrong guess").is(http.StatusUnauthorized)
	s.stranger("en").post("/sign-in", "email", "nobody@example.org", "password", "a wrong guess").is(http.StatusUnauthorized)
	s.grace.post("/profile/tokens", "label", "reports", "scope", "read").is(200)
	root.post("/admin/site", "topic", "comment").is(http.StatusSeeOther)
	s.settlePages()

	all := root.get("/admin/audit").is(200).has("Grace", "/admin/people/"+string(s.eve.id)).lacks("wrong guess", "nobody@example.org")
	last := slices.IndexFunc(all.told(), func(text string) bool { return strings.HasPrefix(text, "Account changed") })
	posted := slices.Index(all.told(), "Ticket posted.")
	if last < 0 || posted < last {
		t.Errorf("got %q, want the account changed before the ticket posted, as the last comes first", all.told())
	}
	for query, want := range map[string][]string{
		"kind=accounts&person=" + string(s.eve.id): {"Account changed: e-mail address “Eve@example.org” → “evening@example.org”, language “en” → “–”, time zone “Europe/Paris” → “–”.", "Invitation accepted, password chosen: language “–” → “en”, time zone “–” → “Europe/Paris”.", "Invitation link made.", "Account created: name “Eve”, e-mail address “Eve@example.org”."},
		"kind=access":                       {"Token made: “reports”, scope read.", "Token made: “first start”, scope admin."},
		"kind=site":                         {"Settings of the site changed: new watches – → “comment”."},
		"kind=accounts&source=command-line": nil,
		"kind=accounts&tracker=HELP":        nil,
		"kind=accounts&from=2199-01-01":     nil,
		"kind=secrets":                      nil,
	} {
		got := root.get("/admin/audit?" + query).is(200).told()
		for i, text := range want {
			want[i] = strings.ReplaceAll(text, "“–”", "–")
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	failed := root.get("/admin/audit?kind=sign-ins").is(200).has("Sign-in refused, once within the hour", "somebody")
	if got := strings.Count(failed.body, "Sign-in refused"); got != 2 {
		t.Errorf("got %d refused sign-ins, want that of Emile and that of nobody", got)
	}
	root.get("/admin/audit?deed=nonsense").is(422)
	s.emile.get("/profile/access").is(200).has("Connexions récentes", "Connexion refusée, une fois dans l’heure").lacks("wrong guess")
}

func TestPagesOfTheAuditShowEachEventAndEachDeedOnce(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	for range 40 { // one after the other, so that both stand among each other; the first zone is what it was
		s.emile.api("POST", "/api/v1/trackers/HELP/tickets", map[string]string{"summary": "one of many"}, nil)
		s.emile.api("PATCH", "/api/v1/me", map[string]string{"timeZone": "Europe/Paris"}, nil)
		s.emile.api("PATCH", "/api/v1/me", map[string]string{"timeZone": "UTC"}, nil)
	}
	s.settlePages()
	var told []string
	pages := 0
	for next := "/admin/audit?person=" + string(s.emile.id) + "&from=" + time.Now().AddDate(0, 0, -1).Format(time.DateOnly); next != ""; pages++ {
		page := root.get(next).is(200)
		told = append(told, page.told()...)
		next = ""
		for _, link := range page.links("/admin/audit?before=") {
			next = link
		}
	}
	counted := map[string]int{}
	for _, text := range told {
		counted[strings.SplitN(text, ":", 2)[0]]++
	}
	if counted["Ticket posted."] != 40 || counted["Account changed"] != 79 || pages < 4 {
		t.Errorf("got %v on %d pages", counted, pages)
	}
}
