package web

import (
	"bytes"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"suivi/readapi"
)

// Pages are what people see in a browser: every path but those of the API and the
// health checks (ADR 0032). The edge guards them like the API; who asks they find out themselves.
type Pages struct {
	// Routes adds them; follow answers with a feed, as for the API.
	Routes func(r fiber.Router, follow func(*fiber.Ctx, readapi.Following) error)
	// Fail answers with a page for an error that came out of a route of theirs, or
	// of none. The edge has logged it if it is ours.
	Fail func(c *fiber.Ctx, status int, err error) error
}

// StatusOf is the HTTP status of an error, for the pages that show one beside what was typed.
func StatusOf(err error) int { return problemOf(err).Status }

// SendContent answers with the content of a file, as the API does.
func SendContent(c *fiber.Ctx, content readapi.Content) error { return sendContent(c, content) }

// isPage tells whether a path is the pages' business.
func isPage(path string) bool {
	return !strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, "/health/")
}

// bringsForm tells whether a request is a page's form with files in it, which are
// read as they arrive.
func bringsForm(header *fasthttp.RequestHeader, path string) bool {
	media, _, _ := bytes.Cut(header.ContentType(), []byte(";"))
	return header.IsPost() && isPage(path) && bytes.EqualFold(bytes.TrimSpace(media), []byte(fiber.MIMEMultipartForm))
}
