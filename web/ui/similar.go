package ui

import (
	"net/url"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// similarView are the tickets that may say already what is about to be posted.
type similarView struct {
	Tickets []similarRow
	Asks    bool // sending waits for a yes
}

type similarRow struct {
	ID         domain.TicketID
	Summary    string
	State      stateView
	Resolution string
	Updated    when
	Watching   bool
	CanWatch   bool
}

// mostResolution is how many characters of a resolution stand in the form.
const mostResolution = 240

// similarPageView is the page of the same.
type similarPageView struct {
	*chrome

	Tracker navTracker
	Similar similarView
}

// similarPage answers POST /trackers/{key}/similar: what the form for new tickets
// shows while somebody types. It changes nothing.
func similarPage(p *page) error {
	in, err := p.postTracker()
	if err != nil {
		return err
	}
	return p.withForm(func(f *form) error {
		found, err := p.similar(in, f.Values)
		if err != nil {
			return err
		}
		frame, _, err := p.frame(p.say("similar.title"), "new")
		if err != nil {
			return err
		}
		return p.show("similar", similarPageView{frame, navTracker{in.Key, in.Name}, similarView{Tickets: found}})
	})
}

// similar are the tickets like that of the form.
func (p *page) similar(in tracker.Tracker, typed url.Values) ([]similarRow, error) {
	found, err := p.cfg.Reads.Similar(p.ctx(), p.actor(), in.Key, typed.Get("summary"), typed.Get("description"))
	if err != nil {
		return nil, err
	}
	var rows []similarRow
	for _, t := range found {
		rows = append(rows, p.similarRow(in, t))
	}
	return rows, nil
}

func (p *page) similarRow(in tracker.Tracker, t readapi.SimilarTicket) similarRow {
	resolution := []rune(t.Resolution)
	if len(resolution) > mostResolution {
		resolution = append(resolution[:mostResolution-1], '…')
	}
	return similarRow{
		ID: t.ID, Summary: t.Summary, State: p.state(t.State, in), Resolution: string(resolution), Updated: p.when(t.UpdatedAt, p.now, p.zone),
		Watching: t.Watching, CanWatch: !in.Archived && in.May(p.actor(), domain.Watch),
	}
}

// asksFirst tells whether there are tickets alike that the form has not shown: it is
// not sent then. Forms that do not want to be asked ("alike") are sent at once, and so is
// what has been sent already.
func (p *page) asksFirst(in tracker.Tracker, f *form) (bool, error) {
	if f.Get("alike") != "ask" {
		return false, nil
	}
	found, err := p.cfg.Reads.Similar(p.ctx(), p.actor(), in.Key, f.Get("summary"), f.Get("description"))
	if err != nil || !slices.ContainsFunc(found, func(t readapi.SimilarTicket) bool { return !slices.Contains(f.Values["looked"], string(t.ID)) }) {
		return false, err
	}
	posted, err := p.cfg.Commands.Posted(p.ctx(), p.request(f))
	return err == nil && !posted, nil // what is wrong with the request, posting says
}
