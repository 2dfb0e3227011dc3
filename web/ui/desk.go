package ui

import (
	"net/url"

	"suivi/domain"
	"suivi/domain/tracker"
)

// deskView is what one sees first: one's own tickets, and what waits for somebody.
type deskView struct {
	*chrome

	Parts    []deskPart
	ToAssign []deskCount
	CanPost  bool
	Empty    bool // there is no tracker that the person sees
}

// deskPart is the beginning of one list.
type deskPart struct {
	Name, Hint string
	URL        string // of the whole list
	Count      string
	Rows       []rowView
}

// deskCount is how many tickets of a tracker nobody has.
type deskCount struct {
	Tracker navTracker
	URL     string
	Count   string
}

// mostOnDesk is how many rows each part shows.
const mostOnDesk = "8"

func desk(p *page) error {
	frame, around, err := p.frame(p.say("desk.title"), "desk")
	if err != nil {
		return err
	}
	view := deskView{chrome: frame, CanPost: len(around.postable(p.actor())) > 0, Empty: len(around.trackers) == 0}
	for _, scope := range []string{"work", "mine", "watching"} {
		part, err := p.deskPart(scope, around)
		if err != nil {
			return err
		}
		view.Parts = append(view.Parts, part)
	}
	if view.ToAssign, err = p.toAssign(around); err != nil {
		return err
	}
	return p.show("desk", view)
}

func (p *page) deskPart(scope string, around surroundings) (deskPart, error) {
	part := deskPart{Name: p.say("scope." + scope), Hint: p.say("desk.none." + scope), URL: "/tickets?scope=" + scope}
	query := url.Values{"scope": {scope}, "list": {"open"}, "limit": {mostOnDesk}}
	found, counts, err := p.cfg.Reads.TicketsAndTabs(p.ctx(), p.actor(), query, mostMatches)
	if err != nil {
		return part, err
	}
	part.Count = p.countText(counts[tracker.OpenList])
	part.Rows, err = p.rows(p.ctx(), found.Tickets, tracker.Tracker{}, around, nil)
	return part, err
}

// toAssign counts what nobody has, in the trackers where the person gives tickets out.
func (p *page) toAssign(around surroundings) ([]deskCount, error) {
	counts, err := p.cfg.Reads.Unassigned(p.ctx(), p.actor())
	if err != nil {
		return nil, err
	}
	var all []deskCount
	for _, t := range around.trackers {
		if n := counts[t.Key]; n > 0 && t.May(p.actor(), domain.AssignAnybody) {
			all = append(all, deskCount{navTracker{t.Key, t.Name}, "/trackers/" + string(t.Key) + "/tickets?assignee=none", p.shapes.number(n)})
		}
	}
	return all, nil
}
