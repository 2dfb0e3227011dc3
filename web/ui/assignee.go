package ui

import (
	"suivi/domain"
	"suivi/domain/ticket"
)

// assigneeForm gives a ticket to somebody.
type assigneeForm struct {
	*chrome
	*Complaint

	ID      domain.TicketID
	Summary string
	Now     personView
	People  []choice
	Back    string
}

func assigneePage(p *page) error {
	f := form{Values: p.query()}
	return p.showAssignee(&f, nil, nil)
}

// assign gives a ticket to somebody, takes it, or with "none" takes it from who has it.
func assign(p *page) error {
	return p.withForm(func(f *form) error {
		id, err := domain.ParseTicketID(p.path("id"))
		if err != nil {
			return err
		}
		var command ticket.Command = ticket.Assign{User: domain.UserID(f.Get("user"))}
		said := "assigned"
		switch f.Get("user") {
		case "me":
			command, said = ticket.Assign{User: p.who.ID}, "taken"
		case "none":
			command, said = ticket.Unassign{}, "unassigned"
		}
		out, err := p.cfg.Commands.ChangeTicket(p.ctx(), p.caller(), p.request(f), id, command)
		if err != nil {
			return p.showAssignee(f, p.complain(err), err)
		}
		return p.ended(f, out, nil, said)
	})
}

func (p *page) showAssignee(f *form, wrong *Complaint, failure error) error {
	if failure != nil && wrong == nil {
		return failure
	}
	s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
	if err != nil {
		return err
	}
	t := s.Ticket()
	frame, around, err := p.frame(p.say("assignee.title", "ticket", t.ID), "tracker "+string(t.Tracker))
	if err != nil {
		return err
	}
	v := assigneeForm{chrome: frame, Complaint: wrong, ID: t.ID, Summary: t.Summary, Back: p.back(f, "/tickets/"+string(t.ID))}
	people, err := p.assignable(s.Tracker(), around)
	if err != nil {
		return err
	}
	if t.Assignee != "" {
		v.People = append(v.People, choice{Value: "none", Label: p.say("filter.nobody")})
	}
	for _, one := range people {
		if one.ID == p.who.ID || s.May(domain.AssignAnybody) {
			v.People = append(v.People, choice{Value: string(one.ID), Label: one.Name, Chosen: one.ID == t.Assignee})
		}
	}
	return p.answer(p.statusOf(failure), "assignee", v)
}
