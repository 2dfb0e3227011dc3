package ui

import (
	"crypto/rand"
	"net/url"

	"github.com/gofiber/fiber/v2"
)

// guard is around every page: it lets no other site act in somebody's name, and
// tells browsers to run nothing but our own script.
func (u *UI) guard(c *fiber.Ctx) error {
	harden(c)
	var from client
	from.address, from.https = u.cfg.Client(c)
	c.Locals(clientKey{}, from)
	if err := sameOrigin(c); err != nil {
		return err
	}
	return c.Next()
}

// client is who sends the request.
type client struct {
	address string
	https   bool
}

type clientKey struct{}

func clientOf(c *fiber.Ctx) client {
	from, _ := c.Locals(clientKey{}).(client)
	return from
}

// harden sets the headers of a page, whatever becomes of it.
func harden(c *fiber.Ctx) {
	nonce := rand.Text()
	c.Locals(nonceKey{}, nonce)
	h := &c.Response().Header
	h.Set(fiber.HeaderContentSecurityPolicy, policy(nonce))
	h.Set(fiber.HeaderReferrerPolicy, "same-origin")
	h.Set(fiber.HeaderXFrameOptions, "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set(fiber.HeaderPermissionsPolicy, "camera=(), geolocation=(), microphone=()")
}

type nonceKey struct{}

func policy(nonce string) string {
	return "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" + nonce + "'; img-src 'self' data:; " +
		"media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// sameOrigin refuses what another site makes a browser send. Browsers say where a
// request comes from (Sec-Fetch-Site); older ones name the origin. Programs that
// say neither have no session cookie that another site could misuse.
func sameOrigin(c *fiber.Ctx) error {
	if c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead {
		return nil
	}
	switch c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return nil
	case "":
		origin := c.Get(fiber.HeaderOrigin)
		if origin == "" {
			return nil
		}
		if from, err := url.Parse(origin); err == nil && from.Host == string(c.Request().Host()) {
			return nil
		}
	}
	return errForeign()
}
