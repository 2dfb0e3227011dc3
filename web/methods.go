package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"
)

// knownMethods lets requests with a method of HTTP through to handle, and gives
// the others to refuse: fiber answers them with a plain text before any
// middleware. C is the server's own kind of request.
func knownMethods[C interface{ Method() []byte }](handle, refuse func(C)) func(C) {
	return func(ctx C) {
		if slices.Contains(fiber.DefaultMethods, string(ctx.Method())) {
			handle(ctx)
			return
		}
		refuse(ctx)
	}
}

// withContext lends fail a fiber context, as fiber itself does for its error handler.
func withContext[C any](acquire func(C) *fiber.Ctx, release func(*fiber.Ctx), fail func(*fiber.Ctx)) func(C) {
	return func(ctx C) {
		c := acquire(ctx)
		defer release(c)
		fail(c)
	}
}

func (e *edge) refuseMethod(c *fiber.Ctx) {
	endBody(c, true)
	_ = e.fail(c, errUnknownMethod()) // it fails only where a problem cannot be written as JSON
}
