package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image/png"
	"net/http"
	"path/filepath"
	"testing"

	"suivi/database"
	"suivi/domain"
)

// challenge asks for a challenge of DESK, and looks its digits up where the service keeps them.
func (d *desk) challenge(token string) (id, digits string) {
	d.t.Helper()
	var challenge struct{ ID, Image string }
	d.want(http.StatusOK, d.ask(token, "GET", deskPath+"/captcha", nil), &challenge)
	picture, err := base64.StdEncoding.DecodeString(challenge.Image)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
		d.t.Errorf("the picture: %v", err)
	}
	db, err := database.Open(d.t.Context(), database.Config{URL: "sqlite://" + filepath.Join(d.data, accountsDB), Durable: true})
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			d.t.Error(err)
		}
	}()
	if err := db.Read.GetContext(d.t.Context(), &digits, `SELECT digits FROM captcha_challenges WHERE id = $1`, challenge.ID); err != nil {
		d.t.Fatal(err)
	}
	return challenge.ID, digits
}

// other are digits that are not the same.
func other(digits string) string {
	return fmt.Sprintf("%06d", (int(digits[0]-'0')+1)%10*100_000)
}

func TestACaptchaBlocksWhoDoesNotSolveIt(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, ids := staffed(d, nil)
	reporter := tokens[domain.Reporter]
	d.want(http.StatusOK, d.field(tokens[domain.Manager], "human", object{"type": "captcha"}), nil)
	post := func(id, answer string) answer {
		t.Helper()
		return d.ask(reporter, "POST", deskPath+"/tickets", object{"summary": "S", "captcha": object{"id": id, "answer": answer}})
	}
	refused := func(a answer) {
		t.Helper()
		d.refused(http.StatusUnprocessableEntity, "captcha-wrong", a)
	}
	refused(d.ask(reporter, "POST", deskPath+"/tickets", object{"summary": "S"}))
	id, digits := d.challenge(reporter)
	refused(post(id, other(digits)))
	refused(post(id, digits)) // it was used up by the wrong answer
	id, digits = d.challenge(reporter)
	refused(post("", digits))
	bad := d.ask(reporter, "POST", deskPath+"/tickets", object{"summary": "", "captcha": object{"id": id, "answer": digits}})
	d.refused(http.StatusUnprocessableEntity, "invalid-input", bad) // what else is wrong does not use it up
	body := object{"summary": "S", "captcha": object{"id": id, "answer": digits}}
	for range 2 { // and a repeated post is the first one
		d.want(http.StatusCreated, d.ask(reporter, "POST", deskPath+"/tickets", body, "Idempotency-Key", "one"), nil)
	}
	refused(post(id, digits))
	id, _ = d.challenge(reporter)
	if sound := d.ask(reporter, "GET", deskPath+"/captcha/"+id+"/audio", nil); sound.status != http.StatusOK || !bytes.HasPrefix(sound.body, []byte("RIFF")) {
		t.Errorf("the sound answers %d, %d bytes", sound.status, len(sound.body))
	}
	// Staff need none, nor an administrator who acts for a reporter.
	d.refused(http.StatusNotFound, "captcha-not-found", d.ask(tokens[domain.Developer], "GET", deskPath+"/captcha", nil))
	d.want(http.StatusCreated, d.ask(tokens[domain.Developer], "POST", deskPath+"/tickets", object{"summary": "S"}), nil)
	d.want(http.StatusCreated, d.ask(d.token, "POST", deskPath+"/tickets", object{"summary": "S"}, "X-Suivi-Actor", ids[domain.Reporter]), nil)
	d.want(http.StatusOK, d.field(tokens[domain.Manager], "human", object{"type": "captcha", "inactive": true}), nil)
	d.want(http.StatusCreated, d.ask(reporter, "POST", deskPath+"/tickets", object{"summary": "S"}), nil)
	var last struct{ ID string }
	d.want(http.StatusCreated, d.ask(d.token, "POST", deskPath+"/tickets", object{"summary": "S"}), &last)
	if last.ID != "DESK-5" {
		t.Errorf("the next ticket is %s: a refused post has left one", last.ID)
	}
}

func TestGuessingACaptchaIsLimited(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	d.want(http.StatusOK, d.field(tokens[domain.Manager], "human", object{"type": "captcha"}), nil)
	for range 20 {
		d.want(http.StatusOK, d.ask(tokens[domain.Reporter], "GET", deskPath+"/captcha", nil), nil)
	}
	d.refused(http.StatusConflict, "captcha-limit", d.ask(tokens[domain.Reporter], "GET", deskPath+"/captcha", nil))
}

// Staff of one tracker are reporters of another, and solve its challenge to branch into it.
func TestABranchSolvesTheChallengeOfWhereItGoes(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, ids := staffed(d, nil)
	home := object{"key": "HOME", "name": "Home", "members": object{ids[domain.Reporter]: []string{"developer"}}}
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", home), nil)
	d.want(http.StatusOK, d.field(tokens[domain.Manager], "human", object{"type": "captcha"}), nil)
	reporter := tokens[domain.Reporter] // of DESK, and staff of HOME
	d.want(http.StatusCreated, d.ask(reporter, "POST", "/api/v1/trackers/HOME/tickets", object{"summary": "S"}), nil)
	d.want(http.StatusCreated, d.ask(reporter, "POST", "/api/v1/tickets/HOME-1/comments", object{"body": "And the light"}), nil)
	branch := func(body object) answer {
		body["tracker"] = "DESK"
		return d.ask(reporter, "POST", "/api/v1/tickets/HOME-1/comments/1/branch", body)
	}
	d.refused(http.StatusUnprocessableEntity, "captcha-wrong", branch(object{}))
	id, digits := d.challenge(reporter)
	var branched struct{ ID string }
	d.want(http.StatusCreated, branch(object{"captcha": object{"id": id, "answer": digits}}), &branched)
	if branched.ID != "DESK-1" {
		t.Errorf("the branch is %s: a refused one has left a ticket", branched.ID)
	}
}
