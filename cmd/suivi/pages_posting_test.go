package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"slices"
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
	sure := slices.Concat(typed, []string{"looked", first, "looked", solved})
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

// What a script sends for a pasted picture waits as an upload of its sender, and goes
// with the text that names it: a comment, an edited comment, an edited ticket.
func TestPastedPicturesGoWithTheTextThatNamesThem(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	id := s.post(s.emile, "Pixels morts")
	sent := func(by *visitor) (id, value string) {
		var answer struct{ Uploads []struct{ ID, Name string } }
		if err := json.Unmarshal([]byte(by.send("/uploads", "écran.png", pngOf(t)).is(http.StatusCreated).body), &answer); err != nil || len(answer.Uploads) != 1 {
			t.Fatalf("got %+v, %v", answer, err)
		}
		return answer.Uploads[0].ID, answer.Uploads[0].ID + " " + answer.Uploads[0].Name
	}
	shown := func(upload string) string { return `<img src="/attachments/` + upload + `"` }

	one, value := sent(s.emile)
	s.grace.get("/attachments/" + one).is(http.StatusNotFound)
	s.emile.post("/tickets/"+id+"/comments", "body", "![x](attachment:"+one+")", "upload", value).is(http.StatusSeeOther)
	two, value := sent(s.emile)
	s.grace.post("/tickets/"+id+"/comments", "body", "mine", "upload", value).is(422) // somebody else's
	s.emile.post("/tickets/"+id+"/comments/1/edit", "body", "![x](attachment:"+one+") ![y](attachment:"+two+")", "upload", value).is(http.StatusSeeOther)
	three, value := sent(s.emile)
	edit := s.emile.get("/tickets/" + id + "/edit").is(200)
	s.emile.post("/tickets/"+id+"/edit", "version", "1", "summary", "", "description", "![z](attachment:"+three+")", "upload", value).is(412).has(`value="` + value + `"`) // it is kept for the next try
	s.emile.post("/tickets/"+id+"/edit", "version", edit.value("version"), "summary", "Pixels morts", "description", "![z](attachment:"+three+")", "upload", value).is(http.StatusSeeOther)
	s.grace.get("/tickets/"+id).is(200).has(shown(one), shown(two), shown(three))

	s.emile.send("/uploads", "rien.png", "").is(422).has(`"error":"Ce fichier est vide.`)
	s.stranger("en").send("/uploads", "a.png", "x").is(http.StatusSeeOther)
}

func pngOf(t *testing.T) string {
	t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return picture.String()
}
