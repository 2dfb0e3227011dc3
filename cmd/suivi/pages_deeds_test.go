package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// ticketSeen is a ticket as the API shows it.
type ticketSeen struct {
	State, Assignee, Summary, Description, Resolution string
	Answers                                           map[string]string
	Comments, Rank                                    int
	Version                                           int
}

func (s *pageSite) seen(id string) (t ticketSeen) {
	s.t.Helper()
	s.ada.api("GET", "/api/v1/tickets/"+id, nil, &t)
	return t
}

func TestEachDeedOnATicketIsAPlainForm(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	other := s.post(s.emile, "another")
	id := s.post(s.emile, "a ticket")
	at := "/tickets/" + id
	s.grace.get(at).is(200).has("Open")
	if got := s.seen(id).State; got != "open" {
		t.Errorf("the first who can work on it has seen it: got %s, want open", got)
	}
	s.grace.post(at+"/assignee", "user", "me").redirects(at)
	s.grace.get(at).has("It is yours")
	s.grace.get(at).lacks("It is yours")
	s.grace.post(at+"/state", "to", "working", "comment", "on my way").redirects(at)
	if got := s.seen(id); got.State != "working" || got.Assignee != string(s.grace.id) || got.Comments != 1 {
		t.Errorf("got %+v, want it in work by Grace, with a comment", got)
	}
	s.grace.post(at+"/state", "to", "resolved", "resolution", "done").is(http.StatusForbidden).has("None of your roles", "done")
	s.ada.post(at+"/rank", "move", "top", "back", "/trackers/HELP/tickets?sort=rank").redirects("/trackers/HELP/tickets?sort=rank")
	if got := s.ada.get("/trackers/HELP/tickets?sort=rank").is(200).has("P1").rows(); !slices.Equal(got, []string{id, other}) {
		t.Errorf("got the stack %v", got)
	}
	s.emile.post(at+"/raise-requests", "reason", "soon", "urgent", "on").redirects(at)
	s.ada.get(at).has("soon", "urgent", "Grant")
	s.ada.post(at+"/raise-requests/1", "do", "refuse", "answer", "no hurry").redirects(at)
	s.emile.get(at).has("no hurry", "Refusée par Ada")
	s.ada.post(at+"/prerequisites", "ticket", strings.TrimPrefix(other, "HELP-"), "do", "add").redirects(at)
	s.ada.get(at).has("Waits for", ">another<")
	s.ada.post("/tickets/"+other+"/prerequisites", "ticket", id, "do", "add").is(http.StatusConflict).has("would wait for itself")
	s.ada.post(at+"/prerequisites", "ticket", other, "do", "remove").redirects(at)
	s.ada.post(at+"/watchers", "do", "begin").redirects(at)
	s.ada.get(at).has("Stop watching")
	s.ada.post(at+"/watchers", "do", "end").redirects(at)
	s.ada.post(at+"/watchers", "do", "end", "user", string(s.emile.id)).redirects(at)
	s.ada.post(at+"/assignee", "user", "none").redirects(at)
	s.ada.post(at+"/state", "to", "resolved", "resolution", "the *lamp*").redirects(at)
	s.emile.get(at).has("the <em>lamp</em>", "Résolu")
	s.ada.post(at + "/delete").redirects("/trackers/HELP/tickets")
	s.emile.get(at).is(404)
}

