package commands

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
)

// mirrorBody is a mirror without its tool, which is in the path.
type mirrorBody struct {
	Site      string            `json:"site"`
	Secret    string            `json:"secret"`
	Project   string            `json:"project"`
	Direction tracker.Direction `json:"direction"`
	Deletion  tracker.Deletion  `json:"deletion"`
	Notes     bool              `json:"notes"`
	Paused    bool              `json:"paused"`
	Actor     domain.UserID     `json:"actor"`
	tracker.Mapping
}

// ReadMirror is the mirror of the body, in the tool.
func ReadMirror(c *fiber.Ctx, tool string) (tracker.Mirror, error) {
	var body mirrorBody
	if err := ReadBody(c, &body); err != nil {
		return tracker.Mirror{}, err
	}
	return tracker.Mirror{
		Tool: tool, Site: body.Site, Secret: body.Secret, Project: body.Project, Direction: body.Direction, Deletion: body.Deletion,
		Notes: body.Notes, Paused: body.Paused, Actor: body.Actor, Mapping: body.Mapping,
	}, nil
}

func (to routes) setMirror(c *fiber.Ctx) error {
	mirror, err := ReadMirror(c, c.Params("tool"))
	if err != nil {
		return err
	}
	return to.change(c, tracker.SetMirror{Mirror: mirror})
}

func (to routes) removeMirror(c *fiber.Ctx) error {
	return to.change(c, tracker.RemoveMirror{Tool: c.Params("tool")})
}
