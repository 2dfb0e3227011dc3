package commands

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
	"unicode/utf8"

	"suivi/domain"
)

// ReceiveForm reads a page's multipart form: what was typed, and the files that came
// with it, which become uploads of the owner. A file part without a name and content
// is a field in which nothing was chosen.
func (h *Handler) ReceiveForm(ctx context.Context, contentType string, body io.Reader, owner domain.UserID) (url.Values, []Upload, error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return nil, nil, badMultipart("the Content-Type names no boundary")
	}
	form := receivedForm{values: url.Values{}, room: MultipartRoom}
	var most int64 = MultipartRoom
	if h.cfg.Files != nil {
		most += h.cfg.Files.MaxSize()
	}
	parts := multipart.NewReader(&arriving{body, most}, params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form.values, form.sent, nil
		}
		if err != nil {
			return nil, nil, orBadMultipart(err)
		}
		if err := h.receivePart(ctx, &form, owner, part); err != nil {
			return nil, nil, orBadMultipart(err)
		}
	}
}

type receivedForm struct {
	values url.Values
	sent   []Upload
	room   int // bytes that are left for what was typed
}

func (h *Handler) receivePart(ctx context.Context, form *receivedForm, owner domain.UserID, part *multipart.Part) error {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return badMultipart("a part has no name")
	}
	switch name, isFile := params["filename"]; {
	case isFile && name == "":
		return nil
	case isFile && h.cfg.Files == nil:
		return domain.Errorf(domain.Unavailable, "no-files", "files are not taken in here")
	case isFile && len(form.sent) == maxFilesAtOnce:
		return domain.Errorf(domain.Invalid, "too-many-files", "a request brings at most %d files", maxFilesAtOnce)
	case isFile:
		file, err := h.cfg.Files.Receive(ctx, owner, domain.NewAttachmentID("", 0), name, part)
		if err == nil {
			upload := newUpload(file.File)
			upload.Part = strings.ToValidUTF8(params["name"], "")
			form.sent = append(form.sent, upload)
		}
		return err
	}
	text, err := io.ReadAll(io.LimitReader(part, int64(form.room)+1))
	if err != nil {
		return err
	}
	if form.room -= len(text) + len(params["name"]); form.room < 0 {
		return domain.Errorf(domain.Invalid, "body-too-large", "this is more than may be sent at once")
	}
	if !utf8.Valid(text) || !utf8.ValidString(params["name"]) {
		return domain.Errorf(domain.Invalid, "bad-text", "this is not UTF-8 text")
	}
	form.values.Add(params["name"], string(text))
	return nil
}
