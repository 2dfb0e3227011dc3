package web

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

// hook hears from a tool's site that something has changed there. Who signs it needs no token.
func (e *edge) hook(c *fiber.Ctx) error {
	tool, key := c.Params("tool"), domain.TrackerKey(c.Params("key"))
	address, _ := e.cfg.Proxies.Client(c)
	header := func(name string) string { return c.Get(name) }
	err := e.cfg.Accounts.Guarded(c.UserContext(), address, func() error {
		return e.cfg.Mirrors.Hint(c.UserContext(), tool, key, header, c.Request().Body()) // as it was signed: not unpacked
	})
	if err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusAccepted)
}
