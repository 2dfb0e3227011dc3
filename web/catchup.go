package web

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// HeaderAfter is the position that an answer must not be older than; writes
// answer theirs as commands.HeaderPosition.
const HeaderAfter = "X-Suivi-After"

// catchUpFor bounds how long a read waits for the read models.
const catchUpFor = 5 * time.Second

// catchUp lets a read wait until the read models have the position that it names,
// so that one reads one's own writes.
func (e *edge) catchUp(c *fiber.Ctx) error {
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		return c.Next()
	}
	return e.catchUpAnyway(c)
}

// catchUpAnyway is for reads that are asked by POST.
func (e *edge) catchUpAnyway(c *fiber.Ctx) error {
	after := c.Request().Header.Peek(HeaderAfter)
	if len(after) == 0 {
		return c.Next()
	}
	commit, prepare, ok := parsePosition(string(after))
	if !ok {
		return wrongHeader(HeaderAfter, "bad-position", "a position as a write answers it, as in 120/120")
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), catchUpFor)
	defer cancel()
	if err := e.cfg.Projections.Wait(ctx, commit, prepare); err != nil {
		return err
	}
	return c.Next()
}

// waitForBuild refuses what cannot be answered before the read models stand.
func (e *edge) waitForBuild(c *fiber.Ctx) error {
	if e.cfg.Built != nil {
		if err := e.cfg.Built(); err != nil {
			return err
		}
	}
	return c.Next()
}

func parsePosition(text string) (commit, prepare uint64, ok bool) {
	first, second, _ := strings.Cut(text, "/")
	commit, err := strconv.ParseUint(first, 10, 64)
	if err != nil {
		return 0, 0, false
	}
	prepare, err = strconv.ParseUint(second, 10, 64)
	return commit, prepare, err == nil
}
