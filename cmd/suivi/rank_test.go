package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suivi/domain"
)

type rankedTicket struct {
	ID   domain.TicketID
	Rank int
}

// stack is the tickets of DESK by rank, as the API tells it to whoever asks.
func (d *desk) stack(token, after string) []domain.TicketID {
	d.t.Helper()
	var list struct{ Tickets []rankedTicket }
	d.want(http.StatusOK, d.ask(token, "GET", "/api/v1/tickets?tracker=DESK&sort=rank&limit=200", nil, "X-Suivi-After", after), &list)
	ids := []domain.TicketID{}
	for i, t := range list.Tickets {
		if t.Rank != i+1 {
			d.t.Errorf("%s is at place %d of the list and says P%d", t.ID, i+1, t.Rank)
		}
		ids = append(ids, t.ID)
	}
	return ids
}

// pile is what a stack is to be: the first is on top.
type pile struct {
	open, closed []domain.TicketID
	top          bool // where new ones enter
}

func (p *pile) enter(id domain.TicketID) {
	if p.top {
		p.open = slices.Insert(p.open, 0, id)
		return
	}
	p.open = append(p.open, id)
}

// move puts the ticket at a place among the others.
func (p *pile) move(id domain.TicketID, place func(others []domain.TicketID, was int) int) {
	was := slices.Index(p.open, id)
	others := slices.DeleteFunc(slices.Clone(p.open), func(other domain.TicketID) bool { return other == id })
	p.open = slices.Insert(others, min(max(place(others, was), 0), len(others)), id)
}

func TestAfterAnyDeedsRanksAreOneToNInTheOrderOfAPlainList(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	staffed(d, nil)
	var model pile
	rapid.Check(t, func(r *rapid.T) {
		last := ""
		for range rapid.IntRange(1, 4).Draw(r, "deeds") {
			if position := d.deed(r, &model); position != "" {
				last = position
			}
		}
		if diff := cmp.Diff(append([]domain.TicketID{}, model.open...), d.stack(d.token, last)); diff != "" {
			r.Fatal(diff)
		}
	})
}

// deed does something to the stack and to the model, and says where it stands in the log.
func (d *desk) deed(r *rapid.T, model *pile) string {
	const tracker = "/api/v1/trackers/DESK"
	kinds := []string{"post", "end"}
	if len(model.open) > 0 {
		kinds = append(kinds, "raise", "lower", "top", "bottom", "before", "after", "close")
	}
	if len(model.open) > 9 {
		kinds = []string{"close"}
	}
	if len(model.closed) > 0 {
		kinds = append(kinds, "reopen")
	}
	kind := rapid.SampledFrom(kinds).Draw(r, "deed")
	switch kind {
	case "post":
		var posted struct{ ID domain.TicketID }
		a := d.ask(d.token, "POST", tracker+"/tickets", map[string]any{"summary": "S"})
		d.want(http.StatusCreated, a, &posted)
		model.enter(posted.ID)
		return a.position
	case "end":
		model.top = !model.top
		a := d.ask(d.token, "PATCH", tracker, map[string]any{"newTickets": map[bool]string{true: "top", false: "bottom"}[model.top]})
		d.want(http.StatusOK, a, nil)
		return a.position
	case "reopen":
		id := rapid.SampledFrom(model.closed).Draw(r, "ticket")
		model.closed = slices.DeleteFunc(model.closed, func(other domain.TicketID) bool { return other == id })
		model.enter(id)
		a := d.ask(d.token, "POST", "/api/v1/tickets/"+string(id)+"/state", map[string]any{"to": "open"})
		d.want(http.StatusOK, a, nil)
		return a.position
	}
	id := rapid.SampledFrom(model.open).Draw(r, "ticket")
	path, body := "/api/v1/tickets/"+string(id), map[string]any{"move": kind}
	if kind == "close" {
		model.open = slices.DeleteFunc(model.open, func(other domain.TicketID) bool { return other == id })
		model.closed = append(model.closed, id)
		a := d.ask(d.token, "POST", path+"/state", map[string]any{"to": rapid.SampledFrom([]string{"resolved", "validated", "abandoned"}).Draw(r, "to")})
		d.want(http.StatusOK, a, nil)
		return a.position
	}
	other := rapid.SampledFrom(model.open).Draw(r, "other")
	if kind == "before" || kind == "after" {
		body = map[string]any{kind: other}
	}
	model.shift(id, other, kind)
	a := d.ask(d.token, "POST", path+"/rank", body)
	d.want(http.StatusOK, a, nil)
	return a.position
}

