package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/tracker"
)

// Mirrors is what the edge asks of the mirrors in other tools, which it does not know
// otherwise. A tool that there is not is domain.NotFound.
type Mirrors struct {
	// Status is encoded as the document's MirrorStatus.
	Status func(ctx context.Context, tool string) (any, error)
	// State is encoded as MirrorState; whole: with what tells of single tickets.
	State func(ctx context.Context, tool string, in tracker.Tracker, whole bool) (any, error)
	// Projects is encoded as a list of MirrorChoice.
	Projects func(ctx context.Context, tool string, key domain.TrackerKey, draft tracker.Mirror) (any, error)
	// Check is encoded as the document's Problem list of mirrors; it is of the draft, or nil: of what is set.
	Check func(ctx context.Context, tool string, key domain.TrackerKey, draft *tracker.Mirror) (any, error)
	// Propose is encoded as MirrorProposal, likewise.
	Propose func(ctx context.Context, tool string, key domain.TrackerKey, draft *tracker.Mirror) (any, error)
	// Order begins a long work beside requests, and is encoded as MirrorWork; Cancel ends it.
	Order  func(ctx context.Context, tool string, key domain.TrackerKey, kind string, by domain.UserID) (any, error)
	Cancel func(ctx context.Context, tool string, key domain.TrackerKey) error
	// Retry and Resolve deal with parked work of a tracker, Replay has all of it tried again.
	Retry   func(ctx context.Context, tool string, key domain.TrackerKey, id string) error
	Resolve func(ctx context.Context, tool string, key domain.TrackerKey, id string, by domain.UserID) error
	Replay  func(ctx context.Context, tool string, key domain.TrackerKey) (any, error)
	// Hint hears from a tool's site that something has changed there; it is Unauthenticated if the site has not signed it.
	Hint func(ctx context.Context, tool string, key domain.TrackerKey, header func(string) string, body []byte) error
	// Sites is encoded as a list of MirrorSite: what the tracker's mirrors can be made with.
	Sites func(ctx context.Context, key domain.TrackerKey) (any, error)
	// Secrets, SetSecret and AllowSecret are encoded as the document's Secret. No answer has a secret itself.
	Secrets      func(context.Context) (any, error)
	SetSecret    func(ctx context.Context, name string, s NewSecret, by domain.By) (any, error)
	AllowSecret  func(ctx context.Context, name string, trackers []domain.TrackerKey, by domain.By) (any, error)
	RemoveSecret func(ctx context.Context, name string, by domain.By) error
}

// NewSecret is a secret for a site; Trackers may use it: nil, those that might before, which at first are all.
type NewSecret struct {
	Site     string              `json:"site"`
	Value    string              `json:"value"`
	Trackers []domain.TrackerKey `json:"trackers"`
}

func (e *edge) mirrorRoutes(api fiber.Router) {
	api.Get("/admin/secrets", e.secrets)
	api.Put("/admin/secrets/:name", e.setSecret)
	api.Patch("/admin/secrets/:name", e.allowSecret)
	api.Delete("/admin/secrets/:name", e.removeSecret)
	api.Get("/admin/mirrors/:tool", e.mirrorStatus)
	e.managerRoutes(api)
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
	var body NewSecret
	if err := requireAdmin(c); err != nil {
		return err
	}
	if err := commands.ReadBody(c, &body); err != nil {
		return err
	}
	kept, err := e.cfg.Mirrors.SetSecret(c.UserContext(), c.Params("name"), body, by(c))
	if err != nil {
		return err
	}
	return c.JSON(kept)
}

// allowSecret says which trackers may use a secret, without its being told again.
func (e *edge) allowSecret(c *fiber.Ctx) error {
	var body struct {
		Trackers []domain.TrackerKey `json:"trackers"`
	}
	if err := requireAdmin(c); err != nil {
		return err
	}
	if err := commands.ReadBody(c, &body); err != nil {
		return err
	}
	kept, err := e.cfg.Mirrors.AllowSecret(c.UserContext(), c.Params("name"), body.Trackers, by(c))
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
