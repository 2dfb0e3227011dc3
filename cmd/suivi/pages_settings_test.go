package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"suivi/domain"
)

// settingsSeen is a tracker as the API shows it, as far as these tests ask.
type settingsSeen struct {
	Name, Mode, Workflow, ContactURL, DefaultAssignee, NewTickets, BackReport, Parent string
	CommentsOff, Archived                                                             bool
	Intro, ThankYou                                                                   struct{ FR, EN string }
	Assignment                                                                        struct {
		By, Field string
		People    map[string]string
		Among     []string
	}
	Course       struct{ ID, ShortName, Name string }
	ChosenStates []string
	Labels       map[string]struct{ FR, EN string }
	Members      map[domain.UserID][]string
	RoleRights   map[string]struct{ Granted, Revoked []string }
	Fields       []struct {
		Code, Type, Default                 string
		Mandatory, Hidden, Listable, Shared bool
		Inactive                            bool
		Label, Help                         struct{ FR, EN string }
		Options                             []struct {
			Code    string
			Retired bool
		}
		Condition struct {
			Field   string
			Answers []string
		}
	}
	Former      []struct{ Code string }
	ChosenRules []struct {
		From, To        string
		Roles, Requires []string
		Own             bool
	}
}

func (s *pageSite) settings(key string) (t settingsSeen) {
	s.t.Helper()
	a := s.ask(s.token, "GET", "/api/v1/trackers/"+key, nil)
	if err := json.Unmarshal(a.body, &t); err != nil {
		s.t.Fatal(err)
	}
	return t
}

const settingsAt = "/trackers/HELP/settings"

// save sends a form of the settings with what it was made with, and the pairs instead.
func (s *pageSite) save(by *visitor, path string, pairs ...string) shownPage {
	s.t.Helper()
	return by.post(path, append(pairs, "version", by.get(path).value("version"))...)
}

func TestWhoMayConfigureFindsTheSettingsAndNobodyElse(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.ada.get("/trackers/HELP/tickets").is(200).has(`href="`+settingsAt+`"`, "Settings")
	s.grace.get("/trackers/HELP/tickets").is(200).lacks(settingsAt)
	for _, page := range []string{"", "/members", "/states", "/handling", "/rights", "/tree"} {
		s.ada.get(settingsAt+page).is(200).has("Settings of Help desk", `aria-current="page"`)
		s.grace.get(settingsAt + page).is(http.StatusForbidden)
		s.eve.get(settingsAt + page).is(404)
		s.eve.get("/trackers/NONE/settings" + page).is(404)
		s.grace.post(settingsAt+page, "name", "X").is(http.StatusForbidden)
		s.eve.post(settingsAt+page, "name", "X").is(404)
	}
	s.grace.post(settingsAt+"/archive", "do", "archive").is(http.StatusForbidden)
	s.grace.post(settingsAt+"/members/new", "who", "Grace", "role", "manager").is(http.StatusForbidden)
}

func TestGeneralSettingsAreAPlainForm(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	form := []string{"name", "Desk", "contact", "https://example.org/help", "mode", "bugtracker", "intro.en", "Hello", "intro.fr", "Bonjour", "thanks.fr", "Merci {ticket}"}
	s.ada.get(settingsAt).has("Reporter gains: see all tickets", "States that are used as well", "contributes to a more reliable service").lacks("role=\"alert\"")
	s.save(s.ada, settingsAt, form...).redirects(settingsAt)
	got := s.settings("HELP")
	if got.Name != "Desk" || got.Mode != "bugtracker" || got.ContactURL != "https://example.org/help" || got.Intro.EN != "Hello" || got.Intro.FR != "Bonjour" || got.ThankYou.FR != "Merci {ticket}" {
		t.Errorf("got %+v", got)
	}
	s.save(s.ada, settingsAt, append([]string{"name", " "}, form[2:]...)...).is(422).has("Hello", "This is empty or too long")
	s.save(s.ada, settingsAt, "name", "Desk", "mode", "bugtracker", "contact", "javascript:alert(1)").is(422).has("This is no address on the web")

	old := s.ada.get(settingsAt).value("version")
	s.save(s.ada, settingsAt, append([]string{"name", "Theirs"}, form[2:]...)...).redirects(settingsAt)
	late := s.ada.post(settingsAt, append([]string{"version", old, "name", "Mine"}, form[2:]...)...).is(http.StatusPreconditionFailed).has("Somebody else has changed the settings", `value="Mine"`)
	if got := s.settings("HELP").Name; got != "Theirs" {
		t.Errorf("got the name %q, want theirs", got)
	}
	s.ada.post(settingsAt, append([]string{"version", late.value("version"), "name", "Mine"}, form[2:]...)...).redirects(settingsAt)
	if got := s.settings("HELP").Name; got != "Mine" {
		t.Errorf("got the name %q, want mine", got)
	}
}

