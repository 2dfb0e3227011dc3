package ui

import "github.com/gofiber/fiber/v2"

// section is one of some pages that belong together: its address, and the key of its name.
type section struct{ url, key string }

// sections are tabs to the pages that belong together, the active one marked.
func (p *page) sections(all []section, active string) []tab {
	tabs := make([]tab, len(all))
	for i, s := range all {
		tabs[i] = tab{Name: p.say(s.key), URL: s.url, Active: s.url == active}
	}
	return tabs
}

func (p *page) profileSections(active string) []tab {
	return p.sections([]section{
		{"/profile", "section.me"}, {"/profile/access", "section.access"}, {"/profile/tokens", "section.tokens"},
		{"/profile/watches", "section.watches"}, {"/profile/rights", "section.rights"},
	}, active)
}

func (u *UI) profileRoutes(r fiber.Router) {
	r.Get("/profile", u.person(profile))
	r.Post("/profile", u.person(changeProfile))
	r.Get("/profile/access", u.person(accessPage))
	r.Post("/profile/password", u.person(changePassword))
	r.Post("/profile/sessions/end", u.person(endSessions))
	r.Get("/profile/tokens", u.person(tokensPage))
	r.Post("/profile/tokens", u.person(makeToken))
	r.Post("/profile/tokens/:id/revoke", u.person(revokeToken))
	r.Get("/profile/watches", u.person(watchesPage))
	r.Post("/profile/watches/end", u.person(endWatches))
	r.Get("/profile/watches/defaults", u.person(watchDefaultsPage))
	r.Post("/profile/watches/defaults", u.person(setWatchDefaults))
	r.Get("/profile/rights", u.person(myRightsPage))
}
