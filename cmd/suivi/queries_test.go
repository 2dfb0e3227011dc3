package main

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

// savedQuery is what the tests look at in a query.
type savedQuery struct {
	ID, Owner, Name, Tracker, Query string
	Shared                          bool
	Columns                         []string
}

const queriesPath = "/api/v1/queries"

func (d *desk) saveQuery(token string, body map[string]any) (q savedQuery) {
	d.t.Helper()
	d.want(http.StatusCreated, d.ask(token, "POST", queriesPath, body), &q)
	return q
}

func (d *desk) queries(token, params string) []string {
	d.t.Helper()
	var page struct{ Queries []savedQuery }
	d.want(http.StatusOK, d.ask(token, "GET", queriesPath+params, nil), &page)
	names := []string{}
	for _, q := range page.Queries {
		names = append(names, q.Name)
	}
	return names
}

// run gives the summaries that a list has.
func (d *desk) run(token, params string) []string {
	d.t.Helper()
	var page struct{ Tickets []struct{ Summary string } }
	d.want(http.StatusOK, d.ask(token, "GET", "/api/v1/tickets?"+params, nil), &page)
	summaries := []string{}
	for _, ticket := range page.Tickets {
		summaries = append(summaries, ticket.Summary)
	}
	return summaries
}

func TestQueriesAreSavedRunChangedAndDeleted(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, ids := staffed(d, map[string]any{"mode": "ticketing"})
	reporter, developer := tokens[domain.Reporter], tokens[domain.Developer]
	d.post(reporter, "Screen one")
	d.post(reporter, "Screen two")
	last := d.ask(developer, "POST", deskPath+"/tickets", map[string]any{"summary": "Printer", "assignee": ids[domain.Developer]})
	d.want(http.StatusCreated, last, nil)
	d.want(http.StatusOK, d.ask(reporter, "GET", "/api/v1/tickets", nil, "X-Suivi-After", last.position), nil)
	mine := d.saveQuery(reporter, map[string]any{"name": " Screens ", "query": "sort=-number&q=screen", "columns": []string{"number", "field.room"}})
	if want := (savedQuery{mine.ID, ids[domain.Reporter], "Screens", "", "q=screen&sort=-number", false, []string{"number", "field.room"}}); cmp.Diff(want, mine) != "" {
		t.Errorf("got %+v, want %+v", mine, want)
	}
	for params, want := range map[string][]string{
		"saved=" + mine.ID:                        {"Screen two", "Screen one"},
		"sort=number&saved=" + mine.ID:            {"Screen one", "Screen two"},
		"q=two&saved=" + mine.ID:                  {"Screen two"},
		"list=resolved&saved=" + mine.ID:          {},
		"assignee=none,me&saved=" + mine.ID:       {"Screen two", "Screen one"},
		"tracker=NOSUCH&limit=1&saved=" + mine.ID: {},
	} {
		if diff := cmp.Diff(want, d.run(reporter, params)); diff != "" {
			t.Errorf("%s: %s", params, diff)
		}
	}
	var counts struct{ Lists map[string]int }
	d.want(http.StatusOK, d.ask(reporter, "GET", "/api/v1/tickets/counts?saved="+mine.ID, nil), &counts)
	if counts.Lists["open"] != 2 {
		t.Errorf("counts: %v", counts)
	}
	var changed savedQuery
	d.want(http.StatusOK, d.ask(reporter, "PUT", queriesPath+"/"+mine.ID, map[string]any{"name": "One", "query": "q=one", "tracker": "DESK"}), &changed)
	if got := d.run(reporter, "saved="+mine.ID); len(got) != 1 || changed.Name != "One" || changed.Tracker != "DESK" || len(changed.Columns) != 0 {
		t.Errorf("after the change to %+v: %v", changed, got)
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} { // it is nobody else's business
		d.refused(http.StatusNotFound, "query-not-found", d.ask(developer, method, queriesPath+"/"+mine.ID, map[string]any{"name": "x", "query": ""}))
	}
	d.refused(http.StatusNotFound, "query-not-found", d.ask(d.token, "GET", "/api/v1/tickets?saved="+mine.ID, nil))
	d.want(http.StatusNoContent, d.ask(reporter, "DELETE", queriesPath+"/"+mine.ID, nil), nil)
	d.refused(http.StatusNotFound, "query-not-found", d.ask(reporter, "GET", "/api/v1/tickets/counts?saved="+mine.ID, nil))
	d.refused(http.StatusNotFound, "query-not-found", d.ask(reporter, "GET", "/api/v1/tickets?saved=nonsense", nil))
}

