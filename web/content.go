package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suivi/readapi"
)

// sendContent answers with the content of a file or the part that is asked for.
// Whatever is in it, no browser runs it: the type is ours, it is not guessed at, and
// all but pictures that we have written ourselves is for saving. It may be kept by
// who asked, who asks again each time whether it is still theirs to see.
func sendContent(c *fiber.Ctx, content readapi.Content) error {
	etag := `"` + content.Hash + `"`
	h := &c.Response().Header
	h.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set(fiber.HeaderCacheControl, "private, no-cache")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set(fiber.HeaderAcceptRanges, "bytes")
	h.Set(fiber.HeaderETag, etag)
	h.Set(fiber.HeaderVary, fiber.HeaderAuthorization)
	if listed(c.Get(fiber.HeaderIfNoneMatch), etag) {
		c.Status(fiber.StatusNotModified)
		return nil
	}
	file, err := content.Open(context.WithoutCancel(c.UserContext())) // it is read after the handler has returned
	if err != nil {
		return fmt.Errorf("open the content %s: %w", content.Hash, err)
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return errors.Join(fmt.Errorf("measure the content %s: %w", content.Hash, err), file.Close())
	}
	asked := c.Get(fiber.HeaderRange)
	if condition := c.Get(fiber.HeaderIfRange); condition != "" && condition != etag {
		asked = ""
	}
	from, length, partial, ok := byteRange(asked, size)
	if !ok {
		h.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes */%d", size))
		return errors.Join(fiber.ErrRequestedRangeNotSatisfiable, file.Close())
	}
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return errors.Join(fmt.Errorf("read the content %s: %w", content.Hash, err), file.Close())
	}
	if partial {
		c.Status(fiber.StatusPartialContent)
		h.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes %d-%d/%d", from, from+length-1, size))
	}
	h.SetContentType(content.Type)
	h.Set(fiber.HeaderContentDisposition, disposition(content.Inline, content.Name))
	c.Context().SetBodyStream(&part{io.LimitReader(file, length), file}, int(length))
	return nil
}

// part is what is sent of a file.
type part struct {
	io.Reader
	io.Closer
}

// listed tells whether a header of ETags has this one.
func listed(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == etag || tag == "*" {
			return true
		}
	}
	return false
}

// byteRange reads a Range header (RFC 9110) of one range. Several, and what is no
// range, are answered with the whole, as they may be. ok is false for one that lies
// outside.
func byteRange(header string, size int64) (from, length int64, partial, ok bool) {
	spec, isBytes := strings.CutPrefix(header, "bytes=")
	first, last, isRange := strings.Cut(strings.TrimSpace(spec), "-")
	if !isBytes || !isRange || strings.Contains(spec, ",") {
		return 0, size, false, true
	}
	if first == "" { // the last so many bytes
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n < 0 {
			return 0, size, false, true
		}
		n = min(n, size)
		return size - n, n, true, n > 0
	}
	from, err := strconv.ParseInt(first, 10, 64)
	if err != nil || from < 0 {
		return 0, size, false, true
	}
	to := size - 1
	if last != "" {
		if to, err = strconv.ParseInt(last, 10, 64); err != nil || to < from {
			return 0, size, false, true
		}
	}
	to = min(to, size-1)
	return from, to - from + 1, true, from < size
}

// disposition is the header by RFC 6266: the name for programs that know ASCII alone, and the whole of it.
func disposition(inline bool, name string) string {
	kind := "attachment"
	if inline {
		kind = "inline"
	}
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	text := kind + `; filename="` + plain + `"`
	if plain != name {
		text += "; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
	}
	if _, _, err := mime.ParseMediaType(text); err != nil { // what we cannot read ourselves we do not say
		return kind
	}
	return text
}
