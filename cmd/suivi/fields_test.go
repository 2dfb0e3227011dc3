package main

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

type object = map[string]any

// field sets a field of DESK.
func (d *desk) field(token, code string, field object) answer {
	d.t.Helper()
	if field["label"] == nil {
		field["label"] = object{"fr": "Le " + code, "en": "The " + code}
	}
	return d.ask(token, "PUT", deskPath+"/fields/"+code, field)
}

func (d *desk) fields(token string, fields map[string]object) {
	d.t.Helper()
	for code, field := range fields {
		d.want(http.StatusOK, d.field(token, code, field), nil)
	}
}

func choices(codes ...string) []object {
	var all []object
	for _, code := range codes {
		all = append(all, object{"code": code, "label": object{"en": "Option " + code}})
	}
	return all
}

// wrongs are the wrong parts of a problem, by part.
func (d *desk) wrongs(a answer) map[string]string {
	d.t.Helper()
	var problem struct{ Errors []domain.FieldError }
	d.want(http.StatusUnprocessableEntity, a, &problem)
	got := map[string]string{}
	for _, e := range problem.Errors {
		got[e.Field] = e.Code
	}
	return got
}

type answered struct {
	ID      string
	Answers map[string]string
}

// postWith posts a ticket with the answers and gives what came back.
func (d *desk) postWith(token string, answers map[string]string) (t answered) {
	d.t.Helper()
	d.want(http.StatusCreated, d.ask(token, "POST", deskPath+"/tickets", object{"summary": "S", "answers": answers}), &t)
	return t
}

func TestEveryTypeOfFieldPostsEditsAndIsShown(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir(), "--site-name", "University of B", "--site-short-name", "UB")
	tokens, ids := staffed(d, map[string]any{"course": object{"id": "C-7", "shortName": "ALG", "name": "Algebra"}})
	long := strings.Repeat("é", 10_000)
	page := "https://example.org/page"
	d.fields(tokens[domain.Manager], map[string]object{
		"a_text": {"type": "text"}, "b_lines": {"type": "textarea"}, "c_number": {"type": "number"}, "d_day": {"type": "date"},
		"e_drop": {"type": "dropdown", "options": choices("x", "y")}, "f_radio": {"type": "radio", "layout": "horizontal", "options": choices("x", "y")},
		"g_multi": {"type": "multiselect", "options": choices("x", "y", "z")}, "h_check": {"type": "checkbox", "layout": "horizontal", "options": choices("x", "y", "z")},
		"i_user": {"type": "user"}, "j_url": {"type": "url"}, "k_from": {"type": "autourl"},
	})
	constants := map[string]string{
		"value": "fixed", "site-short-name": "UB", "site-name": "University of B", "tracker-key": "DESK",
		"course-id": "C-7", "course-short-name": "ALG", "course-name": "Algebra",
	}
	want := map[string]string{}
	for source, says := range constants {
		field := object{"type": "constant", "source": source}
		if source == "value" {
			field["value"] = says
		}
		code := "z_" + strings.ReplaceAll(source, "-", "_")
		d.want(http.StatusOK, d.field(tokens[domain.Manager], code, field), nil)
		want[code] = says
	}
	given := map[string]string{
		"a_text": " B12", "b_lines": long, "c_number": "07,50", "d_day": "2026-1-3", "e_drop": "x", "f_radio": "y", "g_multi": "z,x",
		"h_check": "y", "i_user": ids[domain.Resolver], "j_url": "https://Example.org", "k_from": page,
	}
	maps.Copy(want, map[string]string{
		"a_text": "B12", "b_lines": long, "c_number": "7.5", "d_day": "2026-01-03", "e_drop": "x", "f_radio": "y", "g_multi": "x,z",
		"h_check": "y", "i_user": ids[domain.Resolver], "j_url": "https://example.org", "k_from": page,
	})
	posted := d.postWith(tokens[domain.Reporter], given)
	if diff := cmp.Diff(want, posted.Answers); diff != "" {
		t.Error(diff)
	}
	path := "/api/v1/tickets/" + posted.ID
	d.configure(tokens[domain.Manager], map[string]any{"course": object{"name": "Geometry"}}) // a constant stays what it was
	var edited, read answered
	a := d.ask(tokens[domain.Reporter], "PATCH", path, object{"answers": object{"c_number": "-1.250", "h_check": "z,x", "d_day": nil}})
	d.want(http.StatusOK, a, &edited)
	want["c_number"], want["h_check"] = "-1.25", "x,z"
	delete(want, "d_day")
	d.want(http.StatusOK, d.ask(tokens[domain.Reporter], "GET", path, nil, "X-Suivi-After", a.position), &read)
	for _, got := range []answered{edited, read} {
		if diff := cmp.Diff(want, got.Answers); diff != "" {
			t.Error(diff)
		}
	}
	bad := object{"c_number": "many", "d_day": "tomorrow", "e_drop": "q", "g_multi": "x,q", "i_user": "Ada", "j_url": "javascript:1", "k_from": "", "z_value": "mine", "nil": "x"}
	codes := map[string]string{
		"answers.c_number": "not-a-number", "answers.d_day": "not-a-date", "answers.e_drop": "unknown-option", "answers.g_multi": "unknown-option",
		"answers.i_user": "unknown-user", "answers.j_url": "not-a-url", "answers.k_from": "not-editable", "answers.z_value": "not-editable", "answers.nil": "unknown-field",
	}
	if diff := cmp.Diff(codes, d.wrongs(d.ask(tokens[domain.Manager], "PATCH", path, object{"answers": bad}))); diff != "" {
		t.Error(diff)
	}
}

