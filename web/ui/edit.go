package ui

import (
	"maps"
	"net/url"
	"strconv"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/readapi"
)

// editView is the form that changes a ticket's texts and answers.
type editView struct {
	*chrome
	*Complaint

	ID         domain.TicketID
	Version    uint64 // that the form was made of
	Typed      url.Values
	Fields     []fieldInput
	MayEdit    bool
	MayResolve bool
	Clashes    []clash // what somebody else has written meanwhile
	Uploads    []keptUpload
}

// clash is a text that two people have changed at the same time.
type clash struct {
	Name   string // of the input
	Label  string
	Theirs string
}

func editPage(p *page) error {
	s, err := p.sight()
	if err != nil {
		return err
	}
	t := s.Ticket()
	typed := url.Values{"summary": {t.Summary}, "description": {t.Description}, "resolution": {t.Resolution}}
	return p.showEdit(s, &form{Values: typed}, t.Answers, t.Version, nil, nil)
}

func edit(p *page) error {
	return p.withForm(func(f *form) error {
		s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
		if err != nil {
			return err
		}
		version, err := strconv.ParseUint(f.Get("version"), 10, 63)
		if err != nil {
			return errBadForm()
		}
		in := s.Tracker().SeenAs(p.actor())
		answers := answersOf(in, f.Values)
		request := p.request(f)
		request.IfMatch = &version
		out, err := p.cfg.Commands.ChangeTicket(p.ctx(), p.caller(), request, s.Ticket().ID, f.withFiles(p.editCommand(s, f, answers)))
		switch {
		case domain.KindOf(err) == domain.Stale:
			return p.merge(s, f, answers, version, err)
		case err != nil:
			return p.showEdit(s, f, answers, version, nil, err)
		}
		p.wrote(s.Ticket().ID)
		return p.ended(f, out, nil, "edited")
	})
}

// editCommand names what the form has and the person may write.
func (p *page) editCommand(s readapi.Sight, f *form, answers map[string]string) ticket.Edit {
	var command ticket.Edit
	if text := f.Get("summary"); p.mayDo(s).Edit && f.Has("summary") {
		command.Summary = &text
	}
	if text := f.Get("description"); p.mayDo(s).Edit && f.Has("description") {
		command.Description = &text
	}
	if p.mayDo(s).Edit {
		in := s.Tracker().SeenAs(p.actor())
		command.Answers = askedAnswers(in, answers)
	}
	if text := f.Get("resolution"); s.May(domain.WriteResolution) && f.Has("resolution") {
		command.Resolution = &text
	}
	return command
}

// merge is for a form whose ticket somebody else has changed meanwhile. What they
// alone changed is taken over, what both did is shown side by side. Nothing is lost.
func (p *page) merge(s readapi.Sight, f *form, answers map[string]string, version uint64, stale error) error {
	base, err := p.cfg.Reads.ReadVersion(p.ctx(), s, version)
	if err != nil {
		return err
	}
	now := s.Ticket()
	var clashes []clash
	take := func(name, label, was, theirs string, mine *string) {
		switch {
		case *mine == was, *mine == theirs:
			*mine = theirs
		case theirs != was:
			clashes = append(clashes, clash{name, label, theirs})
		}
	}
	for _, text := range []struct{ name, was, theirs string }{
		{"summary", base.Summary, now.Summary}, {"description", base.Description, now.Description}, {"resolution", base.Resolution, now.Resolution},
	} {
		if mine := f.Get(text.name); f.Has(text.name) {
			take(text.name, p.say("edit."+text.name), text.was, text.theirs, &mine)
			f.Set(text.name, mine)
		}
	}
	for _, field := range s.Tracker().SeenAs(p.actor()).Fields {
		if mine, given := answers[field.Code]; given {
			take(answerPrefix+field.Code, p.fieldLabel(field), base.Answers[field.Code], now.Answers[field.Code], &mine)
			answers[field.Code] = mine
		}
	}
	for i, c := range clashes {
		if field, ok := s.Tracker().Field(c.Name[min(len(c.Name), len(answerPrefix)):]); ok {
			clashes[i].Theirs = p.answerText(field, c.Theirs, nil)
		}
	}
	return p.showEdit(s, f, answers, now.Version, clashes, stale)
}

func (p *page) showEdit(s readapi.Sight, f *form, answers map[string]string, version uint64, clashes []clash, failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	t := s.Ticket()
	frame, _, err := p.frame(p.say("edit.title", "ticket", t.ID), "tracker "+string(t.Tracker))
	if err != nil {
		return err
	}
	frame.Live = p.live("/tickets/"+string(t.ID)+"/edit", true, "ticket", string(t.ID))
	v := editView{chrome: frame, Complaint: wrong, ID: t.ID, Version: version, Typed: f.Values, MayEdit: p.mayDo(s).Edit, MayResolve: p.mayDo(s).Resolve, Clashes: clashes, Uploads: f.kept()}
	if !v.MayEdit && !v.MayResolve {
		return domain.Errorf(domain.Forbidden, "right-missing", "none of your roles may edit this ticket")
	}
	if v.MayEdit {
		in := s.Tracker().SeenAs(p.actor())
		all := map[string]string{}
		maps.Copy(all, t.Answers)
		maps.Copy(all, answers)
		for _, field := range in.Fields { // a default is for new tickets
			if _, answered := all[field.Code]; !answered {
				all[field.Code] = ""
			}
		}
		files, err := p.cfg.Reads.Attachments(p.ctx(), s)
		if err != nil {
			return err
		}
		names := f.fileNames()
		for _, file := range files {
			names[string(file.ID)] = file.Name
		}
		if v.Fields, err = p.inputs(in, all, names, wrong); err != nil {
			return err
		}
	}
	return p.answer(p.statusOf(failure), "edit", v)
}
