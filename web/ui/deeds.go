package ui

import (
	"strconv"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/ticket"
)

// deed carries out a command on the ticket of the address and goes back to where
// the form was. A refusal is shown on the ticket's page.
func (p *page) deed(form *form, command ticket.Command, said string) error {
	id, err := domain.ParseTicketID(p.path("id"))
	if err != nil {
		return err
	}
	out, err := p.cfg.Commands.ChangeTicket(p.ctx(), p.caller(), p.request(form), id, command)
	return p.ended(form, out, err, said)
}

func (p *page) ended(form *form, out commands.Outcome[ticket.Ticket], err error, said string) error {
	if err != nil {
		return p.refused(err)
	}
	back := p.back(form, "/tickets/"+p.path("id"))
	if p.has("said." + said + "." + string(out.State.State)) {
		said += "." + string(out.State.State)
	}
	return p.settled(out.Position.Commit, out.Position.Prepare, back, said)
}

// refused shows the ticket with why a deed was refused.
func (p *page) refused(err error) error {
	wrong := p.complain(err)
	if wrong == nil {
		return err
	}
	s, lookErr := p.sight()
	if lookErr != nil {
		return lookErr
	}
	return p.showTicket(s, compose{}, wrong, err)
}

// withForm reads the form of a deed.
func (p *page) withForm(do func(*form) error) error {
	form, err := p.form()
	if err != nil {
		return err
	}
	return do(form)
}

func rankTicket(p *page) error {
	return p.withForm(func(f *form) error {
		return p.deed(f, ticket.Rank{Move: rank.Move{Step: rank.Step(f.Get("move"))}}, "ranked")
	})
}

func requestRaise(p *page) error {
	return p.withForm(func(f *form) error {
		return p.deed(f, ticket.RequestRaise{Reason: f.Get("reason"), Urgent: f.Get("urgent") == "on"}, "raise-requested")
	})
}

// answerRaise grants a request, which moves the ticket up, or refuses it.
func answerRaise(p *page) error {
	number, err := strconv.Atoi(p.path("rid"))
	if err != nil {
		number = 0 // which no request has
	}
	return p.withForm(func(f *form) error {
		if f.Get("do") == "refuse" {
			return p.deed(f, ticket.RefuseRaise{Request: number, Answer: f.Get("answer")}, "raise-refused")
		}
		step := rank.Raise
		if f.Get("to") == string(rank.ToTop) {
			step = rank.ToTop
		}
		return p.deed(f, ticket.GrantRaise{Request: number, Move: rank.Move{Step: step}}, "raise-granted")
	})
}

// watch begins or ends a watch: one's own, or as who manages watchers somebody else's.
func watch(p *page) error {
	return p.withForm(func(f *form) error {
		user := domain.UserID(f.Get("user"))
		if user == "" {
			user = p.who.ID
		}
		if f.Get("do") == "end" {
			return p.deed(f, ticket.Unwatch{User: user}, "unwatched")
		}
		return p.deed(f, ticket.Watch{User: user}, "watched")
	})
}

func changePrerequisite(p *page) error {
	return p.withForm(func(f *form) error {
		id, err := domain.ParseTicketID(p.path("id"))
		if err != nil {
			return err
		}
		other, err := p.ticketNamed(f.Get("ticket"), id.Key())
		if err != nil {
			return p.refused(err)
		}
		change, said := p.cfg.Commands.AddPrerequisite, "prerequisite-added"
		if f.Get("do") == "remove" {
			change, said = p.cfg.Commands.RemovePrerequisite, "prerequisite-removed"
		}
		out, err := change(p.ctx(), p.caller(), p.request(f), id, other)
		return p.ended(f, out, err, said)
	})
}

// ticketNamed is the ticket that somebody means who types HELP-12, or 12 beside a ticket of HELP.
func (p *page) ticketNamed(text string, key domain.TrackerKey) (domain.TicketID, error) {
	found, err := p.cfg.Reads.Numbered(p.ctx(), p.actor(), text)
	if err != nil {
		return "", err
	}
	for _, t := range found {
		if t.Tracker == key || len(found) == 1 {
			return t.ID, nil
		}
	}
	return "", &domain.Error{Kind: domain.Invalid, Code: "unknown-ticket", Message: "there is no such ticket", Fields: []domain.FieldError{{Field: "ticket", Code: "unknown-ticket"}}}
}

func deleteTicket(p *page) error {
	return p.withForm(func(f *form) error {
		id, err := domain.ParseTicketID(p.path("id"))
		if err != nil {
			return err
		}
		out, err := p.cfg.Commands.ChangeTicket(p.ctx(), p.caller(), p.request(f), id, ticket.Delete{})
		if err != nil {
			return p.refused(err)
		}
		return p.settled(out.Position.Commit, out.Position.Prepare, "/trackers/"+string(out.State.Tracker)+"/tickets", "ticket-deleted")
	})
}
