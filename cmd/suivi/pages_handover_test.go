package main

import (
	"net/http"
	"strings"
	"testing"
)

// above makes the tracker TOP above HELP, with Ada and Grace in it.
func (s *pageSite) above() {
	s.t.Helper()
	s.want(http.StatusCreated, s.ask(s.token, "POST", "/api/v1/trackers", map[string]any{"key": "TOP", "name": "Top desk", "mode": "ticketing", "members": map[string]any{
		string(s.ada.id): []string{"manager"}, string(s.grace.id): []string{"manager"},
	}}), nil)
	s.want(http.StatusOK, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/parent", map[string]any{"parent": "TOP"}), nil)
	s.settlePages()
}

// copyOf waits for the copy that a cascade makes, and tells its id.
func (s *pageSite) copyOf(id string) string {
	s.t.Helper()
	var read struct {
		Copies []struct{ Ticket, Ended string }
	}
	await(s.t, "the copy of "+id, func() bool {
		s.ada.api("GET", "/api/v1/tickets/"+id, nil, &read)
		return len(read.Copies) > 0 && read.Copies[len(read.Copies)-1].Ended == ""
	})
	return read.Copies[len(read.Copies)-1].Ticket
}

func TestATicketIsMovedSentUpCalledBackAndHandedBackByForms(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	id := s.post(s.emile, "too big for us")
	at := "/tickets/" + id
	s.ada.get(at).is(200).lacks("Other trackers")
	s.above()
	s.ada.get(at).is(200).has("Other trackers", "Send up to TOP", `<option value="TOP">Top desk`)
	s.emile.get(at).is(200).lacks("Autres guichets")
	s.grace.get(at).is(200).lacks("Send up to", "Move")
	s.grace.post(at+"/cascade", "comment", "x").is(http.StatusForbidden)

	s.ada.post(at+"/cascade", "comment", "over to you", "key", "once").redirects(at)
	s.ada.post(at+"/cascade", "comment", "over to you", "key", "once").redirects(at)
	first := s.copyOf(id)
	s.ada.get(at).is(200).has("Transferred", "Call back", ">"+first+"<", "over to you").lacks("Send up to")
	s.grace.get("/tickets/"+first).is(200).has("too big for us", "Copy of", ">"+id+"<", "Hand back")
	s.ada.post(at + "/recall").redirects(at)
	s.ada.get(at).is(200).has("Open", "(link ended)", "Send up to TOP")
	s.ada.post(at + "/recall").is(http.StatusConflict).has("no linked copy")

	s.ada.post(at + "/cascade").redirects(at)
	second := s.copyOf(id)
	s.grace.post("/tickets/"+second+"/refuse", "reason", "").is(422)
	s.grace.post("/tickets/"+second+"/refuse", "reason", "not ours").redirects("/tickets/" + second)
	await(s.t, "the ticket to come back", func() bool { return s.seen(id).State == "open" })
	s.emile.get(at).is(200).has("not ours")

	s.ada.post(at+"/move", "tracker", "NONE").is(422)
	s.ada.post(at+"/move", "tracker", "TOP").redirects(at)
	s.ada.get(at).is(200).has("Top desk", id)
	s.eve.post(at+"/move", "tracker", "HELP").is(404)
}

func TestATicketGrowsOutOfAComment(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.above()
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/TOP/fields/room", map[string]any{"type": "text", "mandatory": true, "label": map[string]string{"en": "Room", "fr": "Salle"}}), nil)
	s.settlePages()
	id := s.post(s.emile, "a ticket")
	at := "/tickets/" + id
	s.emile.post(at+"/comments", "body", "And the *clock* is late.").is(http.StatusSeeOther)
	form := at + "/comments/1/branch"
	s.emile.get(at).is(200).lacks(form)
	s.emile.get(form).is(http.StatusForbidden)
	s.eve.get(form).is(404)
	s.ada.get(at).is(200).has(form)
	s.ada.get(form).is(200).has("the <em>clock</em> is late", `value="a ticket"`, "Top desk").lacks("Room")
	s.ada.post(form, "tracker", "TOP", "summary", "the clock", "do", "refresh").is(200).has("Room", `value="the clock"`)
	s.ada.post(form, "tracker", "TOP", "summary", "the clock", "do", "send", "sent", "yes").is(422).has("the clock", "Room")
	grown := s.ada.post(form, "tracker", "TOP", "summary", "the clock", "answers.room", "B12", "do", "send", "sent", "yes").is(http.StatusSeeOther).header.Get("Location")
	if !strings.HasPrefix(grown, "/tickets/TOP-") {
		t.Fatalf("got %s, want a ticket of TOP", grown)
	}
	s.ada.get(grown).is(200).has("Grew out of comment 1", "the <em>clock</em> is late", "Emile", "B12")
	s.ada.get(at).is(200).has("Grew out of this one", strings.TrimPrefix(grown, "/tickets/"))
}

func TestDependenciesAreDrawnBothWays(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	first, middle, last := s.post(s.emile, "first"), s.post(s.emile, "middle"), s.post(s.ada, "last of others")
	for id, other := range map[string]string{middle: first, last: middle} {
		s.ada.post("/tickets/"+id+"/prerequisites", "ticket", other, "do", "add").redirects("/tickets/" + id)
	}
	s.ada.get("/tickets/" + middle).is(200).has("See it drawn")
	drawn := s.ada.get("/tickets/" + middle + "/dependencies").is(200)
	drawn.has(`class="box s-open self" transform="translate(250 0)"><title>`+middle, `translate(0 0)"><title>`+first, `translate(500 0)"><title>`+last, `class="line holds"`)
	s.ada.post("/tickets/"+first+"/state", "to", "abandoned").redirects("/tickets/" + first)
	if got := strings.Count(s.ada.get("/tickets/"+middle+"/dependencies").is(200).body, `class="line holds"`); got != 1 {
		t.Errorf("got %d lines that hold up, want 1: what is closed holds nothing up", got)
	}
	s.emile.get("/tickets/"+middle+"/dependencies").is(200).has(first).lacks(last, "last of others")
	s.eve.get("/tickets/" + middle + "/dependencies").is(404)
}
