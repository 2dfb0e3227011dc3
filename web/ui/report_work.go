package ui

import (
	"suivi/domain"
	"suivi/domain/tracker"
)

// workView is the open tickets with their descriptions, by state, for paper.
type workView struct {
	reportFrame

	Day    string
	Groups []workGroup
	More   bool
}

type workGroup struct {
	State stateView
	Count string
	Rows  []workRow
}

type workRow struct {
	ID                 domain.TicketID
	Summary            string
	Description        safeHTML
	Reporter, Assignee personView
	Reported           when
}

// mostPrinted is how many tickets the page has, which are some fifty sheets; who wants others asks for a tracker or a time.
const mostPrinted = 250

func openWork(p *page) error {
	r, err := p.report("/reports/open-work")
	if err != nil {
		return err
	}
	r.frame.Print = ""
	view := workView{reportFrame: r.frame, Day: p.shapes.date(p.now.In(p.zone))}
	query, ok := r.reads()
	if !ok {
		view.Wrong = r.frame.Wrong
		return r.show("report-work", view)
	}
	found, err := p.cfg.Reads.OpenWork(p.ctx(), p.actor(), query, mostPrinted)
	if err != nil {
		return err
	}
	view.More = found.More
	ids := []domain.UserID{}
	for _, t := range found.Tickets {
		ids = append(ids, t.Reporter, t.Assignee)
	}
	shown, err := p.people(p.ctx(), ids...)
	if err != nil {
		return err
	}
	var last tracker.State
	for _, t := range found.Tickets {
		if t.State != last {
			last = t.State
			view.Groups = append(view.Groups, workGroup{State: p.state(t.State, r.in)})
		}
		group := &view.Groups[len(view.Groups)-1]
		group.Rows = append(group.Rows, workRow{
			t.ID, t.Summary, shownHTML(t.HTML), shown[t.Reporter], shown[t.Assignee], p.when(t.ReportedAt, p.now, p.zone),
		})
		group.Count = p.shapes.number(int64(len(group.Rows)))
	}
	return r.show("report-work", view)
}
