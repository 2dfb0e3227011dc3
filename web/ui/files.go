package ui

import (
	"context"

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

// fileView is a file as pages show it.
type fileView struct {
	ID            domain.AttachmentID
	Name, Size    string
	Picture       bool
	Width, Height int
	Internal      bool
	By            personView
	Remove        string // the address that removes it; "" for who may not
}

func (p *page) fileViews(files []readapi.Attachment, s readapi.Sight, shown people, keep func(readapi.Attachment) bool) []fileView {
	var views []fileView
	for _, f := range files {
		if !keep(f) {
			continue
		}
		v := fileView{ID: f.ID, Name: f.Name, Size: p.shapes.size(f.Size), Picture: f.Thumbnail != "", Width: f.Width, Height: f.Height, Internal: f.Internal, By: shown[f.Author]}
		if !s.Tracker().Archived && (f.Author == p.who.ID || s.May(domain.ManageComments)) {
			v.Remove = "/tickets/" + string(s.Ticket().ID) + "/attachments/" + string(f.ID) + "/remove"
		}
		views = append(views, v)
	}
	return views
}
