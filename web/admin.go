package web

import (
	"context"

	"github.com/gofiber/fiber/v2"
)

func (e *edge) projections(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	status, err := e.cfg.Projections.Status(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"projections": status})
}

func (e *edge) collectBlobs(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	return e.stream(c, func(ctx context.Context, progress Progress) (any, error) {
		progress(0, 0)
		return e.cfg.CollectBlobs(ctx)
	})
}

func (e *edge) rebuild(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	name := c.Params("name")
	return e.stream(c, func(ctx context.Context, progress Progress) (any, error) {
		return fiber.Map{"name": name}, e.cfg.Projections.Rebuild(ctx, name, progress)
	})
}

func (e *edge) verify(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	return e.stream(c, e.cfg.Projections.Verify)
}
