package ui

import (
	"maps"
	"net/url"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// asked is what the address of a list asks for.
type asked struct {
	page  *page
	path  string // of the address
	key   domain.TrackerKey
	query url.Values // the parameters that lists have, each once
}

// listParams are the parameters of the address that make the list, beside those of fields.
func listParams() []string {
	return []string{"list", "scope", "state", "assignee", "reporter", "tracker", "from", "to", "resolvedFrom", "resolvedTo", "q", "sort", "cursor", "saved", "view", "at"}
}

func (p *page) asked(key domain.TrackerKey) asked {
	a := asked{page: p, path: "/tickets", key: key, query: url.Values{}}
	if key != "" {
		a.path = "/trackers/" + string(key) + "/tickets"
	}
	given := p.query()
	for name, values := range given {
		known := strings.HasPrefix(name, fieldPrefix)
		for _, param := range listParams() {
			known = known || param == name
		}
		var chosen []string
		for _, value := range values {
			if value = strings.TrimSpace(value); value != "" {
				chosen = append(chosen, value)
			}
		}
		if known && len(chosen) > 0 {
			a.query.Set(name, strings.Join(chosen, ","))
		}
	}
	if key != "" {
		a.query.Del("tracker")
	}
	return a
}

const fieldPrefix = "field."

// with is the address with some parameters changed, in pairs of name and value; ""
// takes one out. A change begins at the first page.
func (a asked) with(pairs ...string) string {
	query := url.Values{}
	maps.Copy(query, a.query)
	query.Del("cursor")
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			query.Del(pairs[i])
		} else {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	if len(query) == 0 {
		return a.path
	}
	return a.path + "?" + query.Encode()
}

// reads are the parameters as readapi takes them: days become moments in the person's zone.
func (a asked) reads() (url.Values, error) {
	query := url.Values{}
	maps.Copy(query, a.query)
	query.Del("saved")
	query.Del("view")
	if a.key != "" {
		query.Set("tracker", string(a.key))
	}
	for name, days := range map[string]int{"from": 0, "to": 1, "resolvedFrom": 0, "resolvedTo": 1} {
		if text := query.Get(name); text != "" {
			at, err := a.page.day(text, days)
			if err != nil {
				return query, err
			}
			query.Set(name, at)
		}
	}
	return query, nil
}

// tabs are the lists, and how many tickets those have that were counted.
func (a asked) tabs(counts map[tracker.List]readapi.Count) []tab {
	text := func(count readapi.Count, known bool) string {
		if !known {
			return ""
		}
		return a.page.countText(count)
	}
	open, knowsOpen := counts[tracker.OpenList]
	resolved, knowsResolved := counts[tracker.ResolvedList]
	both := readapi.Count{N: open.N + resolved.N, More: open.More || resolved.More}
	list := a.query.Get("list")
	if list == "" && !a.query.Has("state") {
		list = "open"
		if a.query.Has("q") {
			list = "all"
		}
	}
	all := []tab{
		{Name: a.page.say("list.open"), Count: text(open, knowsOpen), Active: list == "open"},
		{Name: a.page.say("list.resolved"), Count: text(resolved, knowsResolved), Active: list == "resolved"},
		{Name: a.page.say("list.both"), Count: text(both, knowsOpen && knowsResolved), Active: list == "all"},
	}
	for i, name := range []string{"open", "resolved", "all"} {
		sort := a.query.Get("sort")
		if strings.TrimPrefix(sort, "-") == "rank" && name != "open" { // only what is open has a place
			sort = ""
		}
		all[i].URL = a.with("list", name, "state", "", "sort", sort)
	}
	return all
}

func (a asked) scopes() []tab {
	scope := a.query.Get("scope")
	all := []tab{
		{Name: a.page.say("scope.all"), URL: a.with("scope", ""), Active: scope == "" || scope == "all"},
		{Name: a.page.say("scope.work"), URL: a.with("scope", "work"), Active: scope == "work"},
		{Name: a.page.say("scope.mine"), URL: a.with("scope", "mine"), Active: scope == "mine"},
	}
	if !a.isPast() {
		all = append(all, tab{Name: a.page.say("scope.watching"), URL: a.with("scope", "watching"), Active: scope == "watching"})
	}
	return all
}
