package ui

import (
	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration"
	"suivi/integration/mirror"
)

// mirrorView is how one mirror is doing, and what can be done about it.
type mirrorView struct {
	settingsFrame

	Row      mirrorRow
	Path     string
	Whole    bool // the person may read what tells of single tickets
	On       bool
	Verifies bool
	Facts    []factView
	Parked   []parkedRow
	Drifts   []driftedRow
	Checked  bool
	Problems []problemView
	Silence  *silence // why the check could not be made
}

// factView is something that the mirror says.
type factView struct{ Name, Text string }

// driftedRow is a ticket that its twin differs from.
type driftedRow struct {
	Ticket domain.TicketID
	Twin   string
	What   string // what an import would do; "": it is known that it differs
	Error  string
	Drifts []mirror.Drift
	Seen   when
}

// problemView is one thing that keeps a mirror from working.
type problemView struct {
	Where, Text  string
	Detail, Mend string // the tool's own words, in English
}

func mirrorPage(p *page, in toolOf) error {
	if _, has := in.Mirror(in.tool); !has {
		return p.redirect(in.path("/edit"), "")
	}
	return p.showMirror(in, nil, nil)
}

// showMirror shows the page with what was found (nil: nothing was asked), or why a deed was refused.
func (p *page) showMirror(in toolOf, found *checked, failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	frame, _, err := p.settings(in.configured, "mirrors", wrong)
	if err != nil {
		return err
	}
	state, err := p.mirrorState(in)
	if err != nil {
		return err
	}
	v := mirrorView{settingsFrame: frame, Path: in.path(""), Whole: p.seesWhole(in.Tracker), On: !state.Mirror.Paused}
	if v.Row, err = p.mirrorRow(in.tool, state); err != nil {
		return err
	}
	v.Facts = p.mirrorFacts(state.Mirror)
	v.Parked = p.parkedRows(state.Parked)
	for _, one := range state.Drifts {
		v.Drifts = append(v.Drifts, driftedRow{Ticket: one.Ticket, Drifts: one.Drifts, Seen: p.when(one.Seen, p.now, p.zone)})
	}
	if found != nil {
		v.Checked, v.Silence, v.Problems = true, found.silence, p.problemViews(found.problems, in.Tracker)
	}
	return p.answer(p.statusOf(failure), "mirror", v)
}

func (p *page) mirrorFacts(m tracker.Mirror) []factView {
	notes := p.say("mirror.notes-stay")
	if m.Notes {
		notes = p.say("mirror.notes-go")
	}
	return []factView{
		{p.say("mirror.site"), m.Site}, {p.say("mirror.project"), m.Project}, {p.say("mirror.part.secret"), m.Secret},
		{p.say("mirror.direction"), p.say("direction." + string(m.Direction))}, {p.say("mirror.deletion"), p.say("deletion." + string(m.Deletion))},
		{p.say("mirror.notes"), notes},
	}
}

func (p *page) parkedRows(parked []integration.Parked) []parkedRow {
	rows := make([]parkedRow, len(parked))
	for i, one := range parked {
		rows[i] = p.parkedRow(one)
	}
	return rows
}

func (p *page) parkedRow(one integration.Parked) parkedRow {
	retry := when{}
	if one.Tries > 0 && one.RetryAt.After(p.now) {
		retry = p.when(one.RetryAt, p.now, p.zone)
	}
	return parkedRow{one.ID, one.Reactor, one.Ticket, one.Event, one.Reason, one.Tries, p.when(one.ParkedAt, p.now, p.zone), retry}
}

func (p *page) problemViews(problems []mirror.Problem, in tracker.Tracker) []problemView {
	views := make([]problemView, len(problems))
	for i, one := range problems {
		views[i] = problemView{Where: p.place(one.Where, in), Detail: one.Detail, Mend: one.Mend}
		if key := "problem." + one.Code; p.has(key) {
			views[i].Text = p.say(key)
		}
	}
	return views
}
