package images_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"suivi/images"
)

// corner is a picture that is red in its upper left quarter, blue elsewhere.
func corner(w, h int) image.Image {
	picture := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{B: 255, A: 255}
			if x < w/2 && y < h/2 {
				c = color.NRGBA{R: 255, A: 255}
			}
			picture.Set(x, y, c)
		}
	}
	return picture
}

func asJPEG(t testing.TB, picture image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asPNG(t testing.TB, picture image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// exif is what a camera writes that was held so, with a secret beside it.
func exif(order binary.AppendByteOrder, mark string, turn uint16) []byte {
	tiff := []byte(mark)
	tiff = order.AppendUint16(tiff, 42)
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, 0x0112)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, turn)
	return append(tiff, "\x00\x00\x00\x00\x00\x00GPS 46.5N 6.6E"...)
}

// held puts EXIF into a JPEG.
func held(photo, exif []byte) []byte {
	segment := append([]byte("Exif\x00\x00"), exif...)
	out := append([]byte{}, photo[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(segment)+2))
	return append(append(out, segment...), photo[2:]...)
}

// heldPNG puts EXIF into a PNG, behind its header.
func heldPNG(photo, exif []byte) []byte {
	body := append([]byte("eXIf"), exif...)
	out := append([]byte{}, photo[:33]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(exif)))
	out = append(out, body...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
	return append(out, photo[33:]...)
}

func rewrite(t testing.TB, in []byte) (info images.Info, out, thumbnail []byte) {
	t.Helper()
	var picture, small bytes.Buffer
	info, err := images.Rewrite(bytes.NewReader(in), &picture, &small)
	if err != nil {
		t.Fatal(err)
	}
	return info, picture.Bytes(), small.Bytes()
}

func decoded(t testing.TB, text []byte) image.Image {
	t.Helper()
	picture, _, err := image.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// redCorner tells in which corner the picture is red.
func redCorner(picture image.Image) string {
	b := picture.Bounds()
	for name, at := range map[string]image.Point{
		"upper left":  {b.Dx() / 8, b.Dy() / 8},
		"upper right": {b.Dx() * 7 / 8, b.Dy() / 8},
		"lower left":  {b.Dx() / 8, b.Dy() * 7 / 8},
		"lower right": {b.Dx() * 7 / 8, b.Dy() * 7 / 8},
	} {
		if r, _, blue, _ := picture.At(at.X, at.Y).RGBA(); r > 0xc000 && blue < 0x4000 {
			return name
		}
	}
	return "none"
}

// EXIF says where the picture's first row and column are to be seen.
func TestPicturesAreTurnedUprightAndTellNothingElse(t *testing.T) {
	t.Parallel()
	corners := []string{
		"upper left", "upper right", "lower right", "lower left",
		"upper left", "upper right", "lower right", "lower left",
	}
	photo, drawing := asJPEG(t, corner(64, 32)), asPNG(t, corner(64, 32))
	for i, want := range corners {
		turn := uint16(i + 1)
		for name, in := range map[string][]byte{
			"JPEG, Intel":    held(photo, exif(binary.LittleEndian, "II", turn)),
			"JPEG, Motorola": held(photo, exif(binary.BigEndian, "MM", turn)),
			"PNG":            heldPNG(drawing, exif(binary.LittleEndian, "II", turn)),
		} {
			info, out, small := rewrite(t, in)
			w, h := 64, 32
			if turn >= 5 {
				w, h = h, w
			}
			picture := decoded(t, out)
			if picture.Bounds() != image.Rect(0, 0, w, h) || info.Width != w || info.Height != h {
				t.Errorf("%s, %d: got %v, %+v, want %d × %d", name, turn, picture.Bounds(), info, w, h)
			}
			if got := redCorner(picture); got != want {
				t.Errorf("%s, %d: %s is red, want %s", name, turn, got, want)
			}
			if got := redCorner(decoded(t, small)); got != want {
				t.Errorf("%s, %d: in the thumbnail %s is red, want %s", name, turn, got, want)
			}
			if bytes.Contains(out, []byte("GPS")) || bytes.Contains(small, []byte("GPS")) {
				t.Errorf("%s, %d: the place is still in it", name, turn)
			}
		}
	}
}

func TestThumbnailsAreSmallAndKeepTheShape(t *testing.T) {
	t.Parallel()
	seeThrough := image.NewNRGBA(image.Rect(0, 0, 10, 2000))
	for name, c := range map[string]struct {
		in   []byte
		w, h int
		kind string
	}{
		"wide":        {asJPEG(t, corner(1000, 500)), 320, 160, images.JPEG},
		"small":       {asPNG(t, corner(20, 10)), 20, 10, images.JPEG},
		"transparent": {asPNG(t, seeThrough), 1, 320, images.PNG},
	} {
		info, _, small := rewrite(t, c.in)
		if got := decoded(t, small).Bounds(); got != image.Rect(0, 0, c.w, c.h) || info.ThumbnailType != c.kind {
			t.Errorf("%s: got %v, %s, want %d × %d, %s", name, got, info.ThumbnailType, c.w, c.h, c.kind)
		}
	}
}

func animation(t testing.TB, w, h, frames int) []byte {
	t.Helper()
	all := &gif.GIF{Config: image.Config{Width: w, Height: h}}
	for i := range frames {
		frame := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.White})
		frame.SetColorIndex(i%w, 0, 1)
		all.Image, all.Delay = append(all.Image, frame), append(all.Delay, 10)
	}
	var out bytes.Buffer
	if err := gif.EncodeAll(&out, all); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAnAnimationStaysOne(t *testing.T) {
	t.Parallel()
	in := append(animation(t, 30, 20, 3), "<script>alert(1)</script>"...)
	info, out, _ := rewrite(t, in)
	all, err := gif.DecodeAll(bytes.NewReader(out))
	if err != nil || len(all.Image) != 3 || info.Type != images.GIF {
		t.Errorf("got %v, %+v", err, info)
	}
	if bytes.Contains(out, []byte("script")) {
		t.Error("what stood behind the picture is still there")
	}
}

