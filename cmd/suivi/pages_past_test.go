package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestATicketIsShownAsItWasAndHowItDiffers(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/room", map[string]any{"type": "text", "label": map[string]string{"en": "Room", "fr": "Salle"}}), nil)
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/cost", map[string]any{"type": "text", "hidden": true, "label": map[string]string{"en": "Cost", "fr": "Coût"}}), nil)
	s.settlePages()
	id := s.post(s.emile, "the lamp is broken", "description", "It stays *dark*.", "answers.room", "B12")
	at := "/tickets/" + id
	change := func(body map[string]any) { s.ada.api("PATCH", "/api/v1"+at, body, nil) }
	change(map[string]any{"summary": "the bulb is broken", "answers": map[string]string{"room": "B14", "cost": "forty"}})
	s.ada.post(at+"/assignee", "user", string(s.grace.id)).redirects(at)
	s.ada.post(at+"/comments", "body", "first words").is(http.StatusSeeOther)
	s.ada.post(at+"/comments/1/edit", "body", "other words").is(http.StatusSeeOther)
	s.ada.post(at+"/comments", "body", "for staff", "internal", "on").is(http.StatusSeeOther)
	s.ada.get(at).is(200).has(`href="/tickets/` + id + `/past"`)
	latest := s.seen(id).Version

	was := s.ada.get(at+"/past?at=1").is(200).has("As it was", "Version 1 of", "the lamp is broken", "B12", "The beginning", "Back to now")
	was.lacks("the bulb", "B14", "Grace", "first words", "other words", "for staff", `method="post" action="/tickets/`)
	two := s.ada.get(at + "/past?at=2").is(200)
	two.has("the <del>lamp</del><ins>bulb</ins> is broken", "<del>B12</del>", "<ins>B14</ins>", "<ins>forty</ins>", `rel="prev" href="/tickets/`+id+`/past?at=1"`, `rel="next"`)
	s.emile.get(at+"/past?at=2").is(200).has("Tel qu’il était", "<ins>B14</ins>").lacks("forty", "Coût")
	now := s.ada.get(at + "/past").is(200).lacks(`rel="next"`)
	now.has("other words", "for staff", "Grace")
	s.ada.get(at+"/past?from=1").is(200).has("<ins>bulb</ins>", "<ins>Grace</ins>", "<ins>other words</ins>", "Internal note 1")
	s.emile.get(at+"/past?from=1").is(200).has("<ins>other words</ins>").lacks("for staff", "Note interne", "forty")
	s.ada.get(at + "/past?at=1&from=" + s.ada.plain(latest)).is(200).has("the <del>bulb</del><ins>lamp</ins> is broken")
	s.ada.get(at+"/past?day=2001-01-01").is(http.StatusNotFound).has("had not been posted", "the bulb is broken")
	s.ada.get(at+"/past?day=2101-01-01&clock=10:30").is(200).has("the bulb is broken", `value="2101-01-01"`, `value="10:30"`)
	for _, wrong := range []string{"at=99", "at=soon", "day=soon", "at=1&from=99"} {
		s.ada.get(at+"/past?"+wrong).is(422).has(`role="alert"`, id)
	}
	s.eve.get(at + "/past").is(404)
	if got := s.seen(id).Version; got != latest {
		t.Errorf("looking at the past changed the ticket: got version %d, want %d", got, latest)
	}
}

func TestACommentThatWasDeletedSinceKeepsItsSecretInThePast(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	id := s.post(s.emile, "a ticket")
	at := "/tickets/" + id
	s.emile.post(at+"/comments", "body", "regretted").is(http.StatusSeeOther)
	then := s.ada.plain(s.seen(id).Version)
	s.emile.post(at + "/comments/1/delete").is(http.StatusSeeOther)
	s.grace.get(at + "/past?at=" + then + "&from=1").is(200).lacks("regretted")
	s.grace.get(at + "/past?from=1").is(200).lacks("regretted")
	s.ada.get(at + "/past?at=" + then).is(200).has("regretted")
	if strings.Contains(s.emile.get(at+"/past").body, "regretted") {
		t.Error("a deleted comment is shown")
	}
}

func TestAListIsShownAsItWasAndLeadsToTicketsAsTheyWere(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	happen := func(occurred, method, path string, body any) answer {
		t.Helper()
		a := s.ask(s.token, method, "/api/v1"+path, body, "X-Suivi-Occurred-At", occurred)
		if a.status >= 300 {
			t.Fatalf("%s %s: got %d %s", method, path, a.status, a.body)
		}
		return a
	}
	lamp := happen("2024-03-01T09:00:00Z", "POST", "/trackers/HELP/tickets", map[string]any{"summary": "the lamp is dark"})
	var made struct{ ID string }
	s.want(http.StatusCreated, lamp, &made)
	id := made.ID
	happen("2024-03-02T09:00:00Z", "PATCH", "/tickets/"+id, map[string]any{"summary": "the bulb is dark"})
	happen("2024-03-03T09:00:00Z", "POST", "/tickets/"+id+"/state", map[string]any{"to": "resolved", "resolution": "A new bulb"})
	happen("2024-03-04T09:00:00Z", "POST", "/trackers/HELP/tickets", map[string]any{"summary": "the clock is late"})
	s.settlePages()
	const list = "/trackers/HELP/tickets"
	rows := func(v *visitor, query string, want ...string) shownPage {
		t.Helper()
		page := v.get(list + "?" + query).is(200)
		got := page.rows()
		for i := range got {
			got[i], _, _ = strings.Cut(got[i], "/past?")
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
		return page
	}
	rows(s.ada, "day=2024-02-28")
	was := rows(s.ada, "day=2024-03-01", id)
	was.has("The list as it was", "the lamp is dark", "Back to now", `href="/tickets/`+id+`/past?at=2024-03-01T22%3A59%3A59Z"`, `value="2024-03-01"`, `name="nth"`)
	was.lacks("the bulb", `id="bulk-state"`, "data-dialog", "data-live", "tickets.csv", "view=board", `action="/queries"`)
	rows(s.ada, "day=2024-03-02&clock=09:30", id).has("the lamp is dark") // an hour later in Paris
	rows(s.ada, "day=2024-03-02&clock=10:30", id).has("the bulb is dark")
	rows(s.ada, "nth=1", id).has("the bulb is dark", `value="2024-03-02"`)
	rows(s.ada, "day=2024-03-03")
	rows(s.ada, "day=2024-03-03&list=resolved", id).has(`name="list" value="resolved"`)
	rows(s.ada, "at=2024-03-04T12:00:00Z&list=all&sort=number", id, "HELP-2").has("rel=\"prev\"", "A day later")
	rows(s.ada, "at=2024-03-04T12:00:00Z&list=all&state=resolved", id).has(`aria-label="Filters that are on"`)
	rows(s.ada, "at=2024-03-04T12:00:00Z&list=all&q=nothing&sort=rank&scope=watching&view=board&field.x=1", "HELP-2", id)
	s.ada.get("/tickets?day=2024-03-01").is(200).has("the lamp is dark")
	rows(s.emile, "at=2024-03-04T12:00:00Z&list=all").has("La liste telle qu’elle était")
	rows(s.ada, "", "HELP-2").has("As it was")
	s.ada.get(list+"?day=soon").is(422).has("This is no day", "the clock is late")
	s.ada.get(list + "?at=soon").is(422).has(`role="alert"`)
	s.eve.get(list + "?day=2024-03-01").is(404)
}
