package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"
)

// guard is around every request: its id, the headers of its answer, its
// deadline, what happens to its errors and panics, its line in the log.
func (e *edge) guard(c *fiber.Ctx) error {
	began := time.Now()
	r := &request{id: requestID(c)}
	c.Locals(requestKey{}, r)
	setHeaders(c, r.id)
	within := deadline
	if carriesFiles(c) {
		within = transferTimeout
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), within)
	defer cancel()
	c.SetUserContext(ctx)
	err := e.takeBody(c)
	if err == nil {
		err = protected(c.Next)
	}
	endBody(c, err != nil)
	if err != nil {
		err = e.fail(c, err)
	}
	e.logAccess(c, r, began)
	return err
}

// setHeaders says that answers are data, for the asker alone, and of this moment.
// Pages, when there are any, say otherwise themselves.
func setHeaders(c *fiber.Ctx, id string) {
	h := &c.Response().Header
	h.Set(fiber.HeaderXRequestID, id)
	h.Set(fiber.HeaderCacheControl, "no-store")
	h.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	h.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
	h.Set(fiber.HeaderReferrerPolicy, "no-referrer")
}

// maxRequestID is the longest X-Request-ID that is taken over.
const maxRequestID = 64

// requestID is the caller's own id when it is harmless in logs and events, else a new one.
func requestID(c *fiber.Ctx) string {
	given := c.Request().Header.Peek(fiber.HeaderXRequestID)
	if n := len(given); n < 1 || n > maxRequestID {
		return rand.Text()
	}
	for _, b := range given {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '-', b == '_', b == '.':
		default:
			return rand.Text()
		}
	}
	return string(given)
}

// panicked is a panic as an error.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func protected(do func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicked{value, debug.Stack()}
		}
	}()
	return do()
}

// logAccess writes a line for each request at the level debug: no query, no
// body, no header but the request's id, so no token and nothing that people wrote.
func (e *edge) logAccess(c *fiber.Ctx, r *request, began time.Time) {
	ctx := c.UserContext()
	if !e.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	e.logger.LogAttrs(ctx, slog.LevelDebug, "request",
		slog.String("method", c.Method()), slog.String("path", c.Path()),
		slog.Int("status", c.Response().StatusCode()), slog.Duration("took", time.Since(began)),
		slog.String("person", string(r.actor.ID)), slog.String("requestId", r.id))
}
