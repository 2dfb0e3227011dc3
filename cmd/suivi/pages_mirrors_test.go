package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/html"

	"suivi/domain/tracker"
	"suivi/integration/mirror"
	"suivi/internal/testredmine"
)

const mirrorsAt = settingsAt + "/mirrors"

// filled is what a browser would send of a mirror's form.
func (p shownPage) filled() url.Values {
	const id = "try"
	p.t.Helper()
	values := url.Values{}
	forms := p.find(func(n *html.Node) bool { return n.Data == "form" && attr(n, "id") == id })
	if len(forms) != 1 {
		p.t.Fatalf("%s: got %d forms %q:\n%s", p.asked, len(forms), id, p.text())
	}
	for n := range forms[0].Descendants() {
		name := attr(n, "name")
		switch {
		case name == "" || n.Data == "button":
		case n.Data == "select":
			values.Add(name, "")
			for o := range n.Descendants() {
				if o.Data == "option" && hasAttr(o, "selected") {
					values.Set(name, attr(o, "value"))
				}
			}
		case attr(n, "type") == "radio" || attr(n, "type") == "checkbox":
			if hasAttr(n, "checked") {
				values.Add(name, attr(n, "value"))
			}
		default:
			values.Add(name, attr(n, "value"))
		}
	}
	return values
}

