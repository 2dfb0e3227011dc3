package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

// folds tells of each panel that can be folded whether it is open.
func (p shownPage) folds() map[string]bool {
	p.t.Helper()
	folds := map[string]bool{}
	for _, n := range p.find(func(n *html.Node) bool { return n.Data == "details" && attr(n, "class") == "fold" }) {
		folds[attr(n, "id")] = slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "open" })
	}
	return folds
}

// What a setting of the site is for it changes, and nothing else: row 95.
func TestTheSiteSaysWhichPanelsAreOpenAtFirst(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	id := s.post(s.emile, "the lamp")
	s.ada.post("/tickets/"+id+"/state", "to", "working").is(http.StatusSeeOther)
	s.ada.post("/tickets/"+id+"/comments", "body", "on my way").is(http.StatusSeeOther)
	s.ada.post("/tickets/"+id+"/comments", "body", "among us", "internal", "on").is(http.StatusSeeOther)
	events := s.ask(s.token, "GET", "/api/v1/tickets/"+id+"/history", nil).body
	at := func(v *visitor, want map[string]bool) shownPage {
		t.Helper()
		page := v.get("/tickets/"+id).is(200).has("on my way", "the lamp")
		if diff := cmp.Diff(want, page.folds()); diff != "" {
			t.Errorf("want - got:\n%s", diff)
		}
		return page
	}
	at(s.ada, map[string]bool{"fold-dependencies": true, "fold-watchers": true})
	choose := func(open ...string) {
		t.Helper()
		form := []string{"do", "panels"}
		for _, panel := range open {
			form = append(form, "open", panel)
		}
		root.post("/admin/site", form...).redirects("/admin/site")
	}
	choose("comments", "history", "dependencies")
	at(s.ada, map[string]bool{"fold-dependencies": true, "fold-watchers": false})
	choose("comments", "watchers")
	at(s.ada, map[string]bool{"fold-dependencies": false, "fold-watchers": true, "fold-0": false}).has("1 change")
	choose("history", "dependencies", "watchers")
	at(s.ada, map[string]bool{"fold-dependencies": true, "fold-watchers": true, "fold-1": false}).has("2 comments and notes", "among us")
	at(s.emile, map[string]bool{"fold-watchers": true, "fold-1": false}).has("1 commentaire ou note").lacks("among us")
	choose("comments", "history", "dependencies", "watchers")
	at(s.ada, map[string]bool{"fold-dependencies": true, "fold-watchers": true})
	if now := s.ask(s.token, "GET", "/api/v1/tickets/"+id+"/history", nil).body; !bytes.Equal(now, events) {
		t.Errorf("the ticket's history was\n%s, and is\n%s", events, now)
	}
}

func TestTheSiteSaysHowNewFieldsAre(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	root := s.administrator()
	s.want(http.StatusOK, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/room", map[string]any{"type": "text", "label": map[string]any{"en": "Room"}}), nil)
	for _, code := range []string{"campus", "building"} {
		s.want(http.StatusOK, s.ask(s.token, "PUT", "/api/v1/fields/"+code, map[string]any{"type": "text", "label": map[string]any{"en": code}}), nil)
	}
	s.settlePages()
	ticked := func(kind string) map[string]bool {
		t.Helper()
		page := s.ada.get("/trackers/HELP/settings/new-field?type=" + kind).is(200)
		got := map[string]bool{}
		for _, n := range page.find(func(n *html.Node) bool {
			return n.Data == "input" && attr(n, "type") == "checkbox" && attr(n, "value") == "on"
		}) {
			got[attr(n, "name")] = slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "checked" })
		}
		return got
	}
	same := func(want, got map[string]bool) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want - got:\n%s", diff)
		}
	}
	same(map[string]bool{"mandatory": false, "hidden": false, "listable": false, "inactive": false}, ticked("text"))
	root.post("/admin/site", "do", "fields", "flag", "mandatory", "flag", "hidden").is(422).has("does not go with a field for staff alone", `value="hidden" checked`)
	root.post("/admin/site", "do", "fields", "flag", "mandatory", "flag", "inactive").redirects("/admin/site")
	same(map[string]bool{"mandatory": true, "hidden": false, "listable": false, "inactive": true}, ticked("text"))
	same(map[string]bool{"hidden": false, "listable": false, "inactive": true}, ticked("constant")) // nobody is asked for it
	s.save(s.ada, "/trackers/HELP/settings/fields", "do", "use", "shared", "campus").is(http.StatusSeeOther)
	root.post("/admin/site", "do", "fields", "flag", "hidden").redirects("/admin/site")
	same(map[string]bool{"hidden": false, "listable": false, "inactive": false}, ticked("captcha")) // it cannot be hidden
	s.save(s.ada, "/trackers/HELP/settings/fields", "do", "use", "shared", "building").is(http.StatusSeeOther)
	s.want(http.StatusOK, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/floor", map[string]any{"type": "text", "label": map[string]any{"en": "Floor"}}), nil)
	s.settlePages()
	var tracker struct {
		Fields []struct {
			Code                        string
			Mandatory, Hidden, Inactive bool
		}
	}
	if err := json.Unmarshal(s.ask(s.token, "GET", "/api/v1/trackers/HELP", nil).body, &tracker); err != nil {
		t.Fatal(err)
	}
	got := map[string][3]bool{}
	for _, f := range tracker.Fields {
		got[f.Code] = [3]bool{f.Mandatory, f.Hidden, f.Inactive}
	}
	want := map[string][3]bool{"room": {}, "campus": {true, false, true}, "building": {false, true, false}, "floor": {}} // what programs set they set
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want - got:\n%s", diff)
	}
}
