package ui

import (
	"net/url"
	"strconv"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/readapi"
)

// comment adds a comment or an internal note, with files; or shows how it would look.
func comment(p *page) error {
	form, err := p.form()
	if err != nil {
		return err
	}
	s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
	if err != nil {
		return err
	}
	typed := compose{Body: form.Get("body"), Internal: form.Get("internal") == "on", Uploads: form.kept(), Key: form.Get("key")}
	if form.Get("do") == "preview" {
		html, err := p.cfg.Reads.Preview(p.ctx(), s, typed.Body)
		if err != nil {
			return err
		}
		typed.Preview = shownHTML(html)
		return p.showTicket(s, typed, nil, nil)
	}
	var command ticket.Command = ticket.Comment{Body: typed.Body}
	if typed.Internal {
		command = ticket.AddNote{Body: typed.Body}
	}
	id := s.Ticket().ID
	out, err := p.cfg.Commands.ChangeTicket(p.ctx(), p.caller(), p.request(form), id, form.withFiles(command))
	if err != nil {
		return p.showTicket(s, typed, p.complain(err), err)
	}
	p.wrote(id)
	at, said := "#comment-"+strconv.Itoa(out.State.Comments), "commented"
	if typed.Internal {
		at, said = "#note-"+strconv.Itoa(len(out.State.Inner.Notes)), "noted"
	}
	return p.settled(out.Position.Commit, out.Position.Prepare, "/tickets/"+string(id)+at, said)
}

// remarkView is the form that changes the text of a comment or note.
type remarkView struct {
	*chrome
	*Complaint

	ID      domain.TicketID
	Kind    string
	Number  int
	Body    string
	Path    string
	Uploads []keptUpload
}

// remarkOf is the comment or note of the address.
func (p *page) remarkOf(s readapi.Sight) (number int, r readapi.Remark, err error) {
	number, err = strconv.Atoi(p.path("number"))
	if err != nil || number < 1 {
		return 0, r, domain.ErrNoComment(s.Ticket().ID, 0)
	}
	if p.path("kind") == "notes" {
		notes, _, err := p.cfg.Reads.Notes(p.ctx(), s, number-1, 1)
		if err == nil && (len(notes) == 0 || notes[0].Note != number) {
			err = domain.ErrNoNote(s.Ticket().ID, number)
		}
		if err != nil {
			return 0, r, err
		}
		return number, notes[0].Remark, nil
	}
	comments, _, err := p.cfg.Reads.Comments(p.ctx(), s, number-1, 1)
	if err == nil && (len(comments) == 0 || comments[0].Comment != number) {
		err = domain.ErrNoComment(s.Ticket().ID, number)
	}
	if err != nil {
		return 0, r, err
	}
	return number, comments[0].Remark, nil
}

func remarkPage(p *page) error {
	s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
	if err != nil {
		return err
	}
	_, r, err := p.remarkOf(s)
	if err != nil {
		return err
	}
	return p.showRemark(s, &form{Values: url.Values{"body": {r.Body}}}, nil)
}

func editRemark(p *page) error {
	return p.changeRemark("remark-edited", func(f *form, note bool, number int) ticket.Command {
		if note {
			return ticket.EditNote{Note: number, Body: f.Get("body")}
		}
		return ticket.EditComment{Comment: number, Body: f.Get("body")}
	})
}

func deleteRemark(p *page) error {
	return p.changeRemark("remark-deleted", func(_ *form, note bool, number int) ticket.Command {
		if note {
			return ticket.DeleteNote{Note: number}
		}
		return ticket.DeleteComment{Comment: number}
	})
}

func (p *page) changeRemark(said string, command func(f *form, note bool, number int) ticket.Command) error {
	return p.withForm(func(f *form) error {
		s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
		if err != nil {
			return err
		}
		number, _, err := p.remarkOf(s)
		if err != nil {
			return err
		}
		note, id := p.path("kind") == "notes", s.Ticket().ID
		out, err := p.cfg.Commands.ChangeTicket(p.ctx(), p.caller(), p.request(f), id, f.withFiles(command(f, note, number)))
		if err != nil {
			return p.showRemark(s, f, err)
		}
		anchor := "#comment-"
		if note {
			anchor = "#note-"
		}
		return p.settled(out.Position.Commit, out.Position.Prepare, "/tickets/"+string(id)+anchor+strconv.Itoa(number), said)
	})
}

func (p *page) showRemark(s readapi.Sight, f *form, failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	number, _, err := p.remarkOf(s)
	if err != nil {
		return err
	}
	t, kind := s.Ticket(), p.path("kind")
	frame, _, err := p.frame(p.say("remark.title."+kind, "n", number, "ticket", t.ID), "tracker "+string(t.Tracker))
	if err != nil {
		return err
	}
	path := "/tickets/" + string(t.ID) + "/" + kind + "/" + strconv.Itoa(number)
	return p.answer(p.statusOf(failure), "remark", remarkView{frame, wrong, t.ID, kind, number, f.Get("body"), path, f.kept()})
}