// again sends the form as it is shown, but for the pairs.
func (v *visitor) again(p shownPage, pairs ...string) shownPage {
	v.t.Helper()
	values := p.filled()
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return v.do("POST", mirrorsAt+"/redmine/edit", strings.NewReader(values.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

func (s *pageSite) mirrorState() (state mirror.State) {
	s.t.Helper()
	s.want(http.StatusOK, s.ask(s.token, "GET", "/api/v1/trackers/HELP/mirrors/redmine/status", nil), &state)
	return state
}

// The whole way in forms without JavaScript, against a real Redmine: a secret, what is there, the
// mapping, the check, what an import would do, turning it on, the import, a second reading.
func TestAManagerConnectsARealRedmineStepByStep(t *testing.T) {
	t.Parallel()
	redmine := testredmine.Start(t, testredmine.Config{})
	project, key := redmine.NewProject(t), testredmine.Key(testredmine.Admin)
	s := newPageSite(t)
	root := s.administrator()
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/customer", object{"type": "text", "label": object{"en": "Customer", "fr": "Client"}}), nil)
	urgency := object{"type": "dropdown", "label": object{"en": "Urgency", "fr": "Urgence"}, "options": []object{
		{"code": "a", "label": object{"en": "Low", "fr": "Bas"}}, {"code": "b", "label": object{"en": "Urgent", "fr": "Urgent"}}}}
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/urgency", urgency), nil)
	s.settlePages()
	id := s.post(s.emile, "No ink", "answers.customer", "ACME", "answers.urgency", "b")

	s.ada.get(mirrorsAt).is(200).has("an administrator has to keep a secret").lacks("/admin/mirrors")
	root.post("/admin/secrets", "name", "redmine", "site", redmine.URL+"/", "value", key).redirects("/admin/mirrors")
	root.post("/admin/secrets", "name", "Key", "site", redmine.URL, "value", key).is(422).has("A small letter", `value="Key"`).lacks(key)
	root.get("/admin/mirrors").is(200).has("redmine", redmine.URL, "Root").lacks(key)
	s.ada.get(mirrorsAt).is(200).has("Connect Redmine")

	const at, edit = mirrorsAt + "/redmine", mirrorsAt + "/redmine/edit"
	s.ada.get(at).redirects(edit)
	where := s.ada.get(edit).is(200).has("redmine — "+redmine.URL).lacks(`name="project"`, key)
	read := s.ada.again(where, "do", "read", "secret", "redmine").is(200).has(`value="` + project + `"`).lacks(`name="states.open"`)
	form := s.ada.again(read, "do", "propose", "project", project).is(200)
	got := form.filled()
	for name, want := range map[string]string{
		"states.open": "1", "states.working": "2", "fixed.tracker": "3", "fixed.priority": "2", "fixed.external-id": "1", "fixed.resolution": "4",
		"fields.customer": "field", "fields.customer.id": "6", "fields.urgency": "priority", "fields.urgency.answers.b": "4", "direction": "out", "deletion": "keep",
	} {
		if got.Get(name) != want {
			t.Errorf("proposed for %s: %q, want %q", name, got.Get(name), want)
		}
	}

	// What is wrong is told at its place, and what was typed stays.
	wrong := s.ada.again(form, "do", "check", "states.working", "", "deletion", "close", "states.resolved", "1", "states.validated", "1", "states.abandoned", "1").is(200).
		has("This state has no status there", "In progress", "No state is mapped to a closed status", "is-wrong")
	if typed := wrong.filled(); typed.Get("states.working") != "" || typed.Get("fields.customer.id") != "6" || typed.Get("deletion") != "close" {
		t.Errorf("what was typed is lost: %v", typed)
	}
	s.ada.again(form, "do", "check").is(200).has("Nothing keeps it from working")
	stays := s.ada.again(form, "do", "refresh", "fields.customer", "").is(200)
	if stays.filled().Has("fields.customer.id") {
		t.Error("a field that stays here asks which one it is there")
	}
	s.ada.again(form, "do", "save").redirects(at)
	if m := s.mirrorState(); m.Standing != mirror.Off || m.Mirror.Site != redmine.URL || m.Mirror.Fields["urgency"].Answers["b"] != "4" || m.Mirror.States[tracker.Working] != "2" {
		t.Errorf("got %+v", m)
	}

	works := func(do, shown string) shownPage {
		t.Helper()
		s.ada.post(at, "do", do).redirects(at)
		await(t, shown, func() bool { return strings.Contains(s.ada.get(at).is(200).body, shown) })
		return s.ada.get(at)
	}
	s.ada.post(at, "do", "import").is(http.StatusConflict).has("turn it on first")
	works("look", "0 of 1 tickets are in step").has("no twin yet", id)
	if n := redmine.Issues(t, project); n != 0 {
		t.Errorf("a look has made %d issues", n)
	}
	s.save(s.ada, edit, "do", "save", "mapped", "on", "secret", "redmine", "project", "none").redirects(at) // of a project that there is not
	s.save(s.ada, at, "do", "on").is(http.StatusConflict).has("There is no such project", "Turn on")
	s.ada.again(form, "do", "save", "version", s.ada.get(edit).value("version")).redirects(at)
	s.save(s.ada, at, "do", "on").redirects(at)
	works("import", "1 ticket was brought into step")
	works("verify", "1 ticket, in step")
	if n := redmine.Issues(t, project); n != 1 {
		t.Errorf("got %d issues", n)
	}
	link := redmine.URL + "/issues/"
	s.grace.get("/tickets/"+id).is(200).has("In other tools", link)
	s.emile.get("/tickets/"+id).is(200).lacks("autres outils", link)
	await(t, "nothing waits", func() bool { return s.mirrorState().Standing == mirror.Idle })
	root.get("/admin/mirrors").is(200).has("HELP · Redmine", project, "nothing waits").lacks(key)
	s.save(s.ada, at, "do", "off").redirects(at)
	s.ada.get(at).is(200).has("Turn on").lacks(key)

	// A dead Redmine: a clear sentence, and the form with all that was typed.
	redmine.Kill()
	dead := s.ada.get(edit).is(200).has("The other tool does not answer")
	if typed := dead.filled(); typed.Get("states.working") != "2" || typed.Get("fields.urgency.answers.b") != "4" || typed.Get("project") != project {
		t.Errorf("the mapping is lost: %v", typed)
	}
	s.ada.again(dead, "do", "check", "states.working", "9").is(200).has("does not answer", `value="9"`)
	s.save(s.ada, at, "do", "on").is(http.StatusConflict).has("does not answer")
	s.save(s.ada, at, "do", "remove").redirects(mirrorsAt)
	s.ada.get(mirrorsAt).is(200).has("Connect Redmine")
	root.post("/admin/secrets/remove", "name", "redmine").redirects("/admin/mirrors")
	root.get("/admin/mirrors").is(200).has("No secret is kept")
}

// listening is a server that counts who calls it.
func listening(t *testing.T, answer http.HandlerFunc) (site string, calls *atomic.Int64) {
	t.Helper()
	calls = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, calls
}

func TestNobodyButAnAdministratorHasSuiviCallAnAddress(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	inner, calls := listening(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "inner") })
	s.want(200, s.ask(s.token, "PUT", "/api/v1/admin/secrets/other", object{"site": toolSite, "value": "k"}), nil)
	api := "/api/v1/trackers/HELP/mirrors/redmine"
	as := func(method, path string, body any) answer { // the manager
		return s.ask(s.token, method, path, body, "X-Suivi-Actor", string(s.ada.id))
	}
	draft := object{"site": inner, "secret": "other", "project": "p"}
	s.refused(http.StatusConflict, "secret-for-another-site", as("POST", api+"/projects", object{"site": inner, "secret": "other"}))
	s.refused(http.StatusConflict, "secret-not-found", as("POST", api+"/projects", object{"site": inner, "secret": "none"}))
	s.refused(http.StatusConflict, "secret-for-another-site", as("POST", api+"/propose", draft))
	var found struct{ Problems []mirror.Problem }
	s.want(http.StatusOK, as("POST", api+"/check", draft), &found)
	if len(found.Problems) != 1 || found.Problems[0].Code != "secret-for-another-site" {
		t.Errorf("got %+v", found)
	}
	for _, do := range []string{"read", "propose", "check", "refresh"} { // the site of a form is that of its secret, whatever it says
		s.ada.post(mirrorsAt+"/redmine/edit", "do", do, "mapped", "on", "secret", "none", "site", inner, "project", "p").is(200)
		s.ada.post(mirrorsAt+"/redmine/edit", "do", do, "mapped", "on", "secret", "", "site", inner, "project", "p").is(200)
	}
	s.want(http.StatusOK, as("PUT", api, draft), nil) // set through the API, it waits
	s.want(http.StatusOK, as("GET", "/api/v1/trackers/HELP", nil), nil)
	for _, work := range []string{"look", "verify", "import"} {
		s.refused(http.StatusConflict, "secret-for-another-site", as("POST", api+"/work", object{"kind": work}))
	}
	s.ada.post("/admin/secrets", "name", "mine", "site", inner, "value", "k").is(404)
	s.ada.get("/admin/mirrors").is(404)
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls to an address that no administrator knows of", n)
	}
}

