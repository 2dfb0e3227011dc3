package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"suivi/commands"
	"suivi/domain"
)

// Mirrors is what the edge asks of the mirrors in other tools, which it does not know
// otherwise. A tool that there is not is domain.NotFound.
type Mirrors struct {
	// Status is encoded as the document's MirrorStatus.
	Status func(ctx context.Context, tool string) (any, error)
	// Check is encoded as the document's Problem list of mirrors.
	Check func(ctx context.Context, tool string, key domain.TrackerKey) (any, error)
	// Propose is encoded as MirrorProposal.
	Propose func(ctx context.Context, tool string, key domain.TrackerKey) (any, error)
	// Look compares all, Verify does so by other means, Import has all brought into step.
	// Their answers are encoded as MirrorReport, and MirrorImport.
	Look, Verify, Import func(ctx context.Context, tool string, key domain.TrackerKey, progress Progress) (any, error)
	// Secrets and SetSecret are encoded as the document's Secret. No answer has a secret itself.
	Secrets      func(context.Context) (any, error)
	SetSecret    func(ctx context.Context, name, site, value string, by domain.By) (any, error)
	RemoveSecret func(ctx context.Context, name string, by domain.By) error
}

func (e *edge) mirrorRoutes(api fiber.Router) {
	api.Get("/admin/secrets", e.secrets)
	api.Put("/admin/secrets/:name", e.setSecret)
	api.Delete("/admin/secrets/:name", e.removeSecret)
	api.Get("/admin/mirrors/:tool", e.mirrorStatus)
	api.Post("/admin/mirrors/:tool/:key/look", e.longMirrorWork(e.cfg.Mirrors.Look))
	api.Post("/admin/mirrors/:tool/:key/verify", e.longMirrorWork(e.cfg.Mirrors.Verify))
	api.Post("/admin/mirrors/:tool/:key/import", e.longMirrorWork(e.cfg.Mirrors.Import))
	api.Post("/trackers/:key/mirrors/:tool/check", e.checkMirror)
	api.Post("/trackers/:key/mirrors/:tool/propose", e.proposeMirror)
}

func (e *edge) secrets(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	kept, err := e.cfg.Mirrors.Secrets(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"secrets": kept})
}

func (e *edge) setSecret(c *fiber.Ctx) error {
	var body struct {
		Site  string `json:"site"`
		Value string `json:"value"`
	}
	if err := requireAdmin(c); err != nil {
		return err
	}
	if err := commands.ReadBody(c, &body); err != nil {
		return err
	}
	kept, err := e.cfg.Mirrors.SetSecret(c.UserContext(), c.Params("name"), body.Site, body.Value, by(c))
	if err != nil {
		return err
	}
	return c.JSON(kept)
}

func (e *edge) removeSecret(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	if err := e.cfg.Mirrors.RemoveSecret(c.UserContext(), c.Params("name"), by(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (e *edge) mirrorStatus(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	status, err := e.cfg.Mirrors.Status(c.UserContext(), c.Params("tool"))
	if err != nil {
		return err
	}
	return c.JSON(status)
}

// longMirrorWork is for administrators: it tells of everything that is in the tickets.
func (e *edge) longMirrorWork(work func(context.Context, string, domain.TrackerKey, Progress) (any, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := requireAdmin(c); err != nil {
			return err
		}
		tool, key := c.Params("tool"), domain.TrackerKey(c.Params("key"))
		return e.stream(c, func(ctx context.Context, progress Progress) (any, error) { return work(ctx, tool, key, progress) })
	}
}

func (e *edge) checkMirror(c *fiber.Ctx) error {
	key := domain.TrackerKey(c.Params("key"))
	if _, _, err := e.cfg.Reads.Configurable(c.UserContext(), actor(c), key); err != nil {
		return err
	}
	problems, err := e.cfg.Mirrors.Check(c.UserContext(), c.Params("tool"), key)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"problems": problems})
}

func (e *edge) proposeMirror(c *fiber.Ctx) error {
	key := domain.TrackerKey(c.Params("key"))
	if _, _, err := e.cfg.Reads.Configurable(c.UserContext(), actor(c), key); err != nil {
		return err
	}
	proposal, err := e.cfg.Mirrors.Propose(c.UserContext(), c.Params("tool"), key)
	if err != nil {
		return err
	}
	return c.JSON(proposal)
}
