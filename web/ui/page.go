package ui

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/commands"
	"suivi/domain"
)

// page is one request for a page: who asks, in which language and zone.
type page struct {
	*UI
	*speech

	c       *fiber.Ctx
	look    look
	who     accounts.Person // the zero Person is nobody
	session accounts.Session
	zone    *time.Location
	reached string // the position of the read models when it was asked
	now     time.Time
}

// handler answers a page.
type handler func(*page) error

func (u *UI) newPage(c *fiber.Ctx) *page {
	p := &page{UI: u, c: c, look: lookOf(c), zone: time.UTC, now: time.Now()}
	p.speech = u.speechFor(p.look.language, c.Get(fiber.HeaderAcceptLanguage))
	return p
}

// anybody serves those who are signed in, and those who are not.
func (u *UI) anybody(h handler) fiber.Handler {
	return func(c *fiber.Ctx) error { return h(u.newPage(c)) }
}

// signedIn serves those who are signed in, and sends others to do so first.
func (u *UI) signedIn(h handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		p := u.newPage(c)
		if err := p.identify(); err != nil {
			if domain.KindOf(err) != domain.Unauthenticated {
				return err
			}
			return p.askToSignIn()
		}
		return h(p)
	}
}

// person serves those who are signed in, once the read models can be asked.
func (u *UI) person(h handler) fiber.Handler {
	return u.signedIn(func(p *page) error {
		if u.cfg.Built != nil {
			if err := u.cfg.Built(); err != nil {
				return err
			}
		}
		p.reached = u.cfg.Reached()
		return h(p)
	})
}

func (p *page) ctx() context.Context { return p.c.UserContext() }

func (p *page) actor() domain.Actor { return p.who.Actor() }

// by tells the accounts' record who asks.
func (p *page) by() domain.By { return domain.By{Person: p.who.ID, Source: domain.SourceWeb} }

func (p *page) caller() commands.Caller {
	return commands.Caller{Actor: p.actor(), Source: domain.SourceWeb, RequestID: p.c.GetRespHeader(fiber.HeaderXRequestID)}
}

// request is the command of a form. Its key, when it has one, makes a form that is
// sent twice one command.
func (p *page) request(form *form) commands.Request {
	return commands.NewRequest(p.who.ID, form.Get("key"), "POST "+p.c.Path(), []byte(form.Encode()))
}

// path is a part of the address, by its name in the route.
func (p *page) path(name string) string { return p.c.Params(name) }

// query are the parameters of the address.
func (p *page) query() url.Values {
	query, err := url.ParseQuery(string(p.c.Context().QueryArgs().QueryString()))
	if err != nil {
		return url.Values{}
	}
	return query
}

// here is the address of this page, to come back to.
func (p *page) here() string { return p.c.OriginalURL() }

// back is the address that the form says to go back to, if it is one of ours.
func (p *page) back(form *form, otherwise string) string { return local(form.Get("back"), otherwise) }

// local is the address if it is on this site.
func local(address, otherwise string) string {
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") || strings.ContainsAny(address, "\\\r\n\t") {
		return otherwise
	}
	return address
}

// redirect ends a deed: the browser asks for the page at the address, which says
// what was done ("": nothing).
func (p *page) redirect(address, said string) error {
	if said != "" {
		setCookie(p.c, saidCookie, said, p.now.Add(time.Minute))
	}
	return p.c.Redirect(address, fiber.StatusSeeOther)
}

// waitFor bounds how long a redirect waits for the lists to show what was done.
const waitFor = 3 * time.Second

// settled ends a deed whose last event has the position. The page after it shows
// it, unless the read models are far behind: then it says so.
func (p *page) settled(commit, prepare uint64, address, said string) error {
	ctx, cancel := context.WithTimeout(p.ctx(), waitFor)
	defer cancel()
	if err := p.cfg.Wait(ctx, commit, prepare); err != nil {
		said = "late"
	}
	return p.redirect(address, said)
}