func TestMirrorsAreThereForWhoConfiguresTheTracker(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	for _, page := range []string{"", "/redmine", "/redmine/edit"} {
		s.grace.get(mirrorsAt + page).is(http.StatusForbidden)
		s.eve.get(mirrorsAt + page).is(404)
		if page != "" {
			s.grace.post(mirrorsAt+page, "do", "look").is(http.StatusForbidden)
			s.eve.post(mirrorsAt+page, "do", "look").is(404)
		}
	}
	s.ada.get(mirrorsAt + "/none/edit").is(404)
	s.ada.post(mirrorsAt+"/none", "do", "look").is(404)
}

// A tool that hangs keeps nobody: the page is there in time, with what was typed.
func TestASlowToolHoldsNoPageUp(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	site, _ := listening(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s.want(200, s.ask(s.token, "PUT", "/api/v1/admin/secrets/slow", object{"site": site, "value": "k"}), nil)
	got := s.ada.post(mirrorsAt+"/redmine/edit", "do", "check", "mapped", "on", "secret", "slow", "project", "p1", "states.open", "7").is(200)
	got.has("does not answer")
	if typed := got.filled(); typed.Get("project") != "p1" || typed.Get("states.open") != "7" {
		t.Errorf("what was typed is lost: %v", typed)
	}
}

// Redmine does not take one of the tickets: it parks alone, its manager sees why, and deals with it.
func TestAParkedTicketIsSeenAndDealtWith(t *testing.T) {
	t.Parallel()
	redmine := testredmine.Start(t, testredmine.Config{})
	project := redmine.NewProject(t)
	s := newPageSite(t)
	s.want(http.StatusCreated, s.ask(s.token, "POST", "/api/v1/trackers", object{"key": "NET", "name": "Net", "members": object{string(s.eve.id): []string{"manager"}}}), nil)
	s.want(200, s.ask(s.token, "PUT", "/api/v1/admin/secrets/redmine", object{"site": redmine.URL, "value": testredmine.Key(testredmine.Manager)}), nil)
	for _, at := range []string{"HELP", "NET"} {
		s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/"+at+"/mirrors/redmine", object{
			"site": redmine.URL, "secret": "redmine", "project": project, "states": object{"posted": "1", "open": "1"}, "fixed": object{"tracker": "3", "priority": "2", "external-id": "1"},
		}), nil)
	}
	s.settlePages()
	bad, good := s.post(s.emile, testredmine.Refused), s.post(s.emile, "No ink")
	at := mirrorsAt + "/redmine"
	s.ada.post(at, "do", "import").redirects(at)
	await(t, "the import has ended", func() bool {
		return strings.Contains(s.ada.get(at).is(200).body, "1 of 2 tickets is parked")
	})
	shown := s.ada.get(at).has(bad, "Try all of it again").lacks("/tickets/" + good + `"><strong>`)
	id := shown.value("id")
	s.ada.get("/tickets/" + bad).is(200).has("has not got to Redmine")
	s.emile.get("/tickets/"+bad).is(200).lacks("pas arrivé", "autres outils")
	s.administrator().get("/admin/mirrors").is(200).has("some tickets wait")

	net := "/trackers/NET/settings/mirrors/redmine"
	s.eve.get(net).is(200).lacks(bad) // another tracker's
	s.eve.post(net, "do", "resolve", "id", id).redirects(net)
	s.refused(http.StatusNotFound, "parked-not-found", s.ask(s.token, "POST", "/api/v1/trackers/NET/mirrors/redmine/parked/"+id+"/retry", nil))
	if state := s.mirrorState(); len(state.Parked) == 0 || state.Parked[0].ID != id || state.Standing == mirror.Idle {
		t.Errorf("got %+v", state)
	}
	s.ada.post(at, "do", "retry", "id", id).redirects(at)
	s.ada.post(at, "do", "replay").redirects(at)
	for len(s.mirrorState().Parked) > 0 {
		s.ada.post(at, "do", "resolve", "id", s.mirrorState().Parked[0].ID).redirects(at)
	}
	s.ada.get("/tickets/" + bad).is(200).lacks("has not got to Redmine")
	if n := redmine.Issues(t, project); n != 1 {
		t.Errorf("got %d issues", n)
	}
}

