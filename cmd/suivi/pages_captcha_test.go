package main

import (
	"net/http"
	"path/filepath"
	"slices"
	"testing"

	"suivi/database"
)

// digits are what stands on a picture, as the service keeps them.
func (d *desk) digits(challenge string) (digits string) {
	d.t.Helper()
	db, err := database.Open(d.t.Context(), database.Config{URL: "sqlite://" + filepath.Join(d.data, accountsDB), Durable: true})
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Read.GetContext(d.t.Context(), &digits, `SELECT digits FROM captcha_challenges WHERE id = $1`, challenge); err != nil {
		d.t.Fatal(err)
	}
	return digits
}

// A form is right before anything is asked, and a solved challenge lasts through the question:
// for this form, this person and one ticket.
func TestTheQuestionAboutTicketsAlikeComesToAFormThatIsRightAndCostsNoSecondChallenge(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	first := s.post(s.emile, "Le vidéoprojecteur reste noir")
	for code, field := range map[string]map[string]any{"human": {"type": "captcha"}, "room": {"type": "text", "label": map[string]any{"fr": "Salle"}, "mandatory": true}} {
		if field["label"] == nil {
			field["label"] = map[string]any{}
		}
		s.want(http.StatusOK, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/"+code, field), nil)
	}
	s.settlePages()
	const address = "/trackers/HELP/new"
	form := s.emile.get(address).is(200)
	challenge, key := form.value("captcha.id"), form.value("key")
	typed := func(pairs ...string) []string {
		return append([]string{"key", key, "alike", "ask", "summary", "Vidéoprojecteur noir", "do", "send", "captcha.id", challenge}, pairs...)
	}
	right := s.digits(challenge)

	// What is wrong comes before the question, and leaves challenge and answer as they are.
	wrong := s.emile.post(address, typed("captcha.answer", right)...).is(422).lacks("Envoyer quand même").has(`value="` + right + `"`)
	if got := wrong.value("captcha.id"); got != challenge {
		t.Errorf("the challenge is %s, want %s as before", got, challenge)
	}
	// A wrong answer comes before the question too, and uses the challenge up.
	bad := s.emile.post(address, typed("answers.room", "B 12", "captcha.answer", other(right))...).is(422).lacks("Envoyer quand même", `value="`+other(right)+`"`)
	if challenge = bad.value("captcha.id"); s.digits(challenge) == right && challenge == form.value("captcha.id") {
		t.Error("there is a second guess")
	}
	// Right: the form comes back with the question, and without a challenge.
	asked := s.emile.post(address, typed("answers.room", "B 12", "captcha.answer", s.digits(challenge))...).is(200).
		has("Envoyer quand même", first, "Les chiffres étaient justes").lacks(`name="captcha.answer"`)
	if asked.value("captcha.id") != challenge || asked.value("key") != key {
		t.Errorf("the form came back with %s, %s", asked.value("captcha.id"), asked.value("key"))
	}
	// It stays solved when something is wrong again.
	s.emile.post(address, typed("answers.room", "", "looked", first)...).is(422).has("Les chiffres étaient justes")
	sure := typed("answers.room", "B 12", "looked", first)
	// Neither another form nor another person can use it.
	elsewhere := slices.Clone(sure)
	elsewhere[1] = "another form"
	s.emile.post(address, elsewhere...).is(422)
	s.want(http.StatusOK, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/members/"+string(s.eve.id), map[string]any{"roles": []string{"reporter"}}), nil)
	s.settlePages()
	s.eve.post(address, sure...).is(422)
	for range 2 { // sent twice it is one ticket
		s.emile.post(address, sure...).redirects("/tickets/HELP-2/posted")
	}
	// And it is spent.
	again := slices.Clone(sure)
	again[5] = "Un autre ticket, noir aussi, au vidéoprojecteur"
	again[1] = "third form"
	s.emile.post(address, again...).is(422)
	s.emile.get("/tickets?list=all&scope=mine").is(200).has("HELP-2").lacks("HELP-3")
}
