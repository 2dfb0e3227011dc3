package web

import (
	"github.com/gofiber/fiber/v2"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/tracker"
)

// managerRoutes are for who configures the tracker.
func (e *edge) managerRoutes(api fiber.Router) {
	m := api.Group("/trackers/:key/mirrors/:tool")
	m.Get("/status", e.ofMirror(e.mirrorState))
	m.Get("/sites", e.ofMirror(e.mirrorSites))
	m.Post("/projects", e.ofMirror(e.mirrorProjects))
	m.Post("/check", e.ofMirror(e.checkMirror))
	m.Post("/propose", e.ofMirror(e.proposeMirror))
	m.Post("/work", e.ofMirror(e.orderMirrorWork))
	m.Delete("/work", e.ofMirror(e.cancelMirrorWork))
	m.Post("/parked/replay", e.ofMirror(e.replayMirror))
	m.Post("/parked/:id/retry", e.ofMirror(e.retryMirror))
	m.Post("/parked/:id/resolve", e.ofMirror(e.resolveMirror))
}

// ofMirror serves who may configure the tracker of the address.
func (e *edge) ofMirror(h func(c *fiber.Ctx, tool string, in tracker.Tracker) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		in, _, err := e.cfg.Reads.Configurable(c.UserContext(), actor(c), domain.TrackerKey(c.Params("key")))
		if err != nil {
			return err
		}
		return h(c, c.Params("tool"), in)
	}
}

// mirrorState tells of single tickets only who may read them all.
func (e *edge) mirrorState(c *fiber.Ctx, tool string, in tracker.Tracker) error {
	whole := in.May(actor(c), domain.SeeAll) && in.May(actor(c), domain.SeeInternal)
	state, err := e.cfg.Mirrors.State(c.UserContext(), tool, in, whole)
	if err != nil {
		return err
	}
	return c.JSON(state)
}

func (e *edge) mirrorSites(c *fiber.Ctx, _ string, in tracker.Tracker) error {
	sites, err := e.cfg.Mirrors.Sites(c.UserContext(), in.Key)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"sites": sites})
}

func (e *edge) mirrorProjects(c *fiber.Ctx, tool string, in tracker.Tracker) error {
	var body struct {
		Site   string `json:"site"`
		Secret string `json:"secret"`
	}
	if err := commands.ReadBody(c, &body); err != nil {
		return err
	}
	projects, err := e.cfg.Mirrors.Projects(c.UserContext(), tool, in.Key, tracker.Mirror{Site: body.Site, Secret: body.Secret})
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"projects": projects})
}

// draft is the mirror of the body; nil: there is none.
func draft(c *fiber.Ctx, tool string) (*tracker.Mirror, error) {
	if len(c.Body()) == 0 {
		return nil, nil //nolint:nilnil // there need not be one
	}
	m, err := commands.ReadMirror(c, tool)
	return &m, err
}

func (e *edge) checkMirror(c *fiber.Ctx, tool string, in tracker.Tracker) error {
	of, err := draft(c, tool)
	if err != nil {
		return err
	}
	problems, err := e.cfg.Mirrors.Check(c.UserContext(), tool, in.Key, of)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"problems": problems})
}

func (e *edge) proposeMirror(c *fiber.Ctx, tool string, in tracker.Tracker) error {
	of, err := draft(c, tool)
	if err != nil {
		return err
	}
	proposal, err := e.cfg.Mirrors.Propose(c.UserContext(), tool, in.Key, of)
	if err != nil {
		return err
	}
	return c.JSON(proposal)
}

func (e *edge) orderMirrorWork(c *fiber.Ctx, tool string, in tracker.Tracker) error {
	var body struct {
		Kind string `json:"kind"`
	}
	if err := commands.ReadBody(c, &body); err != nil {
		return err
	}
	work, err := e.cfg.Mirrors.Order(c.UserContext(), tool, in.Key, body.Kind, actor(c).ID)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusAccepted).JSON(work)
}

func (e *edge) cancelMirrorWork(c *fiber.Ctx, tool string, in tracker.Tracker) error {
	if err := e.cfg.Mirrors.Cancel(c.UserContext(), tool, in.Key); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (e *edge) replayMirror(c *fiber.Ctx, tool string, in tracker.Tracker) error {
	replayed, err := e.cfg.Mirrors.Replay(c.UserContext(), tool, in.Key)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusAccepted).JSON(replayed)
}

func (e *edge) retryMirror(c *fiber.Ctx, tool string, in tracker.Tracker) error {
	if err := e.cfg.Mirrors.Retry(c.UserContext(), tool, in.Key, c.Params("id")); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusAccepted)
}

func (e *edge) resolveMirror(c *fiber.Ctx, tool string, in tracker.Tracker) error {
	if err := e.cfg.Mirrors.Resolve(c.UserContext(), tool, in.Key, c.Params("id"), actor(c).ID); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
