package web

import (
	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
)

// preferences are a person's, or the site's, as the API shows and takes them.
type preferences struct {
	Watch    *[]domain.Topic                   `json:"watch,omitempty"`
	Trackers map[domain.TrackerKey]preferences `json:"trackers,omitempty"`
}

// shownPreferences tells besides what holds where nothing is chosen.
type shownPreferences struct {
	preferences
	Site preferences `json:"site"`
}

func (e *edge) myPreferences(c *fiber.Ctx) error {
	mine, err := e.readPreferences(c, requestOf(c).actor.ID)
	if err != nil {
		return err
	}
	site, err := e.sitePreferences(c)
	if err != nil {
		return err
	}
	return c.JSON(shownPreferences{mine, site})
}

func (e *edge) setMyPreferences(c *fiber.Ctx) error {
	if err := e.setPreferences(c, requestOf(c).actor.ID); err != nil {
		return err
	}
	return e.myPreferences(c)
}

func (e *edge) siteDefaults(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	site, err := e.sitePreferences(c)
	if err != nil {
		return err
	}
	return c.JSON(site)
}

func (e *edge) setSiteDefaults(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	if err := e.setPreferences(c, accounts.Site); err != nil {
		return err
	}
	return e.siteDefaults(c)
}

// sitePreferences are the site's; without a choice, watchers hear of everything.
func (e *edge) sitePreferences(c *fiber.Ctx) (preferences, error) {
	site, err := e.readPreferences(c, accounts.Site)
	if site.Watch == nil {
		all := ticket.Topics()
		site.Watch = &all
	}
	return site, err
}

func (e *edge) readPreferences(c *fiber.Ctx, person domain.UserID) (preferences, error) {
	stored, err := e.cfg.Accounts.Preferences(c.UserContext(), person)
	if err != nil {
		return preferences{}, err
	}
	p := preferences{Watch: stored.Watch, Trackers: map[domain.TrackerKey]preferences{}}
	for key, topics := range stored.Trackers {
		p.Trackers[key] = preferences{Watch: &topics}
	}
	return p, nil
}

func (e *edge) setPreferences(c *fiber.Ctx, person domain.UserID) error {
	var body struct {
		Watch    *[]domain.Topic `json:"watch"`
		Trackers map[domain.TrackerKey]struct {
			Watch []domain.Topic `json:"watch"`
		} `json:"trackers"`
	}
	if err := commands.ReadBody(c, &body); err != nil {
		return err
	}
	var problems domain.Problems
	chosen := accounts.Preferences{Trackers: map[domain.TrackerKey][]domain.Topic{}}
	if body.Watch != nil {
		topics := ticket.CheckTopics("watch", *body.Watch, &problems)
		chosen.Watch = &topics
	}
	for key, one := range body.Trackers {
		if !key.Valid() {
			problems.Add("trackers", "bad-key", "a capital, then 1 to 9 capitals or digits")
		}
		chosen.Trackers[key] = ticket.CheckTopics("trackers."+string(key)+".watch", one.Watch, &problems)
	}
	switch {
	case person == accounts.Site && len(body.Trackers) > 0:
		problems.Add("trackers", "not-for-the-site", "the site has one default for all trackers")
	case len(body.Trackers) > accounts.MaxPreferences:
		problems.Add("trackers", "too-many", "at most %d", accounts.MaxPreferences)
	}
	if err := problems.Err(); err != nil {
		return err
	}
	return e.cfg.Accounts.SetPreferences(c.UserContext(), by(c), person, chosen)
}