func TestAModeThatDropsAStateAsksWhereItsTicketsGo(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	id := s.post(s.emile, "a ticket")
	s.ada.post("/tickets/"+id+"/state", "to", "working").is(http.StatusSeeOther)
	form := []string{"name", "Help desk", "mode", "taskspread"}
	s.save(s.ada, settingsAt, form...).is(http.StatusConflict).has("1 ticket in the state “In progress” goes to", `name="migrate.working"`)
	s.save(s.ada, settingsAt, append(form, "migrate.working", "open")...).redirects(settingsAt)
	if got := s.seen(id).State; got != "open" {
		t.Errorf("got the state %s, want open", got)
	}
}

func TestStatesAreChosenRenamedAndTheirTicketsMigrated(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	id := s.post(s.emile, "a ticket")
	s.ada.post("/tickets/"+id+"/state", "to", "waiting").is(http.StatusSeeOther)
	at := settingsAt + "/states"
	s.ada.get(at).has("Waiting for data", "They are those of the mode")
	form := []string{"state", "open", "state", "working", "state", "resolved", "label.working.en", "Being done", "label.working.fr", "En cours"}
	s.save(s.ada, at, form...).is(http.StatusConflict).has("choose where they go", `value="Being done"`)
	s.save(s.ada, at, append(form, "migrate.waiting", "working")...).redirects(at)
	got := s.settings("HELP")
	if want := []string{"posted", "open", "working", "resolved"}; !slices.Equal(got.ChosenStates, want) || got.Labels["working"].EN != "Being done" || got.Labels["working"].FR != "En cours" {
		t.Errorf("got %v %v, want %v", got.ChosenStates, got.Labels, want)
	}
	s.emile.get("/tickets/" + id).has("En cours")
	s.save(s.ada, at, append(form, "do", "mode")...).redirects(at)
	if got := s.settings("HELP").ChosenStates; len(got) != 0 {
		t.Errorf("got %v, want those of the mode", got)
	}
}

func TestHandlingSaysWhoGetsTicketsAndWhereTheyStand(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	option := func(code string) map[string]any {
		return map[string]any{"code": code, "label": map[string]string{"en": code}}
	}
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/kind", map[string]any{"type": "dropdown", "label": map[string]string{"en": "Kind"}, "options": []any{option("hard"), option("soft")}}), nil)
	s.settlePages()
	at := settingsAt + "/handling"
	ada, grace := string(s.ada.id), string(s.grace.id)
	s.save(s.ada, at, "default", ada, "by", "field", "field", "kind", "people.kind.hard", grace, "among", ada, "new", "top", "comments", "off", "course.id", "C1").redirects(at)
	got := s.settings("HELP")
	if got.DefaultAssignee != ada || got.Assignment.By != "field" || got.Assignment.People["hard"] != grace || len(got.Assignment.Among) != 0 || got.NewTickets != "top" || !got.CommentsOff || got.Course.ID != "C1" {
		t.Errorf("got %+v", got)
	}
	hard, soft := s.post(s.emile, "hard", "answers.kind", "hard"), s.post(s.emile, "soft", "answers.kind", "soft")
	if a, b := s.seen(hard).Assignee, s.seen(soft).Assignee; a != grace || b != ada {
		t.Errorf("got %s and %s, want Grace and Ada", a, b)
	}
	s.save(s.ada, at, "default", "", "by", "least-open", "among", ada, "among", grace, "new", "bottom", "comments", "on").redirects(at)
	if got := s.settings("HELP"); got.Assignment.By != "least-open" || len(got.Assignment.Among) != 2 || got.CommentsOff || got.DefaultAssignee != "" {
		t.Errorf("got %+v", got)
	}
	s.save(s.ada, at, "default", string(s.emile.id), "by", "default", "new", "top", "comments", "on").is(422).has("Tickets cannot be given to this person")
}

