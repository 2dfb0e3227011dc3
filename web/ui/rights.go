package ui

import (
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// myRightsView is what one may do and has: roles and rights in each tracker, what one
// is given, and what one gave to others.
type myRightsView struct {
	*chrome

	Sections []tab
	May      []rightsIn
	Work     deskPart // given to the person
	Given    []givenRow
	GivenTo  []givenTo
	More     bool // there is more of Given
}

// rightsIn is what one may do in a tracker, in the order of all rights.
type rightsIn struct {
	Tracker navTracker
	Roles   []string
	Rights  []string
	Not     []string // the others
}

// givenRow is a ticket that one gave to somebody who has it still.
type givenRow struct {
	Ticket   domain.TicketID
	Summary  string
	State    stateView
	Assignee personView
	At       when
}

// givenTo is a person whom one gave tickets, and how many they have of these.
type givenTo struct {
	Person         personView
	Open, Resolved int
}

// mostGiven is up to how many tickets that one gave to others are counted; mostGivenShown are shown.
const (
	mostGiven      = 1000
	mostGivenShown = 20
)

func myRightsPage(p *page) error {
	frame, around, err := p.frame(p.say("profile.title"), "profile")
	if err != nil {
		return err
	}
	v := myRightsView{chrome: frame, Sections: p.profileSections("/profile/rights")}
	for _, t := range around.trackers {
		v.May = append(v.May, p.rightsIn(t))
	}
	if v.Work, err = p.deskPart("work", around); err != nil {
		return err
	}
	given, more, err := p.cfg.Reads.Assigned(p.ctx(), p.actor(), mostGiven)
	if err != nil {
		return err
	}
	if err := v.give(p, given, around); err != nil {
		return err
	}
	v.More = more || len(given) > mostGivenShown
	return p.show("rights", v)
}

func (p *page) rightsIn(t readapi.ListedTracker) rightsIn {
	in := rightsIn{Tracker: navTracker{t.Key, t.Name}}
	for _, role := range t.RolesOf(domain.Actor{ID: p.who.ID}) {
		in.Roles = append(in.Roles, p.say("role."+string(role)))
	}
	for _, right := range domain.Rights() {
		text := p.say("right." + string(right))
		if t.May(p.actor(), right) {
			in.Rights = append(in.Rights, text)
		} else {
			in.Not = append(in.Not, text)
		}
	}
	return in
}

// give shows what was given to whom.
func (v *myRightsView) give(p *page, given []readapi.AssignedTicket, around surroundings) error {
	var ids []domain.UserID
	for _, g := range given {
		ids = append(ids, g.Assignee)
	}
	shown, err := p.people(p.ctx(), ids...)
	if err != nil {
		return err
	}
	for i, g := range given {
		at := slices.IndexFunc(v.GivenTo, func(to givenTo) bool { return to.Person.ID == g.Assignee })
		if at < 0 {
			at = len(v.GivenTo)
			v.GivenTo = append(v.GivenTo, givenTo{Person: shown[g.Assignee]})
		}
		if g.List == tracker.OpenList {
			v.GivenTo[at].Open++
		} else {
			v.GivenTo[at].Resolved++
		}
		if i < mostGivenShown {
			v.Given = append(v.Given, givenRow{g.Ticket, g.Summary, p.state(g.State, around.of(g.Tracker).Tracker), shown[g.Assignee], p.when(g.At, p.now, p.zone)})
		}
	}
	return nil
}
