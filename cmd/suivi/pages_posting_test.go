package main

import (
	"net/http"
	"testing"
)

// What somebody is about to post may be there already: the form says so before it is
// sent, also without JavaScript, and once only.
func TestTicketsLikeOneThatIsPostedAreShownFirst(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	first := s.post(s.emile, "Le vidéoprojecteur de l’amphi B reste noir")
	other := s.post(s.grace, "Le vidéoprojecteur de l’amphi B est éteint")
	solved := s.post(s.emile, "Vidéoprojecteur noir dans l’amphi B")
	s.ada.post("/tickets/"+solved+"/state", "to", "resolved", "resolution", "La **lampe** était morte.").is(http.StatusSeeOther)
	form := s.emile.get("/trackers/HELP/new").is(200).lacks("Des tickets qui ressemblent")
	typed := []string{"key", form.value("key"), "alike", form.value("alike"), "summary", "Amphi B, vidéoprojecteur noir", "description", "Il ne s’allume plus.", "do", "send"}

	asked := s.emile.post("/trackers/HELP/new", typed...).is(200).
		has("Des tickets qui ressemblent au vôtre", first, solved, "La **lampe** était morte.", "Envoyer quand même", "Vous le suivez", "Il ne s’allume plus.").
		lacks(other) // a reporter sees their own here
	if got := asked.value("key"); got != form.value("key") {
		t.Errorf("the form came back with the key %q, want that of before", got)
	}
	sure := append(typed, "looked", first, "looked", solved)
	s.emile.post("/trackers/HELP/new", sure...).redirects("/tickets/HELP-4/posted")
	s.emile.post("/trackers/HELP/new", sure...).redirects("/tickets/HELP-4/posted")

	s.grace.post("/trackers/HELP/similar", "summary", "amphi B : vidéoprojecteur", "description", "").is(200).
		has(first, other, solved, `formaction="/tickets/`+first+`/watchers"`).lacks("Send anyway")
	s.grace.post("/tickets/"+first+"/watchers", "do", "begin").redirects("/tickets/" + first)
	s.grace.post("/trackers/HELP/similar", "summary", "amphi B : vidéoprojecteur").is(200).has("You watch it")
	s.emile.post("/trackers/HELP/similar", "summary", "Chaise cassée").is(200).has("Aucun ticket ne lui ressemble")
	s.eve.post("/trackers/HELP/similar", "summary", "amphi B : vidéoprojecteur").is(http.StatusNotFound)
	for range 2 { // the second time it is like itself, and there already
		s.emile.post("/trackers/HELP/new", "key", "k2", "alike", "ask", "summary", "Chaise cassée", "do", "send").redirects("/tickets/HELP-5/posted")
	}
}
