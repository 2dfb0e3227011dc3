package ui

import (
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// stateForm is the change of a ticket's state by itself: from a list, or where
// the change wants a comment or a resolution.
type stateForm struct {
	*chrome
	*Complaint

	ID      domain.TicketID
	Summary string
	State   stateView
	Moves   []moveView
	Refused []moveView
	To      tracker.State
	Comment string
	Text    string // of the resolution
	Back    string
}

func statePage(p *page) error {
	f := form{Values: p.query()}
	return p.showState(&f, nil, nil)
}

func changeState(p *page) error {
	return p.withForm(func(f *form) error {
		id, err := domain.ParseTicketID(p.path("id"))
		if err != nil {
			return err
		}
		change := ticket.ChangeState{To: tracker.State(f.Get("to")), Comment: f.Get("comment"), Resolution: f.Get("resolution")}
		if f.Has("card") {
			return p.moveCard(f, id, change)
		}
		out, err := p.cfg.Commands.ChangeTicket(p.ctx(), p.caller(), p.request(f), id, change)
		if err != nil {
			return p.showState(f, p.complain(err), err)
		}
		return p.ended(f, out, nil, "state-changed")
	})
}

func (p *page) showState(f *form, wrong *Complaint, failure error) error {
	if failure != nil && wrong == nil {
		return failure
	}
	s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
	if err != nil {
		return err
	}
	t, in := s.Ticket(), s.Tracker()
	transitions, err := p.cfg.Reads.Transitions(p.ctx(), s)
	if err != nil {
		return err
	}
	frame, _, err := p.frame(p.say("state.title", "ticket", t.ID), "tracker "+string(t.Tracker))
	if err != nil {
		return err
	}
	v := stateForm{chrome: frame, Complaint: wrong, ID: t.ID, Summary: t.Summary, State: p.state(t.State, in), To: tracker.State(f.Get("to")),
		Comment: f.Get("comment"), Text: f.Get("resolution"), Back: p.back(f, "/tickets/"+string(t.ID))}
	v.Moves, v.Refused = p.moves(transitions, t, in)
	return p.answer(p.statusOf(failure), "state", v)
}

func (p *page) statusOf(failure error) int {
	if failure == nil {
		return 200
	}
	return p.cfg.StatusOf(failure)
}
