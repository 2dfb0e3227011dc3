package images

import (
	"image"
	"io"

	"golang.org/x/image/draw"
)

// writeThumbnail writes the picture small: as JPEG, or as PNG if one can see through it.
func writeThumbnail(out io.Writer, picture image.Image) (kind string, err error) {
	size := picture.Bounds().Size()
	if longest := max(size.X, size.Y); longest > thumbnailSide {
		size = image.Pt(max(1, size.X*thumbnailSide/longest), max(1, size.Y*thumbnailSide/longest))
	}
	small := image.NewNRGBA(image.Rectangle{Max: size})
	draw.BiLinear.Scale(small, small.Bounds(), picture, picture.Bounds(), draw.Src, nil)
	kind = PNG
	if small.Opaque() {
		kind = JPEG
	}
	return kind, encode(out, small, kind)
}
