package ui

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// The cookies. That of the session alone lets somebody in; by https its name binds
// it to this host.
const (
	sessionCookie = "suivi_session"
	lookCookie    = "suivi_look" // how pages look here: language, theme, shortcuts
	saidCookie    = "suivi_said" // what the last deed came to, for the next page to say
	lookAge       = 365 * 24 * time.Hour
)

// sessionName is the name of the session's cookie.
func sessionName(c *fiber.Ctx) string {
	if clientOf(c).https {
		return "__Host-" + sessionCookie
	}
	return sessionCookie
}

func setCookie(c *fiber.Ctx, name, value string, expires time.Time) {
	c.Cookie(&fiber.Cookie{
		Name: name, Value: value, Path: "/", HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: clientOf(c).https, Expires: expires,
	})
}

func clearCookie(c *fiber.Ctx, name string) { setCookie(c, name, "", time.Unix(1, 0)) }

// look is how pages look in this browser, whoever is signed in.
type look struct {
	language string // "": the person's, else the browser's
	theme    string // "": the system's
	keys     bool   // shortcuts
}

func lookOf(c *fiber.Ctx) look {
	l := look{keys: true}
	for part := range strings.SplitSeq(c.Cookies(lookCookie), "-") {
		switch part {
		case "fr", "en":
			l.language = part
		case "light", "dark":
			l.theme = part
		case "nokeys":
			l.keys = false
		}
	}
	return l
}

func (l look) cookie() string {
	var parts []string
	for _, part := range []string{l.language, l.theme} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if !l.keys {
		parts = append(parts, "nokeys")
	}
	return strings.Join(parts, "-")
}

// setLook answers POST /look: what is named changes, the rest stays.
func setLook(p *page) error {
	form, err := p.form()
	if err != nil {
		return err
	}
	l := lookOf(p.c)
	if form.Has("language") {
		l.language = oneOf(form.Get("language"), "fr", "en")
	}
	if form.Has("theme") {
		l.theme = oneOf(form.Get("theme"), "light", "dark")
	}
	if form.Has("keys") {
		l.keys = form.Get("keys") == "on"
	}
	setCookie(p.c, lookCookie, l.cookie(), time.Now().Add(lookAge))
	return p.redirect(p.back(form, "/"), "")
}

// oneOf is the value if it is one of those, else "".
func oneOf(value string, values ...string) string {
	for _, v := range values {
		if v == value {
			return v
		}
	}
	return ""
}