// What a reporter may not see is told by no exit, and outlives their edits.
func TestAHiddenAnswerIsToldByNoExit(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"mode": "bugtracker"})
	reporter, staff := tokens[domain.Reporter], tokens[domain.Developer]
	d.fields(tokens[domain.Manager], map[string]object{
		"secret": {"type": "text", "hidden": true, "listable": true, "default": "S3CRET-a"}, "room": {"type": "text", "listable": true},
		"level": {"type": "number", "hidden": true, "listable": true, "default": "41241"},
	})
	path := "/api/v1/tickets/" + d.postWith(reporter, map[string]string{"room": "B12"}).ID
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "PATCH", path, object{"answers": object{"secret": "S3CRET-b"}}), nil)
	d.want(http.StatusOK, d.ask(reporter, "PATCH", path, object{"summary": "Mine", "answers": object{"room": "B13"}}), nil)
	last := d.field(tokens[domain.Manager], "other", object{"type": "text", "hidden": true, "label": object{"en": "S3CRET"}})
	d.want(http.StatusOK, last, nil)
	exits := []string{
		path, path + "?at=1", path + "?at=2", path + "/history", path + "/transitions", deskPath, "/api/v1/trackers", "/api/v1/tickets?tracker=DESK",
		path + "/state-history", path + "/ownership-history", path + "/comments", path + "/branches", path + "/watchers", deskPath + "/workflow",
		"/api/v1/find?q=DESK-1", "/api/v1/me/watches", "/api/v1/tickets?fields=secret,level,room", "/api/v1/tickets?sort=field.secret", "/api/v1/tickets?sort=-field.level&limit=1",
	}
	for _, exit := range exits {
		a := d.ask(reporter, "GET", exit, nil, "X-Suivi-After", last.position)
		d.want(http.StatusOK, a, nil)
		if text := string(a.body); strings.Contains(text, "S3CRET") || strings.Contains(text, "secret") || strings.Contains(text, "41241") {
			t.Errorf("%s tells a reporter %s", exit, text)
		}
	}
	// As for a field that does not exist: nothing has an answer, and the sort is the id's.
	for query, want := range map[string]int{
		"field.secret=S3CRET-b": 0, "field.secret=": 1, "field.level=41241": 0, "field.level.from=0": 0, "field.level.to=99999": 0, "field.nil=x": 0, "q=S3CRET": 0, "q=41241": 0, "q=B13": 1, "field.nil=": 1,
	} {
		var list struct{ Tickets []answered }
		var counts struct{ Lists map[string]int }
		d.want(http.StatusOK, d.ask(reporter, "GET", "/api/v1/tickets?"+query, nil), &list)
		d.want(http.StatusOK, d.ask(reporter, "GET", "/api/v1/tickets/counts?"+query, nil), &counts)
		if len(list.Tickets) != want || counts.Lists["open"] != want {
			t.Errorf("a reporter finds %d by %s and counts %v, want %d", len(list.Tickets), query, counts, want)
		}
	}
	for _, code := range []string{"secret", "nil"} {
		for _, a := range []answer{
			d.ask(reporter, "PATCH", path, object{"answers": object{code: "x"}}), d.ask(reporter, "POST", deskPath+"/tickets", object{"summary": "S", "answers": object{code: "x"}}),
		} {
			if diff := cmp.Diff(map[string]string{"answers." + code: "unknown-field"}, d.wrongs(a)); diff != "" {
				t.Errorf("%s: %s", code, diff)
			}
		}
	}
	var history struct{ History []struct{ Version int } }
	d.want(http.StatusOK, d.ask(reporter, "GET", path+"/history", nil), &history)
	if len(history.History) != 2 || history.History[1].Version != 3 {
		t.Errorf("the reporter's history: %+v", history)
	}
	var seen answered // from here on the ticket is open
	d.want(http.StatusOK, d.ask(staff, "GET", path, nil), &seen)
	if diff := cmp.Diff(map[string]string{"room": "B13", "secret": "S3CRET-b", "level": "41241"}, seen.Answers); diff != "" {
		t.Errorf("staff: %s", diff)
	}
	var found struct{ Tickets []answered }
	d.want(http.StatusOK, d.ask(staff, "GET", "/api/v1/tickets?q=s3cret", nil), &found)
	if len(found.Tickets) != 1 {
		t.Errorf("staff find %d by the hidden answer, want 1", len(found.Tickets))
	}
	// Out of use it stays hidden.
	last = d.ask(tokens[domain.Manager], "DELETE", deskPath+"/fields/secret", nil)
	d.want(http.StatusOK, last, nil)
	for _, exit := range exits {
		if a := d.ask(reporter, "GET", exit, nil, "X-Suivi-After", last.position); strings.Contains(string(a.body), "S3CRET") || strings.Contains(string(a.body), "secret") {
			t.Errorf("%s tells a reporter of what is out of use: %s", exit, a.body)
		}
	}
	d.want(http.StatusOK, d.ask(reporter, "GET", "/api/v1/tickets?q=s3cret", nil), &found)
	if len(found.Tickets) != 0 {
		t.Error("a reporter finds the ticket by the answer to a hidden field that is out of use")
	}
	// Nor by the answer to a command about another ticket.
	d.post(reporter, "Another")
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "PUT", deskPath+"/roles/reporter", object{"granted": []string{"manage-dependencies"}}), nil)
	for _, a := range []answer{d.ask(reporter, "PUT", path+"/prerequisites/DESK-2", nil), d.ask(reporter, "DELETE", path+"/prerequisites/DESK-2", nil)} {
		d.want(http.StatusOK, a, nil)
		if strings.Contains(string(a.body), "S3CRET") {
			t.Errorf("a dependency tells a reporter %s", a.body)
		}
	}
}