func TestCommentsAndNotesArePlainForms(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	id := s.post(s.emile, "a ticket")
	at := "/tickets/" + id
	s.emile.post(at+"/comments", "body", "**bold**", "do", "preview").is(200).has("<strong>bold</strong>", "**bold**")
	if got := s.seen(id).Comments; got != 0 {
		t.Errorf("a preview has left %d comments", got)
	}
	s.emile.post(at+"/comments", "body", "", "do", "send").is(422)
	s.emile.send(at+"/comments", "photo.txt", "content", "body", "see\r\nthe file", "do", "send", "key", "k1").redirects(at + "#comment-1")
	s.emile.send(at+"/comments", "photo.txt", "content", "body", "see\r\nthe file", "do", "send", "key", "k2").redirects(at + "#comment-2")
	page := s.emile.get(at).is(200).has("photo.txt", "the file")
	file := strings.Split(strings.SplitN(page.body, `href="/attachments/`, 2)[1], `"`)[0]
	if got := s.emile.get("/attachments/" + file).is(200); got.body != "content" || got.header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("got %q with %v", got.body, got.header)
	}
	s.eve.get("/attachments/" + file).is(404)
	s.stranger("en").get("/attachments/" + file).is(http.StatusSeeOther)
	s.emile.post(at + "/attachments/" + file + "/remove").redirects(at)
	s.emile.get("/attachments/" + file).is(404)

	s.emile.get(at + "/comments/1/edit").is(200).has("see\nthe file")
	s.emile.post(at+"/comments/1/edit", "body", "see above").redirects(at + "#comment-1")
	s.emile.get(at).has("see above", "modifié").lacks("see\nthe file")
	s.grace.get(at+"/comments/1/revisions").is(200).has("the file", "see above")
	s.grace.post(at+"/comments/1/edit", "body", "mine now").is(http.StatusForbidden).has("mine now")
	s.ada.post(at + "/comments/1/delete").redirects(at + "#comment-1")
	s.emile.get(at).lacks("see above").has("Supprimé par Ada")

	s.grace.post(at+"/comments", "body", "among us", "internal", "on", "do", "send").redirects(at + "#note-1")
	s.grace.get(at).has("among us", "Internal note")
	s.emile.post(at+"/comments", "body", "as staff", "internal", "on", "do", "send").is(http.StatusForbidden).has("as staff")
	s.emile.get(at).lacks("among us")
	s.grace.post(at+"/notes/1/edit", "body", "still among us").redirects(at + "#note-1")
	s.grace.post(at + "/notes/1/delete").redirects(at + "#note-1")
	s.grace.get(at).lacks("still among us")
}

func TestAFormSentTwiceIsOneTicket(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	key := s.emile.get("/trackers/HELP/new").is(200).value("key")
	if key == "" {
		t.Fatal("the form has no key")
	}
	first, second := s.post(s.emile, "once", "key", key), s.post(s.emile, "once", "key", key)
	if first != second {
		t.Errorf("got %s and %s, want one ticket", first, second)
	}
	s.emile.get("/tickets/"+first+"/posted").is(200).has("Merci", first)
	s.emile.post("/trackers/HELP/new", "summary", "twice", "key", key).is(422).has("déjà été envoyé", `value="twice"`)
}

