package ui

import (
	"context"
	"encoding/json"
	"errors"

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
	Parked   []failedRow
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

// mirrorWorkView is a long work on a mirror.
type mirrorWorkView struct {
	Kind, Name  string
	Running     bool
	Began       when
	Ended       when
	By          personView
	Done, Total uint64
	Failure     string
	Report      *reportView
	Imported    *mirror.Imported
}

// reportView is what a comparison has found.
type reportView struct {
	mirror.Report

	Rows []driftedRow
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
	v.Parked = p.failedRows(state.Parked)
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

// failedRow is parked work that has failed, and how much of the ticket waits behind it.
type failedRow struct {
	parkedRow

	Behind int
}

func (p *page) failedRows(parked []integration.Parked) []failedRow {
	var rows []failedRow
	behind := map[domain.TicketID]int{}
	for _, one := range parked {
		if one.Tries == 0 {
			behind[one.Ticket]++
			continue
		}
		rows = append(rows, failedRow{parkedRow: p.parkedRow(one)})
	}
	for i := range rows {
		rows[i].Behind = behind[rows[i].Ticket]
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

// mirrorWork shows a work; nil: there was none.
func (p *page) mirrorWork(w *integration.Work) (*mirrorWorkView, error) {
	if w == nil {
		return nil, nil //nolint:nilnil // there need not be one
	}
	shown, err := p.people(p.ctx(), w.By)
	if err != nil {
		return nil, err
	}
	v := &mirrorWorkView{Kind: w.Kind, Name: p.say("work." + w.Kind), Running: w.Running(), By: shown[w.By], Done: w.Done, Total: w.Total, Failure: w.Failure, Began: p.when(w.Began, p.now, p.zone)}
	if !v.Running {
		v.Ended = p.when(*w.Ended, p.now, p.zone)
	}
	if key := "work." + w.Failure; w.Failure == integration.Interrupted || w.Failure == integration.Cancelled {
		v.Failure = p.say(key)
	}
	if w.Result == nil {
		return v, nil
	}
	if w.Kind == mirror.ImportWork {
		v.Imported = &mirror.Imported{}
		return v, json.Unmarshal(w.Result, v.Imported)
	}
	v.Report = &reportView{}
	if err := json.Unmarshal(w.Result, &v.Report.Report); err != nil {
		return nil, err
	}
	for _, f := range v.Report.Found {
		v.Report.Rows = append(v.Report.Rows, driftedRow{Ticket: f.Ticket, Twin: f.Twin, What: p.say("found." + f.What), Error: f.Error, Drifts: f.Drifts})
	}
	return v, nil
}

// checked is what a check has found, or why it could not be made.
type checked struct {
	problems []mirror.Problem
	silence  *silence
}

// check asks the tool what is wrong with the draft; nil: with what is set.
func (p *page) check(in toolOf, draft *tracker.Mirror) (*checked, error) {
	ctx, cancel := p.asking()
	defer cancel()
	problems, err := p.cfg.Mirrors.Check(ctx, in.tool, in.Key, draft)
	if silence := p.silence(ctx, err); silence != nil {
		return &checked{silence: silence}, nil
	}
	return &checked{problems: problems}, err
}

// silence is why a tool has not told what it was asked: a sentence, and the tool's own words.
type silence struct{ Text, Detail string }

// silence is nil where the tool has answered, or the error is none of it.
func (p *page) silence(ctx context.Context, err error) *silence {
	refusal, _ := errors.AsType[*domain.Error](err)
	switch {
	case err == nil:
		return nil
	case refusal != nil && (refusal.Kind == domain.Unavailable || refusal.Kind == domain.Refused):
		return &silence{p.reason(refusal.Code, refusal.Message), refusal.Message}
	case ctx.Err() != nil:
		return &silence{Text: p.say("error.tool-unavailable")}
	}
	return nil
}

// workOnMirror is what can be done with a mirror that is set.
func workOnMirror(p *page, in toolOf) error {
	if _, has := in.Mirror(in.tool); !has {
		return p.redirect(in.path("/edit"), "")
	}
	return p.withForm(func(f *form) error {
		mirrors, do := p.cfg.Mirrors, f.Get("do")
		switch do {
		case "check":
			found, err := p.check(in, nil)
			if err != nil {
				return err
			}
			return p.showMirror(in, found, nil)
		case "on", "off":
			return p.switchMirror(in, f, do == "on")
		case "remove":
			return p.configure(in.configured, change{
				form: f, all: []tracker.Command{tracker.RemoveMirror{Tool: in.tool}}, address: settingsPath(in.Key, "mirrors"), said: "mirror-removed",
				again: func(_ *Complaint, err error) error { return p.showMirror(in, nil, err) },
			})
		case mirror.LookWork, mirror.VerifyWork, mirror.ImportWork:
			return p.done(in, mirrors.Order(p.ctx(), in.tool, in.Key, do, p.who.ID), "")
		case "cancel":
			return p.done(in, mirrors.Cancel(p.ctx(), in.tool, in.Key), "work-cancelled")
		case "replay":
			return p.done(in, mirrors.Replay(p.ctx(), in.tool, in.Key), "parked-retried")
		case "retry":
			return p.done(in, mirrors.Retry(p.ctx(), in.tool, in.Key, f.Get("id")), "parked-retried")
		case "resolve":
			return p.done(in, mirrors.Resolve(p.ctx(), in.tool, in.Key, f.Get("id"), p.who.ID), "parked-resolved")
		}
		return errBadForm()
	})
}

// done goes back to the mirror's page, with what was done or why not. What is no longer there is done.
func (p *page) done(in toolOf, err error, said string) error {
	switch {
	case domain.KindOf(err) == domain.NotFound:
		return p.redirect(in.path(""), "unchanged")
	case err != nil:
		return p.showMirror(in, nil, err)
	}
	return p.redirect(in.path(""), said)
}

// switchMirror turns a mirror on or off. One that cannot work is not turned on.
func (p *page) switchMirror(in toolOf, f *form, on bool) error {
	if on {
		found, err := p.check(in, nil)
		if err != nil {
			return err
		}
		if found.silence != nil || len(found.problems) > 0 {
			return p.showMirror(in, found, domain.Errorf(domain.Refused, "mirror-does-not-work", "its check says why"))
		}
	}
	m, _ := in.Mirror(in.tool)
	m.Paused = !on
	said := "mirror-off"
	if on {
		said = "mirror-on"
	}
	return p.configure(in.configured, change{
		form: f, all: []tracker.Command{tracker.SetMirror{Mirror: m}}, address: in.path(""), said: said,
		again: func(_ *Complaint, err error) error { return p.showMirror(in, nil, err) },
	})
}
