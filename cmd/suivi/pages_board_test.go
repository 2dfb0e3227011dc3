package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// lanes are the columns of a board: by state the ids of the cards.
func (p shownPage) lanes() map[string][]string {
	p.t.Helper()
	lanes := map[string][]string{}
	for _, lane := range p.find(func(n *html.Node) bool { return attr(n, "data-lane") != "" }) {
		ids := []string{}
		for n := range lane.Descendants() {
			if id := attr(n, "data-card"); id != "" {
				ids = append(ids, id)
			}
		}
		lanes[attr(lane, "data-lane")] = ids
	}
	return lanes
}

// card is the form of a card, and the states that it offers; those that it does not, with why.
func (p shownPage) card(id string) (form, offered, refused []string) {
	p.t.Helper()
	for _, card := range p.find(func(n *html.Node) bool { return attr(n, "data-card") == id }) {
		for n := range card.Descendants() {
			switch {
			case n.Data == "input":
				form = append(form, attr(n, "name"), attr(n, "value"))
			case n.Data == "option" && attr(n, "data-why") != "":
				refused = append(refused, attr(n, "data-why"))
			case n.Data == "option" && attr(n, "value") != "":
				offered = append(offered, attr(n, "value"))
			}
		}
	}
	return form, offered, refused
}

func TestABoardIsTheListByStateAndItsCardsMove(t *testing.T) {
	t.Parallel()
	s := newPageSite(t, "workflow", "strict")
	one, two, three := s.post(s.emile, "the lamp is dark"), s.post(s.emile, "the clock is late"), s.post(s.ada, "all is well")
	s.ada.post("/tickets/"+two+"/state", "to", "working").is(http.StatusSeeOther)
	s.ada.post("/tickets/"+two+"/assignee", "user", string(s.grace.id)).is(http.StatusSeeOther)
	s.ada.post("/tickets/"+three+"/state", "to", "abandoned").is(http.StatusSeeOther)
	const list = "/trackers/HELP/tickets?"
	board := func(v *visitor, query string, want map[string][]string) shownPage {
		t.Helper()
		page := v.get(list + query + "view=board").is(200)
		got := page.lanes()
		for state, ids := range got {
			if !slices.Equal(ids, append([]string{}, want[state]...)) {
				t.Errorf("%s: got %v in %s, want %v", query, ids, state, want[state])
			}
		}
		return page
	}
	open := board(s.ada, "", map[string][]string{"posted": {one}, "working": {two}})
	if got := len(open.lanes()); got != 8 {
		t.Errorf("got %d lanes, want those of the mode", got)
	}
	open.lacks(">P1<").has("the lamp is dark", "Grace", `href="/trackers/HELP/tickets?state=working"`, `href="/trackers/HELP/tickets.csv"`, `name="view" value="board"`)
	board(s.ada, "list=all&", map[string][]string{"posted": {one}, "working": {two}, "abandoned": {three}})
	board(s.ada, "list=resolved&", map[string][]string{"abandoned": {three}})
	board(s.ada, "sort=rank&", map[string][]string{"posted": {one}, "working": {two}}).has(">P1<", ">P2<")
	board(s.ada, "state=working&", map[string][]string{"working": {two}})
	board(s.ada, "q=lamp&", map[string][]string{"posted": {one}}).has(`aria-label="Filters that are on"`, `q=lamp&amp;view=board`)
	board(s.ada, "assignee="+string(s.grace.id)+"&", map[string][]string{"working": {two}})
	board(s.emile, "", map[string][]string{"posted": {one}, "working": {two}}).lacks(">P1<", ">P2<")
	s.ada.get("/tickets?view=board").is(200).has("the lamp is dark", "the clock is late")
	s.ada.get("/trackers/HELP/tickets?view=board&sort=nonsense").is(422)

	form, offered, refused := open.card(two)
	if !slices.Contains(offered, "waiting") || slices.Contains(offered, "working") || !slices.Contains(refused, "Validated: The workflow does not lead there from here.") {
		t.Errorf("got %v and not %v", offered, refused)
	}
	if _, offered, _ := s.emile.get(list + "view=board").card(two); !slices.Equal(offered, []string{"resolved"}) {
		t.Errorf("got %v for the reporter", offered)
	}
	back := "/trackers/HELP/tickets?view=board"
	move := func(v *visitor, id string, form []string, to string) shownPage {
		return v.post("/tickets/"+id+"/state", append(form, "to", to)...)
	}
	move(s.ada, two, form, "waiting").redirects(back)
	board(s.ada, "", map[string][]string{"posted": {one}, "waiting": {two}}).has("State changed")
	move(s.ada, two, form, "blocked").redirects(back) // as the board was
	board(s.ada, "", map[string][]string{"posted": {one}, "waiting": {two}}).has(two+" was not moved.", "Somebody else changed it meanwhile")
	board(s.ada, "", map[string][]string{"posted": {one}, "waiting": {two}}).lacks("was not moved")
	form, _, _ = s.ada.get(list + "view=board").card(two)
	move(s.ada, two, form, "validated").redirects(back)
	s.ada.get(back).has(two+" was not moved.", "The workflow does not lead there")
	move(s.grace, one, []string{"card", "on", "version", "x"}, "working").is(422)
	move(s.eve, one, form, "working").is(404)
}

func TestACardThatWantsWordsLeadsToThePageOfItsState(t *testing.T) {
	t.Parallel()
	s := newPageSite(t, "workflow", "strict")
	rule := func(to string, requires ...string) map[string]any {
		return map[string]any{"from": "posted", "to": to, "roles": []string{"manager"}, "requires": requires}
	}
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/workflow", map[string]any{"rules": []any{rule("waiting", "comment"), rule("working", "assignee"), rule("resolved", "resolution")}}), nil)
	s.settlePages()
	id := s.post(s.emile, "dark")
	back := "/trackers/HELP/tickets?view=board"
	page := s.ada.get(back).is(200).has("with a comment", "with a resolution")
	form, offered, refused := page.card(id)
	if !slices.Equal(offered, []string{"waiting", "resolved"}) || !strings.HasPrefix(strings.Join(refused, "|"), "Open: ") {
		t.Errorf("got %v and not %v", offered, refused)
	}
	state := "/tickets/" + id + "/state?" + url.Values{"back": {back}, "to": {"resolved"}}.Encode()
	s.ada.post("/tickets/"+id+"/state", append(form, "to", "resolved")...).redirects(state)
	s.ada.get(state).is(200).has(`value="resolved" required checked`, `name="back" value="/trackers/HELP/tickets?view=board"`)
	s.ada.post("/tickets/"+id+"/state", append(form, "to", "working")...).redirects(back)
	s.ada.get(back).has(id+" was not moved.", "Something is wanted")
	s.ada.post("/tickets/"+id+"/state", "to", "resolved", "resolution", "A new lamp.", "back", back).redirects(back)
}