func TestMembersAreAddedByAddressOrNameAndKeepSeveralRoles(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	s.visitor("Steve", "en")
	at := settingsAt + "/members"
	s.ada.post(at+"/new", "who", "nobody@example.org", "role", "reporter").is(422).has("Nobody has this address or name", "nobody@example.org")
	s.ada.post(at+"/new", "who", "e", "role", "developer").is(200).has("Whom do you mean", "Steve", "Emile (already a member)")
	s.ada.post(at+"/new", "person", string(s.eve.id), "who", "e", "role", "developer", "role", "resolver").redirects(at)
	s.ada.post(at+"/new", "who", "EVE@example.org").is(422)
	if got := s.settings("HELP").Members[s.eve.id]; !slices.Equal(got, []string{"developer", "resolver"}) {
		t.Errorf("got the roles %v", got)
	}
	rows := func(pairs ...string) []string { return append([]string{"q", ""}, pairs...) }
	grace, emile := string(s.grace.id), string(s.emile.id)
	s.ada.post(at, rows("member", grace, "was."+grace, "developer", "role."+grace, "developer", "role."+grace, "manager", "member", emile, "was."+emile, "reporter", "role."+emile, "reporter")...).redirects(at)
	if got := s.settings("HELP").Members; !slices.Equal(got[s.grace.id], []string{"developer", "manager"}) || !slices.Equal(got[s.emile.id], []string{"reporter"}) {
		t.Errorf("got the members %v", got)
	}
	s.ada.post(at, rows("member", grace, "was."+grace, "developer,manager")...).is(422)
	s.ada.get(at + "?q=gra").is(200).has(">Grace<").lacks(">Emile<")
	s.ada.post(at, rows("remove", emile)...).redirects(at)
	s.emile.get("/trackers/HELP/tickets").is(404)
	s.ada.post(at, rows("remove", string(s.ada.id))...).redirects("/") // and sees it no more
}

func TestRightsAreAMatrixWithThePresetMarked(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	at := settingsAt + "/rights"
	s.ada.get(at).is(200).lacks("≠", `name="reset"`)
	var form []string
	for _, role := range domain.Roles() {
		for _, right := range domain.Rights() {
			if (domain.Policy{Mode: domain.Ticketing}).Holds([]domain.Role{role}, right) && (role != domain.Developer || right != domain.SeeRank) {
				form = append(form, "right."+string(role), string(right))
			}
		}
	}
	s.save(s.ada, at, append(form, "right.reporter", "see-all")...).redirects(at)
	got := s.settings("HELP").RoleRights
	if len(got) != 2 || !slices.Equal(got["reporter"].Granted, []string{"see-all"}) || !slices.Equal(got["developer"].Revoked, []string{"see-rank"}) {
		t.Errorf("got %v", got)
	}
	page := s.ada.get(at).has("Reporter: see all tickets (differs from the preset)", "Reset Developer")
	if n := strings.Count(page.body, "≠"); n != 2 {
		t.Errorf("%d cells are marked, want 2", n)
	}
	s.save(s.ada, at, append(form, "right.reporter", "see-all")...).redirects(at)
	s.ada.get(at).has("Nothing has changed")
	s.save(s.ada, at, "reset", "developer").redirects(at)
	if got := s.settings("HELP").RoleRights; len(got) != 1 {
		t.Errorf("got %v, want the preset back for developers", got)
	}
}

