package ui

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"suivi/domain/tracker"
	"suivi/readapi"
)

// evolutionView is what happened month by month.
type evolutionView struct {
	reportFrame

	Until  string // as in 2026-11
	Months []choice
	Chart  *monthsChart
	States []stateView // those that tickets were in
	Rows   []monthRow
	Before string // the address of the months before
	After  string
}

// monthRow is a month in the table behind the chart.
type monthRow struct {
	Name                string
	New, Resolved       number
	Running, Unresolved string
	Elucidation         string
	States              []string // by state, at its end
}

const (
	monthForm     = "2006-01"
	defaultMonths = 12
)

func evolutionReport(p *page) error {
	r, err := p.report("/reports/evolution")
	if err != nil {
		return err
	}
	view := evolutionView{reportFrame: r.frame}
	view.From, view.To = "", "" // months are asked for instead
	query := url.Values{"zone": {p.zone.String()}}
	if r.in.Exists() {
		query.Set("tracker", string(r.in.Key))
	}
	for _, name := range []string{"until", "months"} {
		if value := p.query().Get(name); value != "" {
			query.Set(name, value)
		}
	}
	found, err := p.cfg.Reads.Evolution(p.ctx(), p.actor(), query, p.now)
	if err != nil {
		if view.Wrong = p.complain(err).ofAddress(); view.Wrong == nil {
			return err
		}
		return p.answer(p.cfg.StatusOf(err), "report-evolution", view)
	}
	r.fillEvolution(&view, found.Months)
	return p.show("report-evolution", view)
}

func (r *report) fillEvolution(v *evolutionView, months []readapi.Month) {
	v.Until = months[len(months)-1].Month
	for _, n := range []int{6, 12, 24, 36, 60} {
		v.Months = append(v.Months, choice{Value: strconv.Itoa(n), Label: r.say("report.months", "n", n), Chosen: n == len(months)})
	}
	for _, state := range tracker.States() {
		for _, m := range months {
			if m.States[state] > 0 {
				v.States = append(v.States, r.state(state, r.in))
				break
			}
		}
	}
	var drawn []charted
	every := (len(months) + defaultMonths - 1) / defaultMonths // so that names do not touch
	for i, m := range months {
		row := r.monthRow(m, v.States)
		v.Rows = append(v.Rows, row)
		drawn = append(drawn, r.charted(m, row, i%every == 0))
	}
	chart := newMonthsChart(drawn, r.shapes.number)
	v.Chart = &chart
	r.turnPages(v, months)
}

// turnPages leads to the months before, and to those after unless they are still to come.
func (r *report) turnPages(v *evolutionView, months []readapi.Month) {
	with := func(until time.Time) string {
		return r.asked.with("months", strconv.Itoa(len(months)), "until", until.In(r.zone).Format(monthForm), "from", "", "to", "")
	}
	v.Before = with(months[0].From.Add(-time.Second))
	if last := months[len(months)-1]; last.To.Before(r.now) {
		v.After = with(last.To.In(r.zone).AddDate(0, len(months)-1, 0))
	}
}

func (r *report) monthRow(m readapi.Month, states []stateView) monthRow {
	from, to := m.From.In(r.zone).Format(time.DateOnly), m.To.In(r.zone).AddDate(0, 0, -1).Format(time.DateOnly)
	row := monthRow{
		Name:       r.monthName(m.From.In(r.zone)),
		New:        number{r.shapes.number(m.New), r.list("from", from, "to", to)},
		Resolved:   number{r.shapes.number(m.Resolved), r.list("resolvedFrom", from, "resolvedTo", to)},
		Running:    r.shapes.number(m.Running),
		Unresolved: r.shapes.number(m.Unresolved),
	}
	if m.Elucidation != nil {
		row.Elucidation = r.percentText(*m.Elucidation)
	}
	for _, state := range states {
		row.States = append(row.States, r.shapes.number(m.States[state.Key]))
	}
	return row
}

// monthName is a month and its year.
func (p *page) monthName(t time.Time) string {
	return fmt.Sprintf("%s\u00a0%d", p.shapes.months[t.Month()-1], t.Year())
}

func (r *report) charted(m readapi.Month, row monthRow, named bool) charted {
	c := charted{
		Value: m.Unresolved, Title: row.Name + " · " + r.say("report.unresolved") + " · " + row.Unresolved,
		Columns: [2]chartedColumn{
			{m.New, "f-new", row.Name + " · " + r.say("report.new") + " · " + row.New.Text, row.New.URL},
			{m.Resolved, "f-done", row.Name + " · " + r.say("report.resolved") + " · " + row.Resolved.Text, row.Resolved.URL},
		},
	}
	if named {
		c.Label = row.Name
	}
	return c
}
