package main

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// table reads an answer as a spreadsheet does.
func (p shownPage) table() [][]string {
	p.t.Helper()
	p.is(http.StatusOK)
	text, marked := strings.CutPrefix(p.body, "\ufeff")
	if got := p.header.Get("Content-Type"); !marked || !strings.HasPrefix(got, "text/csv; charset=utf-8") {
		p.t.Fatalf("%s: got %s, marked %v", p.asked, got, marked)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		p.t.Fatal(err)
	}
	return rows
}

func TestAListIsATableWithItsColumnsAndNoFormulas(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	for code, hidden := range map[string]bool{"room": false, "cost": true} {
		field := map[string]any{"type": "text", "listable": true, "hidden": hidden, "label": map[string]string{"en": "The " + code, "fr": "Le " + code}}
		s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/fields/"+code, field), nil)
	}
	s.settlePages()
	id := s.post(s.emile, `=HYPERLINK("http://evil")`, "answers.room", "@SUM(1)")
	s.ada.api("PATCH", "/api/v1/tickets/"+id, map[string]any{"answers": map[string]string{"cost": "-40"}}, nil)
	s.ada.post("/tickets/"+id+"/assignee", "user", string(s.grace.id)).is(http.StatusSeeOther)
	of := func(v *visitor) [][]string {
		rows := v.get("/trackers/HELP/tickets.csv?sort=number").table()
		for i := range rows {
			rows[i] = rows[i][:len(rows[i])-1] // when it was updated
		}
		return rows
	}
	staff := of(s.ada)
	if len(staff) != 2 || !strings.Contains(strings.Join(staff[0], ","), "The cost") || !strings.Contains(strings.Join(staff[1], ","), "'-40") {
		t.Errorf("got %q for staff, want the hidden answer, harmless", staff)
	}
	want := [][]string{{"Ticket", "Résumé", "État", "Le room", "Attribué à"}, {id, `'=HYPERLINK("http://evil")`, "Posté", "'@SUM(1)", "Grace"}}
	if got := of(s.emile); cmp.Diff(want, got) != "" {
		t.Errorf("got %q for the reporter, want %q", got, want)
	}
	if got := s.eve.get("/tickets.csv").table(); len(got) != 1 {
		t.Errorf("got %q for somebody who sees nothing, want the head alone", got)
	}
	s.emile.get("/trackers/HELP/tickets").is(200).has("Le room").lacks("Le cost", "The cost")
	s.emile.get("/tickets?field.room=1").is(200).has("Le room")
	s.emile.get("/tickets?field.cost=1").lacks("Le cost", "The cost")
	s.eve.get("/trackers/HELP/tickets.csv").is(404)
	s.ada.get("/tickets.csv?sort=nothing").is(422)
	s.ada.get("/trackers/HELP/tickets?list=all").has(`href="/trackers/HELP/tickets.csv?list=all"`)
}

func TestATableHasAllPagesOfItsList(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	const many = 205 // more than a page of the API
	for i := range many {
		s.ada.api("POST", "/api/v1/trackers/HELP/tickets", map[string]any{"summary": fmt.Sprintf("ticket %d", i+1)}, nil)
	}
	s.settlePages()
	rows := s.ada.get("/tickets.csv?sort=number").table()
	if len(rows) != many+1 || rows[1][0] != "HELP-1" || rows[many][0] != "HELP-205" {
		t.Fatalf("got %d rows, from %v to %v", len(rows), rows[1], rows[len(rows)-1])
	}
	a := s.ask(s.token, "GET", "/api/v1/tickets.csv?sort=-number&tracker=HELP", nil)
	table := shownPage{t, "the API's table", a.status, http.Header{"Content-Type": {"text/csv; charset=utf-8"}}, string(a.body)}.table()
	if got := table[0]; len(table) != many+1 || got[0] != "id" || table[1][0] != "HELP-205" || table[1][2] != "posted" {
		t.Errorf("got %d rows of the API, the first %q", len(table), table[:2])
	}
}