func TestASharedQueryShowsEverybodyWhatTheyMaySee(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"mode": "ticketing"})
	reporter, developer, manager := tokens[domain.Reporter], tokens[domain.Developer], tokens[domain.Manager]
	_, stranger := d.person("stranger")
	d.post(reporter, "Of the reporter")
	last := d.ask(developer, "POST", deskPath+"/tickets", map[string]any{"summary": "Of the developer"})
	d.want(http.StatusCreated, last, nil)
	d.want(http.StatusOK, d.ask(reporter, "GET", "/api/v1/tickets", nil, "X-Suivi-After", last.position), nil)
	shared := map[string]any{"name": "Ours", "query": "reporter=me", "tracker": "DESK", "shared": true}
	d.refused(http.StatusForbidden, "right-missing", d.ask(developer, "POST", queriesPath, shared))
	d.saveQuery(manager, map[string]any{"name": "Private", "query": "", "tracker": "DESK"})
	ours := d.saveQuery(manager, shared)
	for token, want := range map[string][]string{reporter: {"Of the reporter"}, developer: {"Of the developer"}, manager: {}} {
		if diff := cmp.Diff(want, d.run(token, "saved="+ours.ID)); diff != "" {
			t.Errorf("who runs it is not who asks: %s", diff)
		}
	}
	if diff := cmp.Diff([]string{"Ours"}, d.queries(reporter, "?tracker=DESK")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Private", "Ours"}, d.queries(manager, "")); diff != "" {
		t.Error(diff)
	}
	if got := d.queries(stranger, ""); len(got) != 0 {
		t.Errorf("a stranger lists %v", got)
	}
	d.refused(http.StatusNotFound, "query-not-found", d.ask(stranger, "GET", "/api/v1/tickets?saved="+ours.ID, nil))
	all := map[string]any{"name": "All", "query": "scope=all&list=all", "tracker": "DESK", "shared": true}
	d.refused(http.StatusForbidden, "right-missing", d.ask(developer, "PUT", queriesPath+"/"+ours.ID, all))
	d.refused(http.StatusForbidden, "right-missing", d.ask(developer, "DELETE", queriesPath+"/"+ours.ID, nil))
	d.want(http.StatusOK, d.ask(d.token, "PUT", queriesPath+"/"+ours.ID, all), nil) // who configures keeps it in order
	if diff := cmp.Diff([]string{"Of the reporter"}, d.run(reporter, "saved="+ours.ID)); diff != "" {
		t.Errorf("a shared query widened what the reporter sees: %s", diff)
	}
	var owner savedQuery
	d.want(http.StatusOK, d.ask(reporter, "GET", queriesPath+"/"+ours.ID, nil), &owner)
	if owner.Owner != ours.Owner {
		t.Errorf("the owner became %s", owner.Owner)
	}
}

func TestASavedQueryIsCheckedAsTheListWould(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"mode": "ticketing"})
	for query, field := range map[string]string{
		"state=done": "query.state", "sort=luck": "query.sort", "limit=0": "query.limit", "from=monday": "query.from", "assignee=us": "query.assignee",
		"cursor=x": "query.cursor", "saved=x": "query.saved", "nonsense=1": "query.nonsense", "state=open&state=open": "query.state", "tracker=DESK": "query.tracker",
		"q=%zz": "query", "q=" + url.QueryEscape("a b c d e f g h i j k l m n o p q r s t u v w x y"): "query.q", "field.A=1": "query.field.A",
	} {
		a := d.ask(tokens[domain.Reporter], "POST", queriesPath, map[string]any{"name": "x", "query": query, "tracker": "DESK"})
		var wrong struct{ Errors []domain.FieldError }
		d.want(http.StatusUnprocessableEntity, a, &wrong)
		if len(wrong.Errors) != 1 || wrong.Errors[0].Field != field {
			t.Errorf("%s: %+v, want one about %s", query, wrong.Errors, field)
		}
	}
	for field, body := range map[string]map[string]any{
		"name": {"query": ""}, "columns": {"name": "x", "query": "", "columns": []string{"password"}}, "shared": {"name": "x", "query": "", "shared": true},
		"tracker": {"name": "x", "query": "", "tracker": "SHOP"}, "description": {"name": "x", "query": "", "description": "a\nb"},
	} {
		var wrong struct{ Errors []domain.FieldError }
		d.want(http.StatusUnprocessableEntity, d.ask(tokens[domain.Reporter], "POST", queriesPath, body), &wrong)
		if len(wrong.Errors) != 1 || wrong.Errors[0].Field != field {
			t.Errorf("%v: %+v, want one about %s", body, wrong.Errors, field)
		}
	}
}