// Who configures a tracker and may not read all of its tickets learns nothing of single ones.
func TestAConfigurerWhoMayNotReadAllIsToldOfNoSingleTicket(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	site, _ := listening(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	s.want(200, s.ask(s.token, "PUT", "/api/v1/admin/secrets/key", object{"site": site, "value": "k"}), nil)
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/mirrors/redmine", object{"site": site, "secret": "key", "project": "p"}), nil)
	s.settlePages()
	id := s.post(s.emile, "A ticket")
	await(t, "it is parked", func() bool { return len(s.mirrorState().Parked) > 0 })
	at := mirrorsAt + "/redmine"
	s.ada.get(at).is(200).has(id, "stopped", "Nothing gets through")
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/roles/manager", object{"revoked": []string{"see-internal"}}), nil)
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/roles/resolver", object{"revoked": []string{"see-internal"}}), nil)
	s.settlePages()
	s.ada.get(at).is(200).has("stopped").lacks(id)
	var told mirror.State
	s.ada.api("GET", "/api/v1/trackers/HELP/mirrors/redmine/status", nil, &told)
	if len(told.Parked)+len(told.Drifts) > 0 {
		t.Errorf("told of %+v", told)
	}
}

// One work at a time on a mirror; a person ends it, and so does the end of the program. Both leave word, and another one may begin.
func TestAWorkOnAMirrorIsAloneAndEndsCleanly(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	site, calls := listening(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s.want(200, s.ask(s.token, "PUT", "/api/v1/admin/secrets/key", object{"site": site, "value": "k"}), nil)
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/mirrors/redmine", object{"site": site, "secret": "key", "project": "p", "paused": true, "fixed": object{"external-id": "1"}}), nil)
	s.settlePages()
	s.post(s.emile, "A ticket")
	at, work := mirrorsAt+"/redmine", "/api/v1/trackers/HELP/mirrors/redmine/work"
	s.ada.post(at, "do", "look").redirects(at)
	await(t, "it is at work", func() bool { return calls.Load() > 0 })
	s.ada.get(at).is(200).has("Comparison", `hx-trigger="every 2s"`, "End it")
	s.ada.post(at, "do", "verify").is(http.StatusConflict).has("Another work goes on there")
	s.refused(http.StatusConflict, "work-running", s.ask(s.token, "POST", work, object{"kind": "look"}))
	s.ada.post(at, "do", "cancel").redirects(at)
	s.ada.get(at).is(200).has("ended by hand")
	s.refused(http.StatusNotFound, "work-not-found", s.ask(s.token, "DELETE", work, nil))
	s.want(http.StatusAccepted, s.ask(s.token, "POST", work, object{"kind": "look"}), nil)
	s.stop()
	s.desk = serveDeskFrom(t, s.file, s.data)
	var state mirror.State
	await(t, "it says so after a start", func() bool {
		a := s.ask(s.token, "GET", "/api/v1/trackers/HELP/mirrors/redmine/status", nil)
		return a.status == http.StatusOK && json.Unmarshal(a.body, &state) == nil
	})
	if state.Work == nil || state.Work.Running() || state.Work.Failure != "interrupted" {
		t.Errorf("got %+v", state.Work)
	}
	s.want(http.StatusAccepted, s.ask(s.token, "POST", work, object{"kind": "look"}), nil)
	s.want(http.StatusNoContent, s.ask(s.token, "DELETE", work, nil), nil)
}

// An administrator says which trackers may use a secret: the others are not even told of it.
func TestASecretIsForTheTrackersThatAnAdministratorNames(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.want(http.StatusCreated, s.ask(s.token, "POST", "/api/v1/trackers", object{"key": "NET", "name": "Net"}), nil)
	root := s.administrator()
	const secrets, allow = "/admin/secrets", "/admin/secrets/allow"
	root.post(secrets, "name", "key", "site", toolSite, "value", "k", "trackers", "NONE").is(422).has("There is no such tracker", `value="NONE"`)
	root.post(secrets, "name", "key", "site", toolSite, "value", "k", "trackers", "net").redirects("/admin/mirrors")
	root.get("/admin/mirrors").is(200).has(`value="NET"`)
	s.ada.get(mirrorsAt).is(200).has("an administrator has to keep a secret").lacks("Connect Redmine")
	s.ada.get(mirrorsAt+"/redmine/edit").is(200).lacks(toolSite, `value="key"`)
	api := "/api/v1/trackers/HELP/mirrors/redmine"
	var told struct{ Sites []object }
	s.ada.api("GET", api+"/sites", nil, &told)
	if len(told.Sites) > 0 {
		t.Errorf("told of %v", told.Sites)
	}
	as := func(method, path string, body any) answer { // the manager
		return s.ask(s.token, method, path, body, "X-Suivi-Actor", string(s.ada.id))
	}
	mirrored := object{"site": toolSite, "secret": "key", "project": "p", "paused": true}
	s.refused(http.StatusUnprocessableEntity, "invalid-input", as("PUT", api, mirrored))
	s.refused(http.StatusConflict, "secret-for-other-trackers", as("POST", api+"/projects", object{"site": toolSite, "secret": "key"}))

	root.post(allow, "name", "key", "trackers", "HELP, NONE").is(422).has("There is no such tracker", `value="HELP, NONE"`)
	root.post(allow, "name", "key", "trackers", "HELP, NET").redirects("/admin/mirrors")
	root.get("/admin/mirrors").is(200).has(`value="HELP, NET"`)
	s.ada.get(mirrorsAt).is(200).has("Connect Redmine")
	s.ada.get(mirrorsAt + "/redmine/edit").is(200).has("key — " + toolSite)
	s.want(http.StatusOK, as("PUT", api, mirrored), nil)
	root.post(allow, "name", "key", "trackers", "NET").redirects("/admin/mirrors")
	at := mirrorsAt + "/redmine"
	s.settlePages()
	s.save(s.ada, at, "do", "on").is(http.StatusConflict).has("This secret is not for this tracker")
	s.refused(http.StatusConflict, "secret-for-other-trackers", as("POST", api+"/work", object{"kind": "look"}))
	root.post(allow, "name", "key", "trackers", "").redirects("/admin/mirrors")
	s.ada.get(mirrorsAt + "/redmine/edit").is(200).has("key — " + toolSite)
}
