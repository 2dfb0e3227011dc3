// Package images makes pictures that people send harmless: it decodes them and
// writes them anew, upright, with nothing in them but the picture, and a small
// one beside it. No byte of the original reaches a reader. It knows nothing of
// files, names and people.
package images

import (
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	"golang.org/x/image/webp"
)

// The limits. A picture of MaxPixels takes up to half a gigabyte of memory while it is rewritten.
const (
	MaxPixels     = 40_000_000
	maxFrames     = 1000 // of an animation; their pixels count together
	thumbnailSide = 320  // pixels that a thumbnail has at most, each way
	quality       = 90   // of JPEG
)

var (
	// ErrNoPicture is for what cannot be decoded.
	ErrNoPicture = errors.New("this is no picture that can be decoded")
	// ErrTooLarge is for a picture of more than MaxPixels. It has not been decoded.
	ErrTooLarge = fmt.Errorf("a picture has at most %d pixels", MaxPixels)
)

// The types of pictures that are written, and of those that are read besides.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
	GIF  = "image/gif"
	webP = "image/webp"
)

// Inline tells whether a browser may show the type in a page: those that Rewrite writes.
func Inline(kind string) bool { return kind == JPEG || kind == PNG || kind == GIF }

// Info is what a picture has become.
type Info struct {
	Type          string
	Width, Height int
	ThumbnailType string
}

// Is tells whether Rewrite would try to read what begins like this.
func Is(head []byte) bool {
	switch http.DetectContentType(head) {
	case JPEG, PNG, GIF, webP:
		return true
	}
	return false
}

// Rewrite decodes a JPEG, PNG, GIF or WebP and writes it anew, and its thumbnail.
// WebP becomes JPEG or PNG; a GIF stays animated, other animations become their first picture.
func Rewrite(in io.ReadSeeker, out, thumbnail io.Writer) (Info, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Info{}, noPicture(err)
	}
	kind := http.DetectContentType(head[:n])
	if err := checkSize(in, kind); err != nil {
		return Info{}, err
	}
	if kind == GIF {
		return rewriteGIF(in, out, thumbnail)
	}
	picture, err := decode(in, kind)
	if err != nil {
		return Info{}, noPicture(err)
	}
	turn, err := orientationOf(in, kind)
	if err != nil {
		return Info{}, err
	}
	picture = upright(picture, turn)
	info := Info{Type: kind, Width: picture.Bounds().Dx(), Height: picture.Bounds().Dy()}
	if kind == webP {
		info.Type = best(picture)
	}
	if err := encode(out, picture, info.Type); err != nil {
		return info, err
	}
	info.ThumbnailType, err = writeThumbnail(thumbnail, picture)
	return info, err
}

func noPicture(err error) error { return fmt.Errorf("%w: %w", ErrNoPicture, err) }

// checkSize looks at what the picture says of itself; the decoders hold it to that.
func checkSize(in io.ReadSeeker, kind string) error {
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var size image.Config
	var err error
	switch kind {
	case JPEG:
		size, err = jpeg.DecodeConfig(in)
	case PNG:
		size, err = png.DecodeConfig(in)
	case GIF:
		size, err = gif.DecodeConfig(in)
	case webP:
		size, err = webp.DecodeConfig(in)
	default:
		return ErrNoPicture
	}
	switch {
	case err != nil:
		return noPicture(err)
	case size.Width < 1 || size.Height < 1:
		return ErrNoPicture
	case size.Width > MaxPixels/size.Height:
		return ErrTooLarge
	}
	return nil
}

func decode(in io.ReadSeeker, kind string) (image.Image, error) {
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	switch kind {
	case JPEG:
		return jpeg.Decode(in)
	case PNG:
		return png.Decode(in)
	}
	return webp.Decode(in)
}

// best is PNG for what JPEG would spoil: transparency, or colours kept to the last bit.
func best(picture image.Image) string {
	if _, lossy := picture.(*image.YCbCr); lossy {
		return JPEG
	}
	return PNG
}

func encode(out io.Writer, picture image.Image, kind string) error {
	if kind == JPEG {
		return jpeg.Encode(out, picture, &jpeg.Options{Quality: quality})
	}
	return png.Encode(out, picture)
}