func TestATrackerIsMadePlacedComparedAndArchived(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	admin := s.administrator()
	s.ada.get("/trackers/new").is(http.StatusForbidden)
	s.ada.post("/trackers/new", "name", "X", "key", "XX", "mode", "ticketing").is(http.StatusForbidden)
	admin.get("/trackers/new").is(200).has("New tracker")
	admin.post("/trackers/new", "name", "Campus", "key", "help", "mode", "ticketing").is(422).has("A capital", `value="Campus"`)
	admin.post("/trackers/new", "name", "Campus", "key", "HELP", "mode", "ticketing").is(http.StatusConflict)
	admin.post("/trackers/new", "name", "Campus", "key", "CAMPUS", "mode", "bugtracker", "workflow", "strict", "mine", "on").redirects("/trackers/CAMPUS/settings/members")
	if got := s.settings("CAMPUS"); got.Workflow != "strict" || got.Mode != "bugtracker" || !slices.Equal(got.Members[admin.id], []string{"resolver", "manager"}) {
		t.Errorf("got %+v", got)
	}
	text := func(kind string) map[string]any {
		return map[string]any{"type": kind, "label": map[string]string{"en": "Room"}}
	}
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/CAMPUS/fields/room", text("text")), nil)
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/room", text("number")), nil)
	s.settlePages()
	at := settingsAt + "/tree"
	admin.post(at, "parent", "CAMPUS").redirects(at)
	admin.get(at).has("Fields beside those of CAMPUS", "they differ", "the types differ")
	s.ada.get(at).has("It has a parent that you do not see").lacks("CAMPUS")
	admin.post("/trackers/CAMPUS/settings/tree", "parent", "HELP").is(http.StatusConflict)
	s.save(admin, settingsAt+"/handling", "default", "", "by", "default", "new", "bottom", "comments", "on", "report", "resolve").redirects(settingsAt + "/handling")
	if got := s.settings("HELP"); got.Parent != "CAMPUS" || got.BackReport != "resolve" {
		t.Errorf("got %+v", got)
	}
	admin.get("/trackers").is(200).has("Campus", "Help desk")
	s.ada.post(settingsAt+"/archive", "do", "archive").redirects(at)
	s.ada.get(settingsAt).is(200).has("This tracker is archived").lacks(">Save<")
	s.save(s.ada, settingsAt, "name", "X", "mode", "ticketing").is(http.StatusConflict)
	s.ada.get("/trackers").is(200).has("Help desk", "archived")
	s.ada.post(settingsAt+"/archive", "do", "unarchive").redirects(at)
	if s.settings("HELP").Archived {
		t.Error("the tracker is still archived")
	}
}

