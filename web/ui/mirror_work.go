package ui

import (
	"encoding/json"

	"suivi/integration"
	"suivi/integration/mirror"
)

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