func TestAnAnswerRepeatedByItsKeyHidesWhatIsHidden(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	d.fields(tokens[domain.Manager], map[string]object{"secret": {"type": "text", "hidden": true, "default": "S3CRET"}})
	for range 2 {
		a := d.ask(tokens[domain.Reporter], "POST", deskPath+"/tickets", object{"summary": "S"}, "Idempotency-Key", "one")
		d.want(http.StatusCreated, a, nil)
		if strings.Contains(string(a.body), "S3CRET") {
			t.Errorf("the post answers %s", a.body)
		}
	}
	for range 2 {
		a := d.ask(tokens[domain.Reporter], "PATCH", "/api/v1/tickets/DESK-1", object{"summary": "T"}, "Idempotency-Key", "two")
		d.want(http.StatusOK, a, nil)
		if strings.Contains(string(a.body), "S3CRET") {
			t.Errorf("the edit answers %s", a.body)
		}
	}
}

func TestAnInactiveFieldIsNotAskedAndItsAnswersAreShown(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	room := object{"type": "text", "mandatory": true, "listable": true}
	d.fields(tokens[domain.Manager], map[string]object{"room": room})
	old := d.postWith(tokens[domain.Reporter], map[string]string{"room": "B12"})
	if diff := cmp.Diff(map[string]string{"answers.room": "required"}, d.wrongs(d.ask(tokens[domain.Reporter], "POST", deskPath+"/tickets", object{"summary": "S"}))); diff != "" {
		t.Error(diff)
	}
	room["inactive"] = true
	d.fields(tokens[domain.Manager], map[string]object{"room": room})
	if got := d.postWith(tokens[domain.Reporter], nil); len(got.Answers) != 0 {
		t.Errorf("got %v", got.Answers)
	}
	if diff := cmp.Diff(map[string]string{"answers.room": "inactive-field"}, d.wrongs(d.ask(tokens[domain.Reporter], "POST", deskPath+"/tickets", object{"summary": "S", "answers": object{"room": "B1"}}))); diff != "" {
		t.Error(diff)
	}
	var read answered
	d.want(http.StatusOK, d.ask(tokens[domain.Reporter], "GET", "/api/v1/tickets/"+old.ID, nil), &read)
	if read.Answers["room"] != "B12" {
		t.Errorf("got %v", read.Answers)
	}
}

