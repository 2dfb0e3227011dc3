package ui

import (
	"context"
	"strings"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/readapi"
)

// attach adds files to the ticket.
func attach(p *page) error {
	return p.withForm(func(f *form) error {
		return p.deed(f, ticket.Attach{Files: f.attachments(), Internal: f.Get("internal") == "on"}, "attached")
	})
}

func removeFile(p *page) error {
	return p.withForm(func(f *form) error {
		return p.deed(f, ticket.RemoveFile{Attachment: domain.AttachmentID(p.path("aid"))}, "file-removed")
	})
}

func attachment(p *page) error { return p.send(p.cfg.Reads.Content) }

func thumbnail(p *page) error { return p.send(p.cfg.Reads.Thumbnail) }

func (p *page) send(of func(context.Context, domain.Actor, domain.AttachmentID) (readapi.Content, error)) error {
	content, err := of(p.ctx(), p.actor(), domain.AttachmentID(p.path("aid")))
	if err != nil {
		return err
	}
	return p.cfg.Send(p.c, content)
}

// thanksPage is what one reads after posting.
func thanksPage(p *page) error {
	s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
	if err != nil {
		return err
	}
	t := s.Ticket()
	shown, err := p.people(p.ctx(), t.Assignee)
	if err != nil {
		return err
	}
	text := strings.NewReplacer("{ticket}", string(t.ID), "{assignee}", shown[t.Assignee].Name).Replace(p.label(s.Tracker().Thanks()))
	html, err := p.cfg.Reads.Preview(p.ctx(), s, text)
	if err != nil {
		return err
	}
	frame, _, err := p.frame(p.say("thanks.title"), "tracker "+string(t.Tracker))
	if err != nil {
		return err
	}
	return p.show("thanks", thanksView{frame, t.ID, shownHTML(html), "/trackers/" + string(t.Tracker) + "/new"})
}
