package web

import (
	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/commands"
)

// shownSite are the settings of the site as the API shows them.
type shownSite struct {
	ClosedPanels []string `json:"closedPanels"`
	NewFields    []string `json:"newFields"`
}

func (e *edge) siteSettings(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	settings, err := e.cfg.Accounts.SiteSettings(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(shownSite(settings))
}

func (e *edge) changeSiteSettings(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	var body struct {
		ClosedPanels *[]string `json:"closedPanels"`
		NewFields    *[]string `json:"newFields"`
	}
	if err := commands.ReadBody(c, &body); err != nil {
		return err
	}
	settings, err := e.cfg.Accounts.ChangeSiteSettings(c.UserContext(), by(c), accounts.SiteChanges(body))
	if err != nil {
		return err
	}
	return c.JSON(shownSite(settings))
}