func TestThePostingFormKeepsWhatWasTypedAndAsksByTheAnswers(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	for code, field := range map[string]any{
		"kind":   map[string]any{"type": "dropdown", "mandatory": true, "label": map[string]string{"en": "Kind", "fr": "Type"}, "options": []any{map[string]any{"code": "hw", "label": map[string]string{"en": "Hardware", "fr": "Matériel"}}, map[string]any{"code": "sw", "label": map[string]string{"en": "Software"}}}},
		"boxes":  map[string]any{"type": "checkbox", "label": map[string]string{"en": "Boxes"}, "options": []any{map[string]any{"code": "a", "label": map[string]string{"en": "A"}}, map[string]any{"code": "b", "label": map[string]string{"en": "B"}}}},
		"weight": map[string]any{"type": "number", "label": map[string]string{"en": "Weight"}, "default": "1.5"},
		"cost":   map[string]any{"type": "number", "label": map[string]string{"en": "Cost"}, "hidden": true},
	} {
		s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/"+code, field), nil)
	}
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/serial", map[string]any{"type": "text", "mandatory": true, "label": map[string]string{"en": "Serial"}, "condition": map[string]any{"field": "kind", "answers": []string{"hw"}}}), nil)
	s.settlePages()
	path := "/trackers/HELP/new"
	s.emile.get(path).is(200).has("Matériel", "Weight", `value="1.5"`).lacks("Serial", "Cost")
	s.ada.get(path).is(200).has("Cost", "staff only", "onBehalfOf")
	s.emile.post(path, "summary", "kept", "answers.kind", "hw", "do", "refresh").is(200).has("Serial", `value="kept"`)
	wrong := s.emile.send(path, "a.txt", "content", "summary", "", "description", "long", "answers.kind", "hw", "answers.weight", "heavy", "answers.boxes", "b", "sent", "yes").is(422).
		has("C’est obligatoire", "Un nombre, par exemple", `value="heavy"`, "long", "a.txt", `id="summary-wrong"`, `id="field-serial-wrong"`, `aria-invalid="true"`)
	upload := wrong.value("upload")
	id := s.post(s.emile, "right", "description", "long", "answers.kind", "hw", "answers.serial", "S1", "answers.weight", "2,50", "answers.boxes", "b", "answers.boxes", "a", "sent", "yes", "upload", upload)
	got := s.seen(id)
	if got.Answers["weight"] != "2.5" || got.Answers["boxes"] != "a,b" || got.Answers["serial"] != "S1" {
		t.Errorf("got the answers %v", got.Answers)
	}
	s.emile.get("/tickets/"+id).is(200).has("a.txt", "2,5", "Matériel")
	// An answer to what is not asked any more is left out, as its field is not shown.
	other := s.post(s.emile, "software", "answers.kind", "sw", "answers.serial", "S1", "sent", "yes")
	if answers := s.seen(other).Answers; answers["serial"] != "" {
		t.Errorf("got %v", answers)
	}
	behalf := s.post(s.ada, "by phone", "answers.kind", "sw", "onBehalfOf", string(s.emile.id), "assignee", string(s.grace.id), "state", "working")
	s.emile.get("/tickets/"+behalf).is(200).has("by phone", "Grace", "En travail")
}

func TestAFileAnswersAField(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/plan", map[string]any{"type": "file", "label": map[string]string{"en": "Plan", "fr": "Plan"}}), nil)
	s.settlePages()
	wrong := s.emile.sendAs("/trackers/HELP/new", "answers.plan", "plan.txt", "the plan", "summary", "").is(422).has("plan.txt")
	id := s.post(s.emile, "with a plan", "answers.plan", wrong.value("answers.plan"))
	file := s.seen(id).Answers["plan"]
	s.emile.get("/tickets/"+id).is(200).has("plan.txt", "/attachments/"+file)
	if got := s.emile.get("/attachments/" + file).is(200).body; got != "the plan" {
		t.Errorf("got %q", got)
	}
	version := s.emile.get("/tickets/" + id + "/edit").is(200).has("plan.txt").value("version")
	s.emile.sendAs("/tickets/"+id+"/edit", "answers.plan", "new.txt", "a better plan", "version", version, "summary", "with a plan", "answers.plan", file).redirects("/tickets/" + id)
	s.emile.get("/tickets/" + id).is(200).has("new.txt").lacks(`>plan.txt<`)
	edit := s.emile.get("/tickets/" + id + "/edit").is(200)
	s.emile.post("/tickets/"+id+"/edit", "version", edit.value("version"), "summary", "without", "answers.plan", edit.value("answers.plan"), "remove", "answers.plan").redirects("/tickets/" + id)
	if got := s.seen(id).Answers["plan"]; got != "" {
		t.Errorf("got the answer %q, want none", got)
	}
}

func TestAStaleEditIsMergedAndNothingIsLost(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	id := s.post(s.emile, "summary", "description", "text")
	at := "/tickets/" + id
	version := s.emile.get(at + "/edit").is(200).value("version")
	s.ada.post(at+"/edit", "version", version, "summary", "summary of Ada", "description", "text of Ada").redirects(at)
	clash := s.emile.post(at+"/edit", "version", version, "summary", "summary", "description", "texte d’Emile").is(http.StatusPreconditionFailed).has("text of Ada", "texte d’Emile")
	if got := clash.value("summary"); got != "summary of Ada" {
		t.Errorf("what Ada alone changed: got %q in the form", got)
	}
	if got := s.seen(id); got.Description != "text of Ada" {
		t.Errorf("a stale edit was carried out: %+v", got)
	}
	s.emile.post(at+"/edit", "version", clash.value("version"), "summary", clash.value("summary"), "description", "both").redirects(at)
	if got := s.seen(id); got.Description != "both" || got.Summary != "summary of Ada" {
		t.Errorf("got %+v", got)
	}
	s.grace.get(at + "/edit").is(http.StatusForbidden)
}

