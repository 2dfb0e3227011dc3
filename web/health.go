package web

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

// live says that the process answers, and nothing else.
func live(c *fiber.Ctx) error { return c.JSON(fiber.Map{"status": "live"}) }

// ready says whether requests can be served. Why not is for the log alone.
func (e *edge) ready(c *fiber.Ctx) error {
	err := e.cfg.Accounts.Ping(c.UserContext())
	if err == nil && e.cfg.Ready != nil {
		err = e.cfg.Ready(c.UserContext())
	}
	if err != nil {
		return notReadyError{err}
	}
	return c.JSON(fiber.Map{"status": "ready"})
}

// notReadyError shows callers no more than that; its text, for the log, says why.
type notReadyError struct{ cause error }

func (e notReadyError) Error() string { return "not ready: " + e.cause.Error() }

func (e notReadyError) Unwrap() error {
	return domain.Errorf(domain.Unavailable, "not-ready", "the service is not ready; try again")
}
