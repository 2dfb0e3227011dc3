package commands

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

// The limits of a request that brings files.
const (
	maxFilesAtOnce = 20
	MultipartRoom  = 1 << 20 // bytes that it may have beside the files
)

// Upload is a file that waits to be attached, as the API shows it.
type Upload struct {
	ID     domain.AttachmentID `json:"id"`
	Name   string              `json:"name"`
	Size   int64               `json:"size"`
	Type   string              `json:"type"`
	Width  int                 `json:"width,omitempty"` // of a picture
	Height int                 `json:"height,omitempty"`
	Part   string              `json:"-"` // the name of the part of a form that brought it
}

func newUpload(f domain.File) Upload {
	s := Upload{ID: f.ID, Name: f.Name, Size: f.Size, Type: f.Type}
	if f.Picture != nil {
		s.Width, s.Height = f.Picture.Width, f.Picture.Height
	}
	return s
}

// receive takes in the files of a multipart body as they arrive. digest tells one body from another.
func (h *Handler) receive(ctx context.Context, c *fiber.Ctx, owner domain.UserID, seed string) (sent []Upload, digest []byte, err error) {
	_, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || params["boundary"] == "" {
		return nil, nil, badMultipart("the Content-Type names no boundary")
	}
	body := c.Context().RequestBodyStream()
	if body == nil {
		body = bytes.NewReader(c.Body())
	}
	parts := multipart.NewReader(&arriving{body, h.cfg.Files.MaxSize() + MultipartRoom}, params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, orBadMultipart(err)
		}
		name, err := fileName(part)
		if err != nil {
			return nil, nil, err
		}
		if len(sent) == maxFilesAtOnce {
			return nil, nil, domain.Errorf(domain.Invalid, "too-many-files", "a request brings at most %d files", maxFilesAtOnce)
		}
		file, err := h.cfg.Files.Receive(ctx, owner, domain.NewAttachmentID(seed, len(sent)), name, part)
		if err != nil {
			return nil, nil, orBadMultipart(err)
		}
		sent = append(sent, newUpload(file.File))
		digest = append(digest, file.Original+"\x00"+file.Name+"\x00"...)
	}
	if len(sent) == 0 {
		return nil, nil, badMultipart("there is no file in it")
	}
	return sent, digest, nil
}

// fileName is what the sender calls the part. FileName of the part would take a
// backslash for a part of the name, or not, as the machine's files have it.
func fileName(part *multipart.Part) (string, error) {
	_, params, err := mime.ParseMediaType(part.Header.Get(fiber.HeaderContentDisposition))
	name, ok := params["filename"]
	if err == nil && ok {
		return name, nil
	}
	var problems domain.Problems
	problems.Add(strings.ToValidUTF8(part.FormName(), ""), "unknown-field", "every part is a file, with a filename")
	return "", problems.Err()
}

func badMultipart(why string) error {
	return domain.Errorf(domain.Invalid, "bad-multipart", "the body cannot be read as multipart/form-data: %s", why)
}

// orBadMultipart tells what is wrong with the body, unless it is something else.
func orBadMultipart(err error) error {
	if domain.KindOf(err) == domain.Internal && errors.Is(err, io.ErrUnexpectedEOF) || strings.HasPrefix(err.Error(), "multipart:") {
		return badMultipart("it ends too early, or not as it says")
	}
	return err
}

// arriving is a body as it comes in, up to a number of bytes.
type arriving struct {
	body io.Reader
	left int64
}

func (a *arriving) Read(p []byte) (int, error) {
	n, err := a.body.Read(p)
	if a.left -= int64(n); a.left < 0 {
		return 0, domain.Errorf(domain.Invalid, "body-too-large", "this is more than may be sent at once")
	}
	if err != nil && !errors.Is(err, io.EOF) { // the connection broke, or was too slow: no fault of ours
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}
