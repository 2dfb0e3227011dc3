package images

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/draw"
	"io"
)

// maxEXIF is the most that is read of what a camera wrote beside the picture.
const maxEXIF = 64 << 10

// orientationOf is how the camera was held, 1 to 8 as EXIF counts; 1, upright, when the picture does not say.
func orientationOf(in io.ReadSeeker, kind string) (int, error) {
	var exif []byte
	var err error
	switch kind {
	case JPEG:
		exif, err = jpegEXIF(in)
	case PNG:
		exif, err = chunk(in, 8, pngChunk, "eXIf")
	case webP:
		exif, err = chunk(in, 12, webPChunk, "EXIF")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return 1, nil
	}
	return readOrientation(bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))), err
}

// jpegEXIF walks over the segments before the picture.
func jpegEXIF(in io.ReadSeeker) ([]byte, error) {
	if _, err := in.Seek(2, io.SeekStart); err != nil {
		return nil, err
	}
	for head := make([]byte, 4); ; {
		if _, err := io.ReadFull(in, head); err != nil {
			return nil, err
		}
		size := int64(binary.BigEndian.Uint16(head[2:])) - 2
		switch {
		case head[0] != 0xff || head[1] == 0xda || size < 0:
			return nil, nil
		case head[1] == 0xe1:
			data := make([]byte, size)
			if _, err := io.ReadFull(in, data); err != nil || bytes.HasPrefix(data, []byte("Exif\x00\x00")) {
				return data, err
			}
			continue
		}
		if _, err := in.Seek(size, io.SeekCurrent); err != nil {
			return nil, err
		}
	}
}

// pngChunk and webPChunk read the 8 bytes before a chunk: what it is, how long, and what follows it.
func pngChunk(head []byte) (name string, size, after int64) {
	return string(head[4:]), int64(binary.BigEndian.Uint32(head)), 4
}

func webPChunk(head []byte) (name string, size, after int64) {
	size = int64(binary.LittleEndian.Uint32(head[4:]))
	return string(head[:4]), size, size % 2
}

// chunk is the content of the first chunk of the name.
func chunk(in io.ReadSeeker, from int64, read func([]byte) (string, int64, int64), want string) ([]byte, error) {
	if _, err := in.Seek(from, io.SeekStart); err != nil {
		return nil, err
	}
	for head := make([]byte, 8); ; {
		if _, err := io.ReadFull(in, head); err != nil {
			return nil, err
		}
		name, size, after := read(head)
		if name == want && size <= maxEXIF {
			data := make([]byte, size)
			_, err := io.ReadFull(in, data)
			return data, err
		}
		if _, err := in.Seek(size+after, io.SeekCurrent); err != nil {
			return nil, err
		}
	}
}

// readOrientation finds the tag 0x0112 in the first directory of a TIFF.
func readOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	for n := order.Uint16(tiff[at:]); n > 0; n-- {
		entry := at + 2 + 12*uint64(n-1)
		if entry+12 > uint64(len(tiff)) || order.Uint16(tiff[entry:]) != 0x0112 {
			continue
		}
		if turn := int(order.Uint16(tiff[entry+8:])); turn >= 1 && turn <= 8 {
			return turn
		}
	}
	return 1
}

// upright turns and mirrors the picture as the orientation says.
func upright(picture image.Image, turn int) image.Image {
	if turn == 1 {
		return picture
	}
	from := image.NewNRGBA(image.Rect(0, 0, picture.Bounds().Dx(), picture.Bounds().Dy()))
	draw.Draw(from, from.Bounds(), picture, picture.Bounds().Min, draw.Src)
	w, h := from.Bounds().Dx(), from.Bounds().Dy()
	size := image.Rect(0, 0, w, h)
	if turn >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	to := image.NewNRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			fx, fy := source(turn, x, y, w, h)
			copy(to.Pix[to.PixOffset(x, y):][:4], from.Pix[from.PixOffset(fx, fy):][:4])
		}
	}
	return to
}

// source is where the pixel at x, y comes from in a picture of w by h.
func source(turn, x, y, w, h int) (fx, fy int) {
	switch turn {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}
