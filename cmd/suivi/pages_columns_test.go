package main

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// heads are the columns of the page's list, in their order.
func (p shownPage) heads() []string {
	var heads []string
	for _, n := range p.find(func(n *html.Node) bool {
		return n.Data == "th" && strings.HasPrefix(attr(n, "class"), "c-") && attr(n, "class") != "c-pick"
	}) {
		var text strings.Builder
		for d := range n.Descendants() {
			if d.Type == html.TextNode {
				text.WriteString(d.Data)
			}
		}
		heads = append(heads, text.String())
	}
	return heads
}

func TestColumnsAreChosenByEachPersonForEachList(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	for _, code := range []string{"room", "cost"} {
		field := map[string]any{"type": "text", "listable": true, "hidden": code == "cost", "label": map[string]string{"en": "The " + code, "fr": "Le " + code}}
		s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/"+code, field), nil)
	}
	s.settlePages()
	s.post(s.emile, "dark", "answers.room", "B12")
	const list, all = "/trackers/HELP/tickets", "/tickets"
	heads := func(v *visitor, path string, want ...string) {
		t.Helper()
		if got := v.get(path).is(200).heads(); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	heads(s.emile, list, "Ticket", "Résumé", "État", "Le room", "Attribué à", "Mis à jour")
	heads(s.ada, all, "Ticket", "Summary", "State", "Assignee", "Updated")

	s.ada.post("/columns", "tracker", "HELP", "column", "reporter", "column", "field.room", "column", "reportedAt", "column", "field.cost", "back", list+"?list=all").redirects(list + "?list=all")
	s.ada.get(list).is(200).has("The columns are as you chose", "Emile", "B12")
	heads(s.ada, list, "Ticket", "Summary", "Reporter", "The room", "Reported", "The cost")
	heads(s.ada, list+"?sort=rank", "Priority", "Ticket", "Summary", "Reporter", "The room", "Reported", "The cost")
	heads(s.ada, all, "Ticket", "Summary", "State", "Assignee", "Updated")
	if got := s.ada.get(list + ".csv").table(); !slices.Equal(got[0], []string{"Ticket", "Summary", "Reporter", "The room", "Reported", "The cost"}) || got[1][2] != "Emile" || got[1][3] != "B12" {
		t.Errorf("got the table %q", got)
	}
	s.ada.post("/columns", "column", "tracker", "column", "field.room", "column", "comments").redirects(all)
	heads(s.ada, all, "Ticket", "Summary", "Tracker", "The room", "Comments")
	heads(s.emile, list, "Ticket", "Résumé", "État", "Le room", "Attribué à", "Mis à jour")

	var sets struct {
		Lists map[string]struct{ Columns []string }
	}
	s.ada.api("GET", "/api/v1/me/columns", nil, &sets)
	if got := sets.Lists["HELP"].Columns; !slices.Equal(got, []string{"reporter", "field.room", "reportedAt", "field.cost"}) || len(sets.Lists["all"].Columns) != 3 {
		t.Errorf("got %v of the API", sets)
	}
	s.emile.api("PUT", "/api/v1/me/columns/HELP", map[string]any{"columns": []string{"updatedAt", "field.cost", "field.none", "version", "state"}}, nil)
	heads(s.emile, list, "Ticket", "Résumé", "Mis à jour", "État")
	s.emile.get(list).lacks("Le cost", "field.cost")

	s.ada.post("/columns", "tracker", "HELP", "do", "reset").redirects(list)
	s.ada.get(list).is(200).has("The columns are as at first")
	heads(s.ada, list, "Ticket", "Summary", "State", "The room", "The cost", "Assignee", "Updated")
	s.ada.post("/columns", "tracker", "HELP").redirects(list)
	heads(s.ada, list, "Ticket", "Summary")
	var query struct{ ID string }
	s.ada.api("POST", "/api/v1/queries", map[string]any{"name": "By day", "tracker": "HELP", "query": "list=all", "columns": []string{"id", "reportedAt", "state"}}, &query)
	heads(s.ada, list+"?list=all&saved="+query.ID, "Ticket", "Summary", "Reported", "State")
	if got := s.ada.get(list + ".csv?list=all&saved=" + query.ID).table(); !slices.Equal(got[0], []string{"Ticket", "Summary", "Reported", "State"}) {
		t.Errorf("got the table %q", got)
	}
	heads(s.emile, list+"?list=all&saved="+query.ID, "Ticket", "Résumé", "Mis à jour", "État") // which is not theirs
	s.ada.post("/columns", "column", "weather").is(422)
	s.eve.post("/columns", "tracker", "HELP", "column", "state").is(404)
}