func TestAFieldIsAskedByAnother(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	manager, reporter := tokens[domain.Manager], tokens[domain.Reporter]
	d.want(http.StatusOK, d.field(manager, "kind", object{"type": "radio", "options": choices("soft", "hard")}), nil)
	d.want(http.StatusOK, d.field(manager, "part", object{"type": "text", "mandatory": true, "condition": object{"field": "kind", "answers": []string{"hard"}}}), nil)
	if diff := cmp.Diff(map[string]string{"condition.field": "cycle"}, d.wrongs(d.field(manager, "kind", object{"type": "radio", "options": choices("soft", "hard"), "condition": object{"field": "part", "answers": []string{"x"}}}))); diff != "" {
		t.Error(diff)
	}
	d.refused(http.StatusConflict, "field-needed", d.ask(manager, "DELETE", deskPath+"/fields/kind", nil))
	d.postWith(reporter, map[string]string{"kind": "soft"})
	for _, c := range []struct {
		answers object
		code    string
	}{{object{"kind": "hard"}, "required"}, {object{"kind": "soft", "part": "fan"}, "not-asked"}, {object{"part": "fan"}, "not-asked"}} {
		if diff := cmp.Diff(map[string]string{"answers.part": c.code}, d.wrongs(d.ask(reporter, "POST", deskPath+"/tickets", object{"summary": "S", "answers": c.answers}))); diff != "" {
			t.Errorf("%v: %s", c.answers, diff)
		}
	}
	posted := d.postWith(reporter, map[string]string{"kind": "hard", "part": "fan"})
	var edited answered
	d.want(http.StatusOK, d.ask(reporter, "PATCH", "/api/v1/tickets/"+posted.ID, object{"answers": object{"kind": "soft"}}), &edited)
	if diff := cmp.Diff(map[string]string{"kind": "soft"}, edited.Answers); diff != "" {
		t.Error(diff)
	}
}