func TestTheWorkflowIsDrawnEditedTriedAndReset(t *testing.T) {
	t.Parallel()
	s := newPageSite(t, "workflow", "strict")
	id := s.post(s.emile, "a ticket")
	at := settingsAt + "/workflow"
	page := s.ada.get(at).is(200).has("<svg", "The rules are those of the mode", "Posted → Open: Developer")
	arcs := func(p shownPage) int { return strings.Count(p.body, `<g class="arc `) }
	if all, few := arcs(page), arcs(s.ada.get(at+"?role=reporter")); few == 0 || few >= all {
		t.Errorf("%d arcs are drawn for all, %d for reporters", all, few)
	}
	s.ada.get(at + "/testing").is(404) // which is not enabled
	s.ada.get(at + "/transferred").is(404)
	s.grace.get(at).is(http.StatusForbidden)
	s.eve.get(at + "/posted").is(404)

	form := []string{"open.0", "row", "open.0.role", "developer", "open.0.role", "resolver", "open.0.need", "comment", "open.1", "row",
		"waiting.0", "row", "waiting.0.role", "reporter", "waiting.0.own", "on"}
	s.save(s.ada, at+"/posted", append(form, "do", "look")...).is(200).has("What would change", "Reporter, on own tickets", `value="comment" aria-label="Open, rule 1: requires: comment" checked`)
	if s.settings("HELP").ChosenRules != nil {
		t.Fatal("a look has changed the rules")
	}
	s.save(s.ada, at+"/posted", append(form, "do", "save")...).redirects(at)
	var posted, others int
	for _, r := range s.settings("HELP").ChosenRules {
		if r.From != "posted" {
			others++
			continue
		}
		posted++
		if r.To == "waiting" && (!r.Own || !slices.Equal(r.Roles, []string{"reporter"})) || r.To == "open" && !slices.Equal(r.Requires, []string{"comment"}) {
			t.Errorf("got the rule %+v", r)
		}
	}
	if posted != 2 || others < 20 {
		t.Errorf("got %d rules from posted and %d others, want 2 and those that there were", posted, others)
	}
	s.emile.post("/tickets/"+id+"/state", "to", "waiting").is(http.StatusSeeOther)

	s.ada.get(at + "?ask=reset").is(200).has("What would change with the rules of the preset")
	s.save(s.ada, at, "do", "reset").redirects(at)
	if s.settings("HELP").ChosenRules != nil {
		t.Error("the rules are still those made by hand")
	}
	s.ada.get(at + "?ask=relaxed").is(200).has("if the workflow were relaxed")
	s.save(s.ada, at, "do", "relaxed").redirects(at)
	if got := s.settings("HELP").Workflow; got != "relaxed" {
		t.Errorf("got the workflow %s", got)
	}
	s.save(s.ada, at, "do", "loose").is(422)
}

func TestFieldsOfEachTypeAreMadeInAForm(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	at, fresh := settingsAt+"/fields", settingsAt+"/new-field"
	for _, kind := range []string{"text", "textarea", "number", "date", "user", "file", "url", "autourl", "captcha"} {
		s.ada.get(fresh + "?type=" + kind).is(200)
		s.save(s.ada, fresh, "do", "save", "type", kind, "label.en", "A "+kind, "label.fr", "Un "+kind).redirects(at)
	}
	options := []string{"option.0.code", "", "option.0.en", "Très grand", "option.1.code", "low", "option.1.en", "Low", "option.2.code", ""}
	for _, kind := range []string{"dropdown", "radio", "multiselect", "checkbox"} {
		s.save(s.ada, fresh, append(options, "do", "save", "type", kind, "code", kind, "label.en", kind, "default", "low", "layout", "")...).redirects(at)
	}
	s.save(s.ada, fresh, "do", "save", "type", "constant", "code", "site", "source", "value", "value", "here").redirects(at)
	got := s.settings("HELP").Fields
	if len(got) != 14 || got[0].Code != "a_text" || got[9].Options[0].Code != "tres_grand" || got[9].Default != "low" {
		t.Fatalf("got %+v", got)
	}
	s.ada.get(at).is(200).has("A text", "one line of text", `name="answers.dropdown"`, "The form for new tickets")
	s.save(s.ada, fresh, "do", "save", "type", "dropdown", "label.en", "Empty").is(422).has("This is required", `value="Empty"`)
	s.save(s.ada, fresh, "do", "save", "type", "text", "code", "a_text").is(422).has("A field has this code already")
	s.save(s.ada, fresh, "do", "save", "type", "textarea", "code", "long", "listable", "on").is(422).has("does not go with this type")
	s.eve.post(fresh, "do", "save", "type", "text", "code", "x").is(404)
	s.grace.post(at+"/a_text", "do", "save", "type", "text").is(http.StatusForbidden)
	s.ada.get(at + "/none").is(404)
}

