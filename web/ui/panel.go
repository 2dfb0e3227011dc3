package ui

import (
	"strconv"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// panel is what stands beside a ticket.
type panel struct {
	Moves     []moveView // that may be made
	Refused   []moveView // and those that may not, with the reason
	Assignee  personView
	CanTake   bool
	CanGive   bool // to anybody
	CanReturn bool // give it back
	Assignees []choice
	Watching  bool
	Hears     string // of which changes, where they watch
	CanWatch  bool
	Watchers  []watcherView
	CanManage bool // others' watches
	Needs     []nodeView
	Holds     []nodeView
	CanDepend bool
	Rank      int64
	CanRank   bool
	Raises    []raiseView
	CanRaise  bool
	Handover  handover
	Twins     []twinView // in other tools, for staff
	Parked    []stuckView
}

// stuckView is why what happened to the ticket has not come to a tool yet.
type stuckView struct {
	Tool, Reason string
	Retry        when
}

// Tied is how many tickets are tied to it right away.
func (p panel) Tied() int { return len(p.Needs) + len(p.Holds) }

// twinView is what a tool has of the ticket.
type twinView struct {
	Tool, ID, URL string
	Since         when
}

// moveView is a change of state.
type moveView struct {
	To         stateView
	Comment    bool // is wanted with it
	Resolution bool
	Why        string // it may not be made
}

// Direct tells whether the change wants nothing beside it.
func (m moveView) Direct() bool { return !m.Comment && !m.Resolution }

type watcherView struct {
	Person personView
	Topics string
	CanEnd bool
}

// nodeView is a ticket in the tree of dependencies.
type nodeView struct {
	ID        domain.TicketID
	Summary   string
	State     stateView
	Below     []nodeView
	Outermost bool // it is next to the ticket itself
}

type raiseView struct {
	Number   int
	Asker    personView
	At       when
	Reason   string
	Urgent   bool
	Pending  bool
	Granted  bool
	Answer   string
	Answered personView
}

func (p *page) panel(s readapi.Sight, read readapi.ReadTicket, all stands) (panel, error) {
	t, in := s.Ticket(), s.Tracker()
	v := panel{Assignee: all.people[t.Assignee], Rank: read.Rank}
	transitions, err := p.cfg.Reads.Transitions(p.ctx(), s)
	if err != nil {
		return v, err
	}
	v.Moves, v.Refused = p.moves(transitions, t, in)
	live := !in.Archived
	v.CanTake = live && t.Assignee == "" && s.May(domain.TakeUnassigned) && in.CanBeAssigned(p.who.ID)
	v.CanGive = live && s.May(domain.AssignAnybody)
	v.CanReturn = live && t.Assignee == p.who.ID
	v.CanRank = live && t.List == tracker.OpenList && s.May(domain.ManagePriority)
	v.CanDepend = live && s.May(domain.ManageDependencies)
	v.CanManage, v.CanWatch = live && s.May(domain.ManageWatchers), live && s.May(domain.Watch)
	for _, w := range all.watchers {
		mine := w.User == p.who.ID
		if mine {
			v.Watching, v.Hears = true, p.topicsText(w.Events)
		}
		v.Watchers = append(v.Watchers, watcherView{all.people[w.User], p.topicsText(w.Events), v.CanManage && !mine})
	}
	if v.Handover, err = p.handover(s, read); err != nil {
		return v, err
	}
	for _, twin := range read.Mirrors {
		v.Twins = append(v.Twins, twinView{p.toolName(twin.Tool), twin.ID, twin.URL, p.when(twin.Since, p.now, p.zone)})
	}
	if v.Parked, err = p.stuck(s); err != nil {
		return v, err
	}
	v.Raises, v.CanRaise = p.raises(s, all)
	tree, err := p.cfg.Reads.Dependencies(p.ctx(), s, 3)
	if err != nil {
		return v, err
	}
	v.Needs = p.nodes(tree.Prerequisites, in, func(b *readapi.Branch) []*readapi.Branch { return b.Prerequisites }, true)
	v.Holds = p.nodes(tree.Dependents, in, func(b *readapi.Branch) []*readapi.Branch { return b.Dependents }, true)
	return v, nil
}

// stuck is what of the ticket is parked on its way to other tools, for its staff.
func (p *page) stuck(s readapi.Sight) ([]stuckView, error) {
	if !s.May(domain.SeeInternal) {
		return nil, nil
	}
	parked, err := p.cfg.Mirrors.ParkedOf(p.ctx(), s.Ticket().ID)
	if err != nil {
		return nil, err
	}
	views := make([]stuckView, len(parked))
	for i, one := range parked {
		views[i] = stuckView{p.toolName(one.Reactor), one.Reason, p.parkedRow(one).Retry}
	}
	return views, nil
}

// moves parts the changes that may be made from those that may not. States that the
// tracker does not have are left out.
func (p *page) moves(all []ticket.Transition, t ticket.Ticket, in tracker.Tracker) (may, not []moveView) {
	for _, tr := range all {
		m := moveView{To: p.state(tr.To, in)}
		switch {
		case tr.To == t.State, !in.Enabled(tr.To):
		case tr.Allowed:
			for _, r := range tr.Requires {
				m.Comment = m.Comment || r == tracker.RequiresComment
				m.Resolution = m.Resolution || r == tracker.RequiresResolution
			}
			may = append(may, m)
		default:
			m.Why = p.reason(tr.Code, tr.Reason)
			not = append(not, m)
		}
	}
	return may, not
}

func (p *page) nodes(branches []*readapi.Branch, in tracker.Tracker, below func(*readapi.Branch) []*readapi.Branch, outermost bool) []nodeView {
	var views []nodeView
	for _, b := range branches {
		desk := tracker.Tracker{}
		if b.Tracker == in.Key {
			desk = in
		}
		views = append(views, nodeView{b.ID, b.Summary, p.state(b.State, desk), p.nodes(below(b), in, below, false), outermost})
	}
	return views
}

// raises are the requests to raise the ticket, and whether the person may ask now.
func (p *page) raises(s readapi.Sight, all stands) (views []raiseView, can bool) {
	t := s.Ticket()
	can = !s.Tracker().Archived && t.List == tracker.OpenList && (t.Reporter == p.who.ID || t.Assignee == p.who.ID && t.Assignee != "")
	for _, r := range all.raises {
		pending := r.AnsweredAt == nil
		can = can && !pending
		views = append(views, raiseView{
			Number: r.Request, Asker: all.people[r.Asker], At: p.when(r.OccurredAt, p.now, p.zone), Reason: r.Reason, Urgent: r.Urgent,
			Pending: pending, Granted: r.Outcome == "granted", Answer: r.Answer, Answered: all.people[r.AnsweredBy],
		})
	}
	return views, can
}

// plain is a number for addresses, which have no groups of digits.
func (p *page) plain(n int) string { return strconv.Itoa(n) }
