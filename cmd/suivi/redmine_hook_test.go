package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

const hookKey = "what Redmine signs with"

// posted is what Redmine 7.0 posts to a webhook when an issue was changed. Nothing of it is true here but that it is signed.
const posted = `{"type":"issue.updated","timestamp":"2026-11-23T09:10:14Z","data":{"issue":{"id":1,"subject":"Claimed"},` +
	`"journal":{"id":5,"notes":"Claimed","user":{"id":5,"name":"Somebody"},"details":[{"property":"attr","prop_key":"status_id","old_value":"2","value":"5"}]}}}`

// signed is the header by which Redmine signs a body, and its value.
func signed(key, body string) (name, value string) {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	return "X-Redmine-Signature-256", "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// hint posts what Redmine does, signed with the key.
func (d *desk) hint(path, key string) answer {
	d.t.Helper()
	name, value := signed(key, posted)
	return d.ask("", "POST", "/api/v1/hooks/"+path, json.RawMessage(posted), name, value, "User-Agent", "Redmine")
}

// Suivi asks Redmine by itself once an hour. What people do there is here at once all the same, when Redmine says that something was done.
func TestAHintFromRedmineHasItsMirrorPolledNow(t *testing.T) {
	t.Parallel()
	w := newTogether(t, "--auth", "--mirror-poll", "1h")
	w.want(http.StatusOK, w.ask(w.token, "PUT", "/api/v1/admin/secrets/redmine-hook", object{"site": w.proxy.URL, "value": hookKey}), nil)
	w.post(0)
	on := w.tickets[0]
	await(t, "the ticket has an issue", func() bool {
		twin, has := w.ticket(on).Inner.Twin("redmine")
		on.issue, _ = strconv.Atoi(twin.ID)
		return has
	})
	says := func(text string) {
		t.Helper()
		w.there(1, on, redmine.Change{"notes": text})
		w.want(http.StatusAccepted, w.hint("redmine/HELP", hookKey), nil)
	}
	heard := func(texts ...string) {
		t.Helper()
		await(t, strings.Join(texts, ", "), func() bool {
			said := w.ticket(on).Said
			for i, text := range texts {
				if len(said) != len(texts) || said[i].Body != text || string(said[i].Author) != w.people[1].id {
					return false
				}
			}
			return true
		})
	}
	says("One")
	heard("One") // though nobody has asked before what there is
	says("Two")
	says("Three") // within the same second, if it can be
	heard("One", "Two", "Three")
	if got := w.ticket(on); got.Summary == "Claimed" || got.Comments != 3 {
		t.Errorf("what a hint says was believed: %+v", got)
	}
	var lists atomic.Int64
	w.proxy.Plan(func(r *http.Request) testredmine.Fault {
		if r.URL.Path == "/issues.json" {
			lists.Add(1)
		}
		return testredmine.None
	})
	for range 60 {
		w.want(http.StatusAccepted, w.hint("redmine/HELP", hookKey), nil)
	}
	says("Four")
	heard("One", "Two", "Three", "Four")
	if n := lists.Load(); n < 1 || n > 30 {
		t.Errorf("61 hints became %d polls", n)
	}
}

// Who cannot sign is not told what there is, and cannot try for ever.
func TestAHintThatIsNotSignedIsRefusedAndTellsNothing(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir(), "--auth")
	const site = "https://redmine.example.org"
	for name, value := range map[string]string{"redmine": "s3cret", "redmine-hook": hookKey, "other": "s3cret"} {
		d.want(http.StatusOK, d.ask(d.token, "PUT", "/api/v1/admin/secrets/"+name, object{"site": site, "value": value}), nil)
	}
	for key, secret := range map[string]string{"HELP": "redmine", "NOHOOK": "other", "NONE": ""} {
		d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", object{"key": key, "name": key, "mode": "custom"}), nil)
		if secret != "" {
			d.want(http.StatusOK, d.ask(d.token, "PUT", "/api/v1/trackers/"+key+"/mirrors/redmine", object{"site": site, "secret": secret, "project": "p", "paused": true}), nil)
		}
	}
	d.want(http.StatusAccepted, d.hint("redmine/HELP", hookKey), nil)
	var sites struct{ Sites []mirrorSite }
	d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/trackers/HELP/mirrors/redmine/sites", nil), &sites)
	if len(sites.Sites) != 2 {
		t.Errorf("a key of hooks is no secret for a mirror: %+v", sites)
	}
	refusal := func(a answer) string {
		t.Helper()
		if a.status != http.StatusUnauthorized {
			t.Errorf("got %d %s", a.status, a.body)
		}
		var problem map[string]any
		if err := json.Unmarshal(a.body, &problem); err != nil {
			t.Fatalf("%v in %s", err, a.body)
		}
		delete(problem, "requestId")
		delete(problem, "instance")
		text, _ := json.Marshal(problem)
		return string(text)
	}
	want := refusal(d.hint("redmine/HELP", "another key"))
	for what, a := range map[string]answer{
		"an empty key":            d.hint("redmine/HELP", ""),
		"another body":            d.ask("", "POST", "/api/v1/hooks/redmine/HELP", object{"type": "issue.updated"}, "X-Redmine-Signature-256", "sha256="+strings.Repeat("0", 64)),
		"no signature":            d.ask("", "POST", "/api/v1/hooks/redmine/HELP", json.RawMessage(posted)),
		"no hex":                  d.ask("", "POST", "/api/v1/hooks/redmine/HELP", json.RawMessage(posted), "X-Redmine-Signature-256", "sha256=xyz"),
		"an administrator's word": d.ask(d.token, "POST", "/api/v1/hooks/redmine/HELP", json.RawMessage(posted)),
		"no key is kept":          d.hint("redmine/NOHOOK", hookKey),
		"no key, an empty one":    d.hint("redmine/NOHOOK", ""),
		"no mirror":               d.hint("redmine/NONE", hookKey),
		"no tracker":              d.hint("redmine/NOBODY", hookKey),
		"no tool":                 d.hint("jira/HELP", hookKey),
	} {
		if got := refusal(a); got != want {
			t.Errorf("%s: got %s, want %s", what, got, want)
		}
	}
	limited := false
	for range 60 {
		limited = limited || d.hint("redmine/HELP", "another key").status == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("keys can be tried for ever")
	}
}
