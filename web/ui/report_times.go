package ui

import (
	"suivi/domain/tracker"
	"suivi/readapi"
)

// timesView is how long tickets took.
type timesView struct {
	reportFrame

	Rows   []timeRow
	States []timeRow
}

// timeRow is a kind of duration, its median and what nine in ten do not exceed.
type timeRow struct {
	Name, Hint  string
	State       *stateView
	Count       number
	Median, P90 string // "": there is none
	Bar         bar
}

func timesReport(p *page) error {
	r, err := p.report("/reports/times")
	if err != nil {
		return err
	}
	query, ok := r.reads()
	if !ok {
		return r.show("report-times", timesView{reportFrame: r.frame})
	}
	found, err := p.cfg.Reads.Times(p.ctx(), p.actor(), query, p.now)
	if err != nil {
		return err
	}
	view := timesView{reportFrame: r.frame}
	most := max(found.Response.P90, found.Resolve.P90, found.Age.P90)
	view.Rows = []timeRow{
		r.timeRow(r.say("report.response"), r.say("report.response-hint"), found.Response, most, ""),
		r.timeRow(r.say("report.resolve"), r.say("report.resolve-hint"), found.Resolve, most, r.list("list", "resolved")),
		r.timeRow(r.say("report.age"), r.say("report.age-hint"), found.Age, most, r.list("list", "open", "sort", "reportedAt")),
	}
	most = 0
	for _, spread := range found.States {
		most = max(most, spread.P90)
	}
	for _, state := range tracker.States() {
		if spread := found.States[state]; spread.N > 0 {
			shown := r.state(state, r.in)
			row := r.timeRow(shown.Label, "", spread, most, "")
			row.State = &shown
			view.States = append(view.States, row)
		}
	}
	return r.show("report-times", view)
}

// timeRow draws the median and, behind it, the way to the 90th percentile; url is the list of what was measured.
func (r *report) timeRow(name, hint string, spread readapi.Spread, most int64, url string) timeRow {
	row := timeRow{Name: name, Hint: hint, Count: number{r.shapes.number(spread.N), url}}
	if spread.N == 0 {
		row.Count.URL = ""
		return row
	}
	row.Median, row.P90 = r.span(spread.Median), r.span(spread.P90)
	row.Bar.add(spread.Median, most, "f-median", name+" · "+r.say("report.median")+" · "+row.Median, url)
	row.Bar.add(spread.P90-spread.Median, most, "f-p90", name+" · "+r.say("report.p90")+" · "+row.P90, url)
	return row
}

// span is a duration of so many seconds in its two largest units.
func (p *page) span(seconds int64) string {
	const minute, hour, day = 60, 3600, 86400
	switch {
	case seconds < minute:
		return p.say("span.seconds", "s", seconds)
	case seconds < hour:
		return p.say("span.minutes", "m", seconds/minute)
	case seconds < day:
		return p.say("span.hours", "h", seconds/hour, "m", seconds%hour/minute)
	case seconds < 10*day:
		return p.say("span.days", "d", seconds/day, "h", seconds%day/hour)
	}
	return p.say("span.long", "d", (seconds+day/2)/day)
}
