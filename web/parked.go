package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

// Reactors is what the edge asks of the reactors, which it does not know otherwise.
type Reactors struct {
	// Status and Parked are encoded as the document's ReactorStatus and Parked lists.
	Status, Parked func(context.Context) (any, error)
	// Retry has parked work tried soon, Resolve says that nothing more is to be done
	// about it. Their answers are encoded as the document's Parked.
	Retry   func(ctx context.Context, id string) (any, error)
	Resolve func(ctx context.Context, id string, by domain.UserID) (any, error)
}

func (e *edge) parked(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	status, err := e.cfg.Reactors.Status(c.UserContext())
	if err != nil {
		return err
	}
	parked, err := e.cfg.Reactors.Parked(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"reactors": status, "parked": parked})
}

func (e *edge) retryParked(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	parked, err := e.cfg.Reactors.Retry(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusAccepted).JSON(parked)
}

func (e *edge) resolveParked(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	parked, err := e.cfg.Reactors.Resolve(c.UserContext(), c.Params("id"), actor(c).ID)
	if err != nil {
		return err
	}
	return c.JSON(parked)
}
