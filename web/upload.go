package web

import (
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"suivi/commands"
)

// The limits of requests that carry files, one way or the other.
const (
	transferTimeout = 30 * time.Minute // to send files, or to take one
	leftover        = 64 << 10         // bytes of a body that are read for nothing, so that the connection can be kept
)

// bringsFiles tells whether the request's body is files, which are read as they arrive.
func bringsFiles(method, path string) bool {
	return method == fiber.MethodPost &&
		(path == base+"/uploads" || strings.HasPrefix(path, base+"/tickets/") && strings.HasSuffix(path, "/attachments"))
}

// refusedLength is a mark of ours on requests that say that their body is too
// large. Callers cannot set it.
const refusedLength = "Suivi-Refused-Length"

// carriesFiles tells it of a request, whether to the API or to a page.
func carriesFiles(c *fiber.Ctx) bool {
	return bringsFiles(c.Method(), c.Path()) || bringsForm(&c.Request().Header, c.Path())
}

// received looks at a request before its body is read. It gives those that carry
// files more time than others, and does without a body that is too large: the
// server would wait for its beginning.
func (e *edge) received(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
	header.Del(refusedLength)
	path, _, _ := strings.Cut(string(header.RequestURI()), "?")
	files := bringsFiles(string(header.Method()), path) || bringsForm(header, path)
	limit := int64(maxBody)
	if files {
		limit = e.cfg.MaxFile + commands.MultipartRoom
	}
	if int64(header.ContentLength()) > limit {
		header.Set(refusedLength, "yes")
		header.Del(fiber.HeaderExpect)
		header.SetContentLength(0)
		header.SetConnectionClose()
	}
	switch {
	case files:
		return fasthttp.RequestConfig{ReadTimeout: transferTimeout}
	case header.IsGet() && (strings.HasPrefix(path, base+"/attachments/") || strings.HasPrefix(path, "/attachments/")):
		return fasthttp.RequestConfig{WriteTimeout: transferTimeout}
	}
	return fasthttp.RequestConfig{}
}

// takeBody reads the body into memory, unless it is files.
func (e *edge) takeBody(c *fiber.Ctx) error {
	files := carriesFiles(c)
	switch refused := len(c.Request().Header.Peek(refusedLength)) > 0; {
	case refused && files:
		return &tooLargeError{e.cfg.MaxFile + commands.MultipartRoom}
	case refused:
		return fiber.ErrRequestEntityTooLarge
	}
	stream := c.Context().RequestBodyStream()
	if stream == nil || files {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(stream, maxBody+1))
	if err != nil {
		return brokenBody(err)
	}
	if len(body) > maxBody {
		return fiber.ErrRequestEntityTooLarge
	}
	c.Request().SetBodyRaw(body)
	return nil
}

func brokenBody(err error) error {
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		return fiber.ErrRequestTimeout
	}
	return fiber.ErrBadRequest
}

// endBody closes the connection after the answer if there is still something of the
// body on it: the server would take it for the next request.
func endBody(c *fiber.Ctx, failed bool) {
	stream := c.Context().RequestBodyStream()
	if stream == nil {
		return
	}
	if !failed {
		n, err := io.CopyN(io.Discard, stream, leftover)
		failed = n == leftover || !errors.Is(err, io.EOF)
	}
	if failed {
		c.Context().SetConnectionClose()
	}
}

// tooLargeError is for files that say that they are larger than the limit.
type tooLargeError struct{ limit int64 }

func (*tooLargeError) Error() string { return "the body is too large" }
