package images

import (
	"bufio"
	"encoding/binary"
	"errors"
	"image/gif"
	"io"
)

// rewriteGIF keeps all pictures of an animation, once it is known how many pixels they have together.
func rewriteGIF(in io.ReadSeeker, out, thumbnail io.Writer) (Info, error) {
	if err := checkFrames(in); err != nil {
		return Info{}, err
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return Info{}, err
	}
	all, err := gif.DecodeAll(in)
	if err != nil {
		return Info{}, noPicture(err)
	}
	if err := gif.EncodeAll(out, all); err != nil {
		return Info{}, noPicture(err)
	}
	info := Info{Type: GIF, Width: all.Config.Width, Height: all.Config.Height}
	info.ThumbnailType, err = writeThumbnail(thumbnail, all.Image[0])
	return info, err
}

// The blocks of a GIF (specification 89a).
const (
	gifExtension = 0x21
	gifPicture   = 0x2c
	gifEnd       = 0x3b
	gifTable     = 0x80 // the flag of a colour table
)

// checkFrames adds up the pixels of the pictures without decoding them.
func checkFrames(in io.ReadSeeker) error {
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r := bufio.NewReader(in)
	head := make([]byte, 13)
	if _, err := io.ReadFull(r, head); err != nil {
		return noPicture(err)
	}
	if err := skipTable(r, head[10]); err != nil {
		return noPicture(err)
	}
	for frames, pixels := 0, 0; ; {
		kind, err := r.ReadByte()
		if errors.Is(err, io.EOF) || kind == gifEnd {
			return nil
		}
		switch {
		case err != nil:
			return noPicture(err)
		case kind == gifExtension:
			_, err = r.Discard(1)
		case kind == gifPicture:
			var size int
			size, err = pictureSize(r)
			frames, pixels = frames+1, pixels+size
		default:
			return ErrNoPicture
		}
		if err == nil {
			err = skipBlocks(r)
		}
		if err != nil {
			return noPicture(err)
		}
		if frames > maxFrames || pixels > MaxPixels {
			return ErrTooLarge
		}
	}
}

// pictureSize reads up to the data of a picture.
func pictureSize(r *bufio.Reader) (pixels int, err error) {
	head := make([]byte, 9)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, err
	}
	if err := skipTable(r, head[8]); err != nil {
		return 0, err
	}
	_, err = r.Discard(1) // the size of its codes
	return int(binary.LittleEndian.Uint16(head[4:])) * int(binary.LittleEndian.Uint16(head[6:])), err
}

func skipTable(r *bufio.Reader, flags byte) error {
	if flags&gifTable == 0 {
		return nil
	}
	_, err := r.Discard(3 << (flags&7 + 1))
	return err
}

func skipBlocks(r *bufio.Reader) error {
	for {
		size, err := r.ReadByte()
		if err != nil || size == 0 {
			return err
		}
		if _, err := r.Discard(int(size)); err != nil {
			return err
		}
	}
}
