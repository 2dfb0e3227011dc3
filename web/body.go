package web

import (
	"bytes"

	"github.com/gofiber/fiber/v2"
)

// checkMultipart lets only files through, as they are.
func checkMultipart(c *fiber.Ctx) error {
	header := &c.Request().Header
	if len(header.ContentEncoding()) > 0 {
		return wrongMedia("encoding-unsupported", "send the body as it is, without Content-Encoding")
	}
	media, _, _ := bytes.Cut(header.ContentType(), []byte(";"))
	if !bytes.EqualFold(bytes.TrimSpace(media), []byte(fiber.MIMEMultipartForm)) {
		return wrongMedia("not-multipart", "send files as multipart/form-data")
	}
	return c.Next()
}

// checkBody lets only plain JSON through to those who read bodies. Compressed
// ones are refused: fiber would unpack them without a limit.
func checkBody(c *fiber.Ctx) error {
	req := c.Request()
	if bringsFiles(c.Method(), c.Path()) {
		return checkMultipart(c)
	}
	if len(req.Body()) == 0 || c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead {
		return c.Next()
	}
	if encoding := req.Header.ContentEncoding(); len(encoding) > 0 {
		return wrongMedia("encoding-unsupported", "send the body as it is, without Content-Encoding")
	}
	media, _, _ := bytes.Cut(req.Header.ContentType(), []byte(";"))
	if !bytes.EqualFold(bytes.TrimSpace(media), []byte(fiber.MIMEApplicationJSON)) {
		return wrongMedia("not-json", "send JSON, with Content-Type: application/json")
	}
	return c.Next()
}