func (p *pile) shift(id, other domain.TicketID, kind string) {
	if id == other && (kind == "before" || kind == "after") {
		return
	}
	p.move(id, func(others []domain.TicketID, was int) int {
		switch kind {
		case "raise":
			return was - 1
		case "lower":
			return was + 1
		case "top":
			return 0
		case "bottom":
			return len(others)
		case "before":
			return slices.Index(others, other)
		}
		return slices.Index(others, other) + 1
	})
}

func TestAClosedTicketHasNoRankAndOnlyWhoMaySeesRanks(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"mode": "bugtracker"})
	manager := tokens[domain.Manager]
	first, second := d.post(tokens[domain.Reporter], "First"), d.post(manager, "Second")
	d.refused(http.StatusForbidden, "right-missing", d.ask(tokens[domain.Resolver], "POST", second+"/rank", map[string]any{"move": "raise"}))
	moved := d.ask(manager, "POST", second+"/rank", map[string]any{"move": "raise"})
	d.want(http.StatusOK, moved, nil)
	rank := func(token, path, after string) (n int) {
		t.Helper()
		var shown rankedTicket
		a := d.ask(token, "GET", path, nil, "X-Suivi-After", after)
		d.want(http.StatusOK, a, &shown)
		if strings.Contains(string(a.body), `"rank"`) != (shown.Rank > 0) {
			t.Errorf("%s: %s", path, a.body)
		}
		return shown.Rank
	}
	for role, want := range map[domain.Role][2]int{domain.Reporter: {0, 0}, domain.Developer: {2, 1}, domain.Resolver: {2, 1}, domain.Manager: {2, 1}} {
		if got := [2]int{rank(tokens[role], first, moved.position), rank(tokens[role], second, "")}; got != want {
			t.Errorf("%s sees the ranks %v, want %v", role, got, want)
		}
	}
	reporter := tokens[domain.Reporter]
	d.refused(http.StatusForbidden, "right-missing", d.ask(reporter, "GET", "/api/v1/tickets?tracker=DESK&sort=rank", nil))
	d.refused(http.StatusForbidden, "right-missing", d.ask(reporter, "GET", "/api/v1/tickets?tracker=NONE&sort=-rank", nil))
	if told := string(d.ask(reporter, "GET", second+"/history", nil).body); strings.Contains(told, "ranked") {
		t.Errorf("the history tells a reporter of ranks: %s", told)
	}
	if told := string(d.ask(manager, "GET", second+"/history", nil).body); !strings.Contains(told, "ticket.ranked.v1") {
		t.Errorf("the history does not tell of the move: %s", told)
	}
	for _, query := range []string{"sort=rank", "sort=rank&tracker=DESK&list=all", "sort=rank&tracker=DESK&state=resolved"} {
		d.refused(http.StatusUnprocessableEntity, "invalid-input", d.ask(manager, "GET", "/api/v1/tickets?"+query, nil))
	}
	d.want(http.StatusOK, d.ask(manager, "PUT", "/api/v1/trackers/DESK/roles/reporter", map[string]any{"granted": []string{"see-rank"}}), nil)
	closed := d.ask(manager, "POST", second+"/state", map[string]any{"to": "abandoned"})
	d.want(http.StatusOK, closed, nil)
	if a, b := rank(manager, second, closed.position), rank(reporter, first, ""); a != 0 || b != 1 {
		t.Errorf("the closed ticket has the rank %d, the one below it %d", a, b)
	}
	d.refused(http.StatusConflict, "not-in-stack", d.ask(manager, "POST", second+"/rank", map[string]any{"move": "top"}))
	d.refused(http.StatusUnprocessableEntity, "invalid-input", d.ask(manager, "POST", first+"/rank", map[string]any{"before": "DESK-2"}))
	d.refused(http.StatusUnprocessableEntity, "invalid-input", d.ask(manager, "POST", first+"/rank", map[string]any{"after": "NONE-1"}))
}

