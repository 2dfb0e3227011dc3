package ui

import (
	"net/url"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
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
	found, err := p.cfg.Reads.Tickets(p.ctx(), p.actor(), url.Values{"scope": {scope}, "list": {"open"}, "limit": {mostOnDesk}})
	if err != nil {
		return part, err
	}
	count := readapi.Count{N: int64(len(found.Tickets))}
	if found.Next != "" {
		counts, err := p.cfg.Reads.CountsUpTo(p.ctx(), p.actor(), url.Values{"scope": {scope}, "list": {"open"}}, mostCounted)
		if err != nil {
			return part, err
		}
		count = counts[tracker.OpenList]
	}
	part.Count = p.countText(count)
	part.Rows, err = p.rows(p.ctx(), found.Tickets, tracker.Tracker{}, around, nil)
	return part, err
}

// toAssign counts what nobody has, in the trackers where the person gives tickets out.
func (p *page) toAssign(around surroundings) ([]deskCount, error) {
	var all []deskCount
	for _, t := range around.trackers {
		if !t.May(p.actor(), domain.AssignAnybody) {
			continue
		}
		query := url.Values{"tracker": {string(t.Key)}, "assignee": {"none"}, "list": {"open"}}
		counts, err := p.cfg.Reads.CountsUpTo(p.ctx(), p.actor(), query, mostCounted)
		if err != nil {
			return nil, err
		}
		if n := counts[tracker.OpenList]; n.N > 0 {
			all = append(all, deskCount{navTracker{t.Key, t.Name}, "/trackers/" + string(t.Key) + "/tickets?assignee=none", p.countText(n)})
		}
	}
	return all, nil
}
