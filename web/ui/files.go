package ui

import (
	"context"

	"github.com/gofiber/fiber/v2"

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

// upload answers POST /uploads, which scripts send for what is pasted or dropped: with
// the files that wait to be attached, or what was wrong with them.
func upload(p *page) error {
	form, err := p.form()
	if wrong := p.complain(err).ofAddress(); wrong != nil {
		return p.c.Status(p.cfg.StatusOf(err)).JSON(fiber.Map{"error": wrong.Text})
	}
	if err != nil {
		return err
	}
	return p.c.Status(fiber.StatusCreated).JSON(fiber.Map{"uploads": form.uploads})
}

// withFiles is the command, with the files that the form brings, if there are any.
func (f *form) withFiles(command ticket.Command) ticket.Command {
	files := f.attachments()
	if len(files) == 0 {
		return command
	}
	return ticket.WithFiles{Command: command, Files: files}
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