func TestTwoQuickRaisesMoveByTwoAndMovesAtOnceConverge(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	staffed(d, nil)
	var paths []string
	for n := range 8 {
		paths = append(paths, d.post(d.token, fmt.Sprint("Ticket ", n+1)))
	}
	raise := map[string]any{"move": "raise"}
	d.want(http.StatusOK, d.ask(d.token, "POST", paths[7]+"/rank", raise), nil)
	twice := d.ask(d.token, "POST", paths[7]+"/rank", raise)
	d.want(http.StatusOK, twice, nil)
	want := []domain.TicketID{"DESK-1", "DESK-2", "DESK-3", "DESK-4", "DESK-5", "DESK-8", "DESK-6", "DESK-7"}
	if diff := cmp.Diff(want, d.stack(d.token, twice.position)); diff != "" {
		t.Error(diff)
	}
	answers := make(chan answer, len(paths))
	for _, path := range paths {
		go func() {
			a, err := d.try(d.token, "POST", path+"/rank", map[string]any{"move": "top"})
			if err != nil {
				t.Error(err)
			}
			answers <- a
		}()
	}
	for range paths {
		d.want(http.StatusOK, <-answers, nil)
	}
	last := d.ask(d.token, "POST", paths[4]+"/rank", map[string]any{"move": "bottom"})
	d.want(http.StatusOK, last, nil)
	got := d.stack(d.token, last.position)
	if again := d.stack(d.token, ""); !slices.Equal(got, again) || len(got) != len(paths) || got[7] != "DESK-5" {
		t.Errorf("got %v, then %v", got, again)
	}
	// What was moved to one place at one moment can still be told apart by later moves.
	before := d.ask(d.token, "POST", paths[4]+"/rank", map[string]any{"after": got[0]})
	d.want(http.StatusOK, before, nil)
	if now := d.stack(d.token, before.position); now[0] != got[0] || now[1] != "DESK-5" {
		t.Errorf("DESK-5 is to stand directly below %s: %v", got[0], now)
	}
}

type raiseShown struct {
	Request                                    int
	Asker, Reason, Outcome, Answer, AnsweredBy string
	Urgent                                     bool
}

func TestARaiseIsAskedForOnceAndGrantedOrRefused(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, ids := staffed(d, map[string]any{"mode": "bugtracker"})
	manager, reporter := tokens[domain.Manager], tokens[domain.Reporter]
	d.post(manager, "First")
	path := d.post(reporter, "Second")
	requests := path + "/raise-requests"
	ask := map[string]any{"reason": "The exam is tomorrow", "urgent": true}
	d.refused(http.StatusForbidden, "right-missing", d.ask(tokens[domain.Developer], "POST", requests, ask))
	var made struct{ Request int }
	d.want(http.StatusCreated, d.ask(reporter, "POST", requests, ask), &made)
	d.refused(http.StatusConflict, "raise-pending", d.ask(reporter, "POST", requests, ask))
	d.refused(http.StatusForbidden, "right-missing", d.ask(reporter, "POST", requests+"/1/grant", map[string]any{"move": "top"}))
	refusal := d.ask(manager, "POST", requests+"/1/refuse", map[string]any{"answer": "On Monday"})
	d.want(http.StatusOK, refusal, nil)
	if got := d.stack(manager, refusal.position); got[0] != "DESK-1" {
		t.Errorf("a refusal moves: %v", got)
	}
	d.want(http.StatusCreated, d.ask(reporter, "POST", requests, map[string]any{"reason": "It is Monday"}), &made)
	version := versionOf(d, path)
	grant := d.ask(manager, "POST", requests+"/2/grant", map[string]any{"move": "raise"})
	d.want(http.StatusOK, grant, nil)
	if got := d.stack(manager, grant.position); made.Request != 2 || got[0] != "DESK-2" || versionOf(d, path) != version+2 {
		t.Errorf("request %d was granted: %v", made.Request, got)
	}
	d.refused(http.StatusConflict, "raise-answered", d.ask(manager, "POST", requests+"/2/refuse", map[string]any{"answer": "No"}))
	d.refused(http.StatusNotFound, "raise-request-not-found", d.ask(manager, "POST", requests+"/x/refuse", map[string]any{"answer": "No"}))
	for role, want := range map[domain.Role]int{domain.Reporter: 2, domain.Developer: 0, domain.Resolver: 0, domain.Manager: 2} {
		var list struct{ RaiseRequests []raiseShown }
		d.want(http.StatusOK, d.ask(tokens[role], "GET", requests, nil), &list)
		if len(list.RaiseRequests) != want {
			t.Errorf("%s sees %+v, want %d", role, list.RaiseRequests, want)
			continue
		}
		if told := string(d.ask(tokens[role], "GET", path+"/history", nil).body); strings.Contains(told, "raise") != (want > 0) {
			t.Errorf("the history tells %s: %s", role, told)
		}
		if want > 0 {
			if diff := cmp.Diff(raiseShown{Request: 1, Asker: ids[domain.Reporter], Reason: "The exam is tomorrow", Urgent: true,
				Outcome: "refused", Answer: "On Monday", AnsweredBy: ids[domain.Manager]}, list.RaiseRequests[0]); diff != "" {
				t.Error(diff)
			}
		}
	}
}
