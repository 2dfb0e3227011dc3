package files

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"strings"

	"suivi/domain"
	"suivi/images"
)

// Received is a file that has been taken in.
type Received struct {
	domain.File
	Original string // the hash of what was sent; pictures are kept as rewritten
}

// Receive takes in a file under the id and keeps it as an upload of the owner.
// Sent again under the same id by the same owner, it takes the place of the first.
//
// The content is written whether or not it is known, so that nobody finds out by
// sending it whether somebody else has.
func (f *Files) Receive(ctx context.Context, owner domain.UserID, id domain.AttachmentID, name string, content io.Reader) (_ Received, err error) {
	sent, err := newDraft(f.cfg.Drafts)
	if err != nil {
		return Received{}, err
	}
	defer func() { err = errors.Join(err, sent.close()) }()
	if _, err := io.Copy(sent, io.LimitReader(content, f.cfg.MaxSize+1)); err != nil {
		return Received{}, err // as it is: the edge knows what it means
	}
	name = domain.CleanFileName(name)
	switch {
	case sent.size > f.cfg.MaxSize:
		return Received{}, domain.Errorf(domain.Invalid, "file-too-large", "a file has at most %d bytes", f.cfg.MaxSize)
	case sent.size == 0:
		return Received{}, domain.Errorf(domain.Invalid, "file-empty", "the file %q is empty", name)
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(sent.reader(), head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Received{}, err
	}
	file := domain.File{ID: id, Name: name, Size: sent.size, Type: harmless(head[:n]), Hash: sent.hash()}
	if images.Is(head[:n]) {
		file, err = f.receivePicture(ctx, file, sent)
	} else {
		err = f.keep(ctx, sent)
	}
	if err != nil {
		return Received{}, err
	}
	return Received{file, sent.hash()}, f.insert(ctx, owner, file)
}

// plain is the type of what no browser is to make something of.
const plain = "application/octet-stream"

// harmless is the type that the content has, unless a browser would run it.
// Pictures get theirs when they have been rewritten.
func harmless(head []byte) string {
	kind := http.DetectContentType(head)
	media, _, _ := strings.Cut(kind, ";")
	if media == "text/html" || media == "text/xml" || strings.HasPrefix(media, "image/") {
		return plain
	}
	return kind
}

// receivePicture keeps the picture rewritten, and its thumbnail. What only looks
// like one is kept as a plain file.
func (f *Files) receivePicture(ctx context.Context, file domain.File, sent *draft) (_ domain.File, err error) {
	picture, thumbnail, err := f.twoDrafts()
	if err != nil {
		return file, err
	}
	defer func() { err = errors.Join(err, picture.close(), thumbnail.close()) }()
	info, err := f.rewrite(ctx, sent, picture, thumbnail)
	switch {
	case errors.Is(err, images.ErrNoPicture):
		return file, f.keep(ctx, sent)
	case errors.Is(err, images.ErrTooLarge):
		return file, domain.Errorf(domain.Invalid, "image-too-large", "the picture %q has more than %d pixels; make it smaller, or put it into an archive",
			file.Name, images.MaxPixels)
	case err != nil:
		return file, err
	}
	file.Name = named(file.Name, info.Type)
	file.Size, file.Type, file.Hash = picture.size, info.Type, picture.hash()
	file.Picture = &domain.Picture{Width: info.Width, Height: info.Height, Thumbnail: thumbnail.hash(), ThumbnailType: info.ThumbnailType}
	if err := f.keep(ctx, picture); err != nil {
		return file, err
	}
	return file, f.keep(ctx, thumbnail)
}

func (f *Files) twoDrafts() (a, b *draft, err error) {
	if a, err = newDraft(f.cfg.Drafts); err != nil {
		return nil, nil, err
	}
	if b, err = newDraft(f.cfg.Drafts); err != nil {
		return nil, nil, errors.Join(err, a.close())
	}
	return a, b, nil
}

func (f *Files) rewrite(ctx context.Context, sent, picture, thumbnail *draft) (images.Info, error) {
	select {
	case f.decoding <- struct{}{}:
		defer func() { <-f.decoding }()
	case <-ctx.Done():
		return images.Info{}, ctx.Err()
	}
	return images.Rewrite(sent.reader(), picture, thumbnail)
}

// named gives a WebP, which is one no more, the name of what it has become.
func named(name, kind string) string {
	end := path.Ext(name)
	if !strings.EqualFold(end, ".webp") {
		return name
	}
	if kind == images.JPEG {
		return strings.TrimSuffix(name, end) + ".jpg"
	}
	return strings.TrimSuffix(name, end) + ".png"
}
