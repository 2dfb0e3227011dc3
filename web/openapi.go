package web

import (
	_ "embed"

	"github.com/gofiber/fiber/v2"
)

// openapi documents every route of the app; a test holds the two together both ways.
//
//go:embed openapi.json
var openapi []byte

func document(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(openapi)
}