func TestAnOptionThatTicketsHaveIsRetiredNotDeleted(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	manager, reporter := tokens[domain.Manager], tokens[domain.Reporter]
	for _, kind := range []string{"dropdown", "radio", "multiselect", "checkbox"} {
		with := func(options []object) answer {
			return d.field(manager, "f_"+kind, object{"type": kind, "options": options})
		}
		d.want(http.StatusOK, with(choices("a", "b", "c", "d")), nil)
		used := "b"
		if kind == "checkbox" || kind == "multiselect" {
			used = "b,d"
		}
		posted := d.postWith(reporter, map[string]string{"f_" + kind: used})
		d.want(http.StatusOK, with(choices("d", "c", "b")), nil) // reordered, and without what nobody has
		if diff := cmp.Diff(map[string]string{"options": "option-in-use"}, d.wrongs(with(choices("d", "c")))); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
		options := choices("d", "b")
		options[1]["retired"] = true
		options[0]["label"] = object{"en": "Another label"}
		d.want(http.StatusOK, with(options), nil)
		if diff := cmp.Diff(map[string]string{"answers.f_" + kind: "retired-option"}, d.wrongs(d.ask(reporter, "POST", deskPath+"/tickets", object{"summary": "S", "answers": object{"f_" + kind: "b"}}))); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
		d.want(http.StatusOK, d.ask(reporter, "PATCH", "/api/v1/tickets/"+posted.ID, object{"answers": object{"f_" + kind: used}}), nil)
		if diff := cmp.Diff(map[string]string{"type": "type-changed"}, d.wrongs(d.field(manager, "f_"+kind, object{"type": "text"}))); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
	d.want(http.StatusOK, d.field(manager, "fresh", object{"type": "number"}), nil)
	d.want(http.StatusOK, d.field(manager, "fresh", object{"type": "text"}), nil) // nobody has answered it
	d.postWith(reporter, map[string]string{"fresh": "x"})
	d.want(http.StatusOK, d.field(manager, "fresh", object{"type": "textarea"}), nil)
	d.want(http.StatusOK, d.ask(manager, "DELETE", deskPath+"/fields/fresh", nil), nil)
	if diff := cmp.Diff(map[string]string{"type": "type-changed"}, d.wrongs(d.field(manager, "fresh", object{"type": "date"}))); diff != "" {
		t.Errorf("a code that comes back: %s", diff)
	}
}

func TestTheOrderOfFieldsIsThatOfTheTracker(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	for _, code := range []string{"one", "two", "three"} {
		d.want(http.StatusOK, d.field(tokens[domain.Manager], code, object{"type": "text"}), nil)
	}
	a := d.ask(tokens[domain.Manager], "PUT", deskPath+"/fields", object{"codes": []string{"three", "one", "two"}})
	d.want(http.StatusOK, a, nil)
	var shown trackerShown
	d.want(http.StatusOK, d.ask(tokens[domain.Reporter], "GET", deskPath, nil, "X-Suivi-After", a.position), &shown)
	var codes []string
	for _, f := range shown.Fields {
		codes = append(codes, f.Code)
	}
	if diff := cmp.Diff([]string{"three", "one", "two"}, codes); diff != "" {
		t.Error(diff)
	}
}

// fieldsOf are the fields that an answer tells, as "label: answer (options)".
func (d *desk) fieldsOf(token, path, after string) []string {
	d.t.Helper()
	var t struct {
		Fields []struct {
			Label   struct{ EN string }
			Answer  string
			Options []struct{ Label struct{ EN string } }
		}
	}
	d.want(http.StatusOK, d.ask(token, "GET", path, nil, "X-Suivi-After", after), &t)
	var all []string
	for _, f := range t.Fields {
		text := []string{f.Label.EN + ": " + f.Answer}
		for _, o := range f.Options {
			text = append(text, "("+o.Label.EN+")")
		}
		all = append(all, strings.Join(text, " "))
	}
	return all
}

func TestAnOldTicketShowsItsFieldsAsTheyWere(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	manager, reporter := tokens[domain.Manager], tokens[domain.Reporter]
	kind := func(label, one string) object {
		return object{"type": "checkbox", "label": object{"en": label}, "options": []object{{"code": "a", "label": object{"en": one}}, {"code": "b", "label": object{"en": "Two"}}}}
	}
	d.want(http.StatusOK, d.ask(d.token, "PUT", "/api/v1/fields/campus", object{"type": "text", "label": object{"en": "Campus"}}), nil)
	d.want(http.StatusOK, d.field(manager, "kind", kind("Kind", "One")), nil)
	d.want(http.StatusOK, d.ask(manager, "PUT", deskPath+"/fields/campus", object{"shared": true}), nil)
	path := "/api/v1/tickets/" + d.postWith(reporter, map[string]string{"kind": "b,a", "campus": "North"}).ID
	d.want(http.StatusOK, d.field(manager, "kind", kind("Sort", "First")), nil)
	d.want(http.StatusOK, d.ask(d.token, "PUT", "/api/v1/fields/campus", object{"type": "text", "label": object{"en": "Site"}}), nil)
	edit := d.ask(reporter, "PATCH", path, object{"answers": object{"kind": "a"}})
	d.want(http.StatusOK, edit, nil)
	var now struct{ UpdatedAt string }
	d.want(http.StatusOK, edit, &now)
	d.want(http.StatusOK, d.field(manager, "kind", kind("Class", "Uno")), nil)
	last := d.ask(manager, "DELETE", deskPath+"/fields/campus", nil)
	d.want(http.StatusOK, last, nil)
	for at, want := range map[string][]string{
		"":                         {"Class: a (Uno)", "Site: North"},
		"?at=1":                    {"Kind: a,b (One) (Two)", "Campus: North"},
		"?at=2":                    {"Sort: a (First)", "Site: North"},
		"?at=" + now.UpdatedAt:     {"Sort: a (First)", "Site: North"},
		"?at=2099-01-01T00:00:00Z": {"Class: a (Uno)", "Site: North"},
	} {
		if diff := cmp.Diff(want, d.fieldsOf(reporter, path+at, last.position)); diff != "" {
			t.Errorf("%q: %s", at, diff)
		}
	}
	var history struct {
		History []struct {
			Words  string
			Fields []struct{ Label struct{ EN string } }
		}
	}
	d.want(http.StatusOK, d.ask(reporter, "GET", path+"/history", nil), &history)
	if h := history.History; len(h) != 2 || h[1].Words != "Edited: Sort." || h[0].Fields[0].Label.EN != "Kind" || h[0].Fields[1].Label.EN != "Campus" || h[1].Fields[0].Label.EN != "Sort" {
		t.Errorf("got %+v", h)
	}
}

func TestASharedFieldIsOneFieldInEveryTracker(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", object{"key": "OTHER", "name": "Other"}), nil)
	const definition, otherField = "/api/v1/fields/campus", "/api/v1/trackers/OTHER/fields/campus"
	manager := tokens[domain.Manager]
	campus := func(label string, codes ...string) object {
		return object{"type": "dropdown", "label": object{"en": label}, "options": choices(codes...)}
	}
	d.refused(http.StatusForbidden, "admin-only", d.ask(manager, "PUT", definition, campus("Mine", "n")))
	d.want(http.StatusOK, d.ask(d.token, "PUT", definition, campus("Campus", "n", "s", "e")), nil)
	d.want(http.StatusOK, d.ask(manager, "PUT", deskPath+"/fields/campus", object{"shared": true, "mandatory": true}), nil)
	d.want(http.StatusOK, d.ask(d.token, "PUT", otherField, object{"shared": true, "hidden": true}), nil)
	d.postWith(tokens[domain.Reporter], map[string]string{"campus": "s"})
	if diff := cmp.Diff(map[string]string{"options": "option-in-use"}, d.wrongs(d.ask(d.token, "PUT", definition, campus("Campus", "n")))); diff != "" {
		t.Error(diff)
	}
	changed := d.ask(d.token, "PUT", definition, campus("Place", "s", "w"))
	d.want(http.StatusOK, changed, nil)
	for _, tracker := range []string{"DESK", "OTHER"} {
		var shown trackerShown
		d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/trackers/"+tracker, nil, "X-Suivi-After", changed.position), &shown)
		f := shown.Fields[0]
		if f.Label.EN != "Place" || len(f.Options) != 2 || f.Hidden != (tracker == "OTHER") || f.Mandatory != (tracker == "DESK") || !f.Shared {
			t.Errorf("%s: %+v", tracker, f)
		}
	}
	for answer, code := range map[string]string{"n": "unknown-option", "": "required"} {
		if diff := cmp.Diff(map[string]string{"answers.campus": code}, d.wrongs(d.ask(tokens[domain.Reporter], "POST", deskPath+"/tickets", object{"summary": "S", "answers": object{"campus": answer}}))); diff != "" {
			t.Error(diff)
		}
	}
	d.postWith(tokens[domain.Reporter], map[string]string{"campus": "w"})
	// Used by one, by another, by none.
	d.refused(http.StatusConflict, "field-in-use", d.ask(d.token, "DELETE", definition, nil))
	d.want(http.StatusOK, d.ask(manager, "DELETE", deskPath+"/fields/campus", nil), nil)
	d.refused(http.StatusConflict, "field-in-use", d.ask(d.token, "DELETE", definition, nil))
	d.want(http.StatusOK, d.ask(d.token, "DELETE", otherField, nil), nil)
	d.want(http.StatusOK, d.ask(d.token, "DELETE", definition, nil), nil)
	if diff := cmp.Diff(map[string]string{"shared": "unknown-field"}, d.wrongs(d.ask(manager, "PUT", deskPath+"/fields/campus", object{"shared": true}))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"type": "type-changed"}, d.wrongs(d.ask(d.token, "PUT", definition, object{"type": "number", "label": object{}}))); diff != "" {
		t.Errorf("a code that comes back: %s", diff)
	}
	if diff := cmp.Diff([]string{"Place: s (Option s)"}, d.fieldsOf(tokens[domain.Reporter], "/api/v1/tickets/DESK-1", changed.position)); diff != "" {
		t.Errorf("an old ticket: %s", diff)
	}
}

func TestTheLibraryIsForThoseWhoConfigure(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	a := d.ask(d.token, "PUT", "/api/v1/fields/campus", object{"type": "text", "label": object{"en": "Campus"}})
	d.want(http.StatusOK, a, nil)
	for role, want := range map[domain.Role]int{domain.Reporter: 0, domain.Developer: 0, domain.Resolver: 0, domain.Manager: 1} {
		var library struct{ Fields []any }
		d.want(http.StatusOK, d.ask(tokens[role], "GET", "/api/v1/fields", nil, "X-Suivi-After", a.position), &library)
		one := d.ask(tokens[role], "GET", "/api/v1/fields/campus", nil)
		if len(library.Fields) != want || (one.status == http.StatusOK) != (want == 1) {
			t.Errorf("%s: %d fields, and the one answers %d", role, len(library.Fields), one.status)
		}
	}
}
