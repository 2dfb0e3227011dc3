package ui

import (
	"html/template"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// statusView is how many tickets are in which state, and whose they are.
type statusView struct {
	reportFrame

	Total  string
	URL    string
	Lists  []stateGroup
	Groups []shareGroup
}

// stateGroup is the states of one list.
type stateGroup struct {
	Name, Count, Percent string
	URL                  string
	Rows                 []reportedState
}

type reportedState struct {
	State          stateView
	Count, Percent string
	URL            string
	Bar            bar
}

// shareGroup is the tickets by assignee, or by reporter.
type shareGroup struct {
	ID, Name string
	States   []stateView // those that somebody has tickets in
	Rows     []shareRow
}

type shareRow struct {
	Name    string
	Person  personView // the zero one: nobody, or others
	Count   string
	URL     string // "" for those put together
	Bar     bar
	Numbers []number // by state
}

// number is a number of tickets that leads to them.
type number struct{ Text, URL string }

// figure is the number as it stands in a table.
func figure(n number) template.HTML {
	var text strings.Builder
	n.write(&text)
	return template.HTML(text.String()) //nolint:gosec // it is escaped
}

// figures are the cells of the numbers in a row, of which a report has hundreds.
func figures(numbers []number) template.HTML {
	var text strings.Builder
	for _, n := range numbers {
		text.WriteString(`<td class="n">`)
		n.write(&text)
		text.WriteString(`</td>`)
	}
	return template.HTML(text.String()) //nolint:gosec // they are escaped
}

func (n number) write(to *strings.Builder) {
	if n.URL != "" {
		to.WriteString(`<a href="` + template.HTMLEscapeString(n.URL) + `">`)
	}
	to.WriteString(template.HTMLEscapeString(n.Text))
	if n.URL != "" {
		to.WriteString(`</a>`)
	}
}

func statusReport(p *page) error {
	r, err := p.report("/reports")
	if err != nil {
		return err
	}
	query, ok := r.reads()
	if !ok {
		return r.show("report-status", statusView{reportFrame: r.frame})
	}
	found, err := p.cfg.Reads.StatusReport(p.ctx(), p.actor(), query, mostNamed)
	if err != nil {
		return err
	}
	view := statusView{reportFrame: r.frame, Total: p.shapes.number(found.Total), URL: r.list(), Lists: r.stateGroups(found)}
	assignees, err := r.shareGroup("assignee", found.Assignees, found.States)
	if err != nil {
		return err
	}
	reporters, err := r.shareGroup("reporter", found.Reporters, found.States)
	if err != nil {
		return err
	}
	assignees.Name, reporters.Name = p.say("report.by-assignee"), p.say("report.by-reporter")
	view.Groups = []shareGroup{assignees, reporters}
	return r.show("report-status", view)
}

// stateGroups are the states that the tracker has, or that tickets are in, by list.
func (r *report) stateGroups(found readapi.StatusReport) []stateGroup {
	groups := []stateGroup{{Name: r.say("list.open")}, {Name: r.say("list.resolved")}}
	for i, list := range []tracker.List{tracker.OpenList, tracker.ResolvedList} {
		n, most := found.Lists[list], int64(1)
		for state, n := range found.States {
			if state.List() == list {
				most = max(most, n)
			}
		}
		groups[i].Count, groups[i].Percent, groups[i].URL = r.shapes.number(n), r.percent(n, found.Total), r.list("list", string(list))
		for _, state := range tracker.States() {
			n := found.States[state]
			if state.List() != list || n == 0 && (!r.in.Exists() || !r.in.Enabled(state)) {
				continue
			}
			shown, url := r.state(state, r.in), r.list("state", string(state))
			row := reportedState{State: shown, Count: r.shapes.number(n), Percent: r.percent(n, found.Total), URL: url}
			row.Bar.add(n, most, stateClass(state), shown.Label+" · "+row.Count, url)
			groups[i].Rows = append(groups[i].Rows, row)
		}
	}
	return groups
}

func (r *report) shareGroup(id string, shares []readapi.Share, states map[tracker.State]int64) (shareGroup, error) {
	group := shareGroup{ID: id}
	for _, state := range tracker.States() {
		if states[state] > 0 {
			group.States = append(group.States, r.state(state, r.in))
		}
	}
	ids, most := []domain.UserID{}, int64(1)
	for _, share := range shares {
		if !share.Others || len(shares) == 1 { // those put together may be many, and have a full bar
			most = max(most, share.Total)
		}
		if share.User != "" {
			ids = append(ids, share.User)
		}
	}
	shown, err := r.people(r.ctx(), ids...)
	if err != nil {
		return group, err
	}
	for _, share := range shares {
		group.Rows = append(group.Rows, r.shareRow(id, share, shown, max(most, share.Total), group.States))
	}
	return group, nil
}

// mostNamed is how many people the page names of each kind.
const mostNamed = 30

func (r *report) shareRow(id string, share readapi.Share, shown people, most int64, states []stateView) shareRow {
	row := shareRow{Person: shown[share.User], Count: r.shapes.number(share.Total)}
	who := string(share.User)
	switch {
	case share.Others:
		row.Name = r.say("report.others")
	case who == "":
		row.Name, who = r.say("person.nobody"), "none"
	default:
		row.Name = row.Person.Name
	}
	list := func(pairs ...string) string {
		if share.Others {
			return ""
		}
		return r.list(append(pairs, id, who)...)
	}
	row.URL = list()
	for _, state := range states {
		n, url := share.States[state.Key], list("state", string(state.Key))
		text := r.shapes.number(n)
		row.Bar.add(n, most, stateClass(state.Key), row.Name+" · "+state.Label+" · "+text, url)
		if n == 0 {
			text, url = "", ""
		}
		row.Numbers = append(row.Numbers, number{text, url})
	}
	return row
}