// webPs are the smallest of their kind: one pixel, lossy and lossless.
var webPs = map[string]string{
	images.JPEG: "UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vuUAAA=",
	images.PNG:  "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==",
}

func TestWebPBecomesWhatEveryProgramReads(t *testing.T) {
	t.Parallel()
	for want, text := range webPs {
		in, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		info, out, _ := rewrite(t, in)
		if decoded(t, out).Bounds().Dx() != 1 || info.Type != want || !images.Inline(info.Type) {
			t.Errorf("got %+v, want %s", info, want)
		}
	}
}

// huge is a PNG that says it is large, and holds nothing.
func huge(t testing.TB, w, h uint32) []byte {
	t.Helper()
	text := asPNG(t, corner(1, 1))
	binary.BigEndian.PutUint32(text[16:], w)
	binary.BigEndian.PutUint32(text[20:], h)
	binary.BigEndian.PutUint32(text[29:], crc32.ChecksumIEEE(text[12:29]))
	return text
}

func TestBombsAreRefusedBeforeTheyAreDecoded(t *testing.T) {
	t.Parallel()
	wide := asJPEG(t, corner(8, 8))
	at := bytes.Index(wide, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(wide[at+5:], 65_000)
	binary.BigEndian.PutUint16(wide[at+7:], 65_000)
	many := animation(t, 3000, 3000, 5)
	for name, in := range map[string][]byte{
		"PNG": huge(t, 100_000, 100_000), "JPEG": wide,
		"GIF of many pictures": many, "GIF of too many pictures": animation(t, 2, 2, 1001),
	} {
		if info, err := images.Rewrite(bytes.NewReader(in), &bytes.Buffer{}, &bytes.Buffer{}); !errors.Is(err, images.ErrTooLarge) {
			t.Errorf("%s: got %+v, %v", name, info, err)
		}
	}
}

func TestWhatIsNoPictureIsToldFromOne(t *testing.T) {
	t.Parallel()
	photo := asJPEG(t, corner(64, 64))
	for name, in := range map[string]string{
		"nothing": "", "text": "hello", "SVG": `<svg xmlns="http://www.w3.org/2000/svg"/>`, "HTML": "<html><script>",
		"half a JPEG": string(photo[:len(photo)/2]), "the head of a PNG": "\x89PNG\r\n\x1a\n", "the head of a GIF": "GIF89a",
		"a GIF that is a script": "GIF89a\x10\x00\x10\x00=1;alert(1)", "BMP": "BM" + strings.Repeat("\x00", 100),
	} {
		if info, err := images.Rewrite(strings.NewReader(in), &bytes.Buffer{}, &bytes.Buffer{}); !errors.Is(err, images.ErrNoPicture) {
			t.Errorf("%s: got %+v, %v", name, info, err)
		}
	}
}

func FuzzRewriteNeverPanics(f *testing.F) {
	photo := asJPEG(f, corner(16, 16))
	f.Add(photo)
	f.Add(held(photo, exif(binary.BigEndian, "MM", 6)))
	f.Add(heldPNG(asPNG(f, corner(16, 16)), exif(binary.LittleEndian, "II", 3)))
	f.Add(animation(f, 8, 8, 2))
	for _, text := range webPs {
		in, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var out, small bytes.Buffer
		info, err := images.Rewrite(bytes.NewReader(in), &out, &small)
		if err != nil {
			return
		}
		picture := decoded(t, out.Bytes())
		if !images.Inline(info.Type) || info.Width*info.Height > images.MaxPixels || picture.Bounds().Empty() {
			t.Errorf("got %+v", info)
		}
	})
}
