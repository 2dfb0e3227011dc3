package ui

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suivi/commands"
	"suivi/domain"
)

// form is what somebody typed and sent, with the files that came with it.
type form struct {
	url.Values

	uploads []commands.Upload
}

// form reads the body of a request: a form as browsers send it. Lines end in "\n".
func (p *page) form() (*form, error) {
	media, _, _ := bytes.Cut(p.c.Request().Header.ContentType(), []byte(";"))
	var f form
	var err error
	if bytes.EqualFold(bytes.TrimSpace(media), []byte(fiber.MIMEMultipartForm)) {
		body := p.c.Context().RequestBodyStream()
		f.Values, f.uploads, err = p.cfg.Commands.ReceiveForm(p.ctx(), p.c.Get(fiber.HeaderContentType), body, p.who.ID)
	} else if f.Values, err = url.ParseQuery(string(p.c.Request().Body())); err != nil {
		err = domain.Errorf(domain.Invalid, "bad-form", "this cannot be read as a form")
	}
	if err != nil {
		return nil, err
	}
	for _, values := range f.Values {
		for i := range values {
			values[i] = strings.ToValidUTF8(strings.ReplaceAll(values[i], "\r\n", "\n"), "")
		}
	}
	f.answerWithFiles()
	return &f, nil
}

// answerWithFiles makes answers of the files that came for a field, and takes away
// those whose box is ticked.
func (f *form) answerWithFiles() {
	f.uploads = slices.DeleteFunc(f.uploads, func(u commands.Upload) bool {
		if !strings.HasPrefix(u.Part, answerPrefix) {
			return false
		}
		f.Set(u.Part, string(u.ID))
		f.Add("named", string(u.ID)+" "+u.Name)
		return true
	})
	for _, name := range f.Values["remove"] {
		f.Set(name, "")
	}
}

// fileNames are the names of files that answer fields, by id, for show.
func (f *form) fileNames() map[string]string {
	names := map[string]string{}
	for _, text := range f.Values["named"] {
		id, name, _ := strings.Cut(text, " ")
		names[id] = domain.CleanFileName(name)
	}
	return names
}

// attachments are the uploads that the form brings, and those that an earlier try
// of the same form brought.
func (f *form) attachments() []domain.AttachmentID {
	var ids []domain.AttachmentID
	for _, upload := range f.kept() {
		ids = append(ids, upload.ID)
	}
	return ids
}

// keptUpload is an upload that waits in a form for the rest to be right.
type keptUpload struct {
	ID   domain.AttachmentID
	Name string
}

// kept are the uploads of this try and of earlier ones. Their names are for show.
func (f *form) kept() []keptUpload {
	var all []keptUpload
	for _, text := range f.Values["upload"] {
		id, name, _ := strings.Cut(text, " ")
		all = append(all, keptUpload{domain.AttachmentID(id), domain.CleanFileName(name)})
	}
	for _, upload := range f.uploads {
		all = append(all, keptUpload{upload.ID, upload.Name})
	}
	return all
}