func TestFieldsAreChangedOrderedConditionedTriedAndTakenOut(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	at, fresh := settingsAt+"/fields", settingsAt+"/new-field"
	kind := []string{"type", "dropdown", "code", "kind", "label.en", "Kind", "option.0.code", "hard", "option.1.code", "soft"}
	s.save(s.ada, fresh, append(kind, "do", "save")...).redirects(at)
	serial := []string{"type", "text", "code", "serial", "label.en", "Serial", "mandatory", "on", "condition.field", "kind"}
	s.ada.post(fresh, append(serial, "do", "look")...).is(200).has(`name="condition.answer" value="hard"`).lacks(`name="answers.serial"`)
	s.ada.post(fresh, append(serial, "condition.answer", "hard", "answers.kind", "hard", "do", "look")...).is(200).has(`name="answers.serial"`)
	s.save(s.ada, fresh, append(serial, "do", "save")...).is(422)
	s.save(s.ada, fresh, append(serial, "condition.answer", "hard", "do", "save")...).redirects(at)
	s.ada.get(at).has("asked where “Kind” is: hard").lacks(`name="answers.serial"`)
	s.ada.post(at, "do", "refresh", "answers.kind", "hard").is(200).has(`name="answers.serial"`)
	got := s.settings("HELP").Fields
	if len(got) != 2 || got[1].Condition.Field != "kind" || !slices.Equal(got[1].Condition.Answers, []string{"hard"}) || !got[1].Mandatory {
		t.Fatalf("got %+v", got)
	}
	s.save(s.ada, at, "do", "up.serial").redirects(at)
	if got := s.settings("HELP").Fields; got[0].Code != "serial" {
		t.Errorf("got %s first", got[0].Code)
	}
	s.post(s.emile, "a ticket", "answers.kind", "soft", "sent", "yes")
	s.settlePages()
	s.ada.post(at+"/kind", append(kind, "do", "up.1")...).is(200).has(`name="option.0.code" id="option.0.code" value="soft"`)
	s.save(s.ada, at+"/kind", append(slices.Clone(kind[:8]), "do", "save")...).is(422).has("it may be retired, not deleted")
	s.save(s.ada, at+"/kind", append(kind, "option.1.retired", "on", "hidden", "on", "listable", "on", "do", "save")...).is(422) // serial would tell of it
	s.save(s.ada, at+"/kind", append(kind, "option.1.retired", "on", "listable", "on", "do", "save")...).redirects(at)
	if got := s.settings("HELP").Fields[1]; !got.Options[1].Retired || !got.Listable || got.Hidden {
		t.Errorf("got %+v", got)
	}
	s.ada.post(at + "/kind/remove").is(http.StatusConflict).has("Whether other fields are asked depends on this one")
	s.ada.post(at + "/serial/remove").redirects(at)
	s.ada.get(at).has("Out of use", "Serial")
	s.ada.get(at + "/serial").is(200).has("Use it again")
	s.save(s.ada, at+"/serial", "type", "text", "label.en", "Serial", "do", "save").redirects(at)
	if got := s.settings("HELP"); len(got.Fields) != 2 || len(got.Former) != 0 {
		t.Errorf("got %+v and out of use %+v", got.Fields, got.Former)
	}
}

func TestAFieldOfTheLibraryIsUsedAsItIsThere(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	at := settingsAt + "/fields"
	s.want(200, s.ask(s.token, "PUT", "/api/v1/fields/site", map[string]any{"type": "text", "label": map[string]string{"en": "Which site?"}}), nil)
	s.settlePages()
	s.ada.get(at).is(200).has("Which site?", "Use this shared field")
	s.ada.post(at, "do", "use", "shared", "site").redirects(at)
	s.ada.get(at).is(200).has("Which site?", ">shared<", `name="answers.site"`).lacks("Use this shared field")
	s.ada.get(at + "/site").is(200).has("stands in the site’s library").lacks(`name="label.en"`)
	s.save(s.ada, at+"/site", "shared", "on", "mandatory", "on", "do", "save").redirects(at)
	if got := s.settings("HELP").Fields[0]; !got.Shared || !got.Mandatory || got.Label.EN != "Which site?" {
		t.Errorf("got %+v", got)
	}
}