func TestManyTicketsAreChangedAtOnceEachWithItsResult(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	one, two := s.post(s.emile, "one"), s.post(s.emile, "two")
	s.ada.post("/tickets/"+two+"/state", "to", "working").is(http.StatusSeeOther)
	back := "/trackers/HELP/tickets?list=all"
	change := []string{"back", back, "ticket", one, "ticket", two, "ticket", "HELP-99", "state", "working", "comment", "all of you"}
	s.ada.post("/tickets/bulk", append(change, "do", "go")...).is(200).has("1 ticket was changed", "It is so already", "Nothing to see here", "list=all")
	if a, b := s.seen(one), s.seen(two); a.State != "working" || a.Comments != 1 || b.Comments != 0 {
		t.Errorf("got %+v and %+v", a, b)
	}
	s.ada.post("/tickets/bulk", "back", back, "ticket", one, "ticket", two, "assignee", string(s.grace.id), "do", "go").is(200).has("2 tickets were changed")
	s.ada.post("/tickets/bulk", "back", back, "state", "open").redirects(back)
	s.ada.get(back).has("Choose tickets, and what is to change")
	s.grace.get("/trackers/HELP/tickets").lacks(`id="bulk-state"`)
	s.grace.post("/tickets/bulk", "back", back, "ticket", one, "state", "open", "do", "go").is(200).has("None of your roles")
}

func TestAChangeOfManyTicketsIsLookedAtBeforeItIsDone(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	one, two, hidden := s.post(s.emile, "the first"), s.post(s.emile, "the second"), s.post(s.emile, "the third")
	s.ada.post("/tickets/"+two+"/state", "to", "working").is(http.StatusSeeOther)
	s.ada.post("/tickets/" + hidden + "/delete").is(http.StatusSeeOther)
	back := "/trackers/HELP/tickets?list=all"
	before := s.seen(one)
	look := s.ada.post("/tickets/bulk", "back", back, "ticket", one, "ticket", two, "ticket", hidden, "state", "working", "assignee", string(s.grace.id), "comment", `"all" of you`).is(200)
	look.has("2 tickets will change", "1 may not be changed so", "the first", "the second", "It is so already", "Nothing to see here", "Change 2 tickets").lacks("the third")
	if got := s.seen(one); got.Version != before.Version || got.State != before.State {
		t.Errorf("looking changed the ticket: got %+v", got)
	}
	send := []string{"do", "go"}
	for _, n := range look.find(func(n *html.Node) bool { return n.Data == "input" && attr(n, "type") == "hidden" }) {
		send = append(send, attr(n, "name"), attr(n, "value"))
	}
	s.ada.post("/tickets/bulk", send...).is(200).has("1 ticket was changed", one, two).lacks(hidden)
	if a, b := s.seen(one), s.seen(two); a.State != "working" || a.Assignee != string(s.grace.id) || a.Comments != 1 || b.Assignee != string(s.grace.id) || b.Comments != 0 {
		t.Errorf("got %+v and %+v", a, b)
	}
	s.ada.post("/tickets/bulk", send...).is(200) // sent twice, it is done once
	if got := s.seen(one); got.Comments != 1 {
		t.Errorf("got %d comments", got.Comments)
	}
	same := s.ada.post("/tickets/bulk", "ticket", one, "assignee", string(s.grace.id)).is(200)
	same.has("No ticket would change", "It is so already").lacks(`value="go"`)
	s.grace.post("/tickets/bulk", "ticket", one, "state", "open").is(200).has("None of your roles").lacks(`value="go"`)
	s.eve.post("/tickets/bulk", "ticket", one, "state", "open").is(200).lacks("the first")
}
