package ui

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/domain"
)

// identify finds out who asks, by the session's cookie; domain.Unauthenticated when
// it is nobody's. What the person has chosen goes before what the browser asks for.
func (p *page) identify() error {
	secret := p.c.Cookies(sessionName(p.c))
	if secret == "" {
		return domain.Errorf(domain.Unauthenticated, "signed-out", "sign in first")
	}
	who, session, err := p.cfg.Accounts.BySession(p.ctx(), secret)
	if err != nil {
		return err
	}
	p.who, p.session = who, session
	if who.Language != "" {
		p.speech = p.speechFor(who.Language, "")
	}
	if zone, err := time.LoadLocation(who.TimeZone); err == nil && who.TimeZone != "" {
		p.zone = zone
	}
	return nil
}

// askToSignIn sends somebody to the page where they do so, and back here after it.
// On a new site there is nobody yet who could: it is set up first.
func (p *page) askToSignIn() error {
	needed, err := p.cfg.Accounts.NeedsSetup(p.ctx())
	if err != nil {
		return err
	}
	if needed {
		return p.redirect("/setup", "")
	}
	address := "/sign-in"
	if p.c.Method() == fiber.MethodGet && p.here() != "/" {
		address += "?next=" + url.QueryEscape(p.here())
	}
	return p.redirect(address, "")
}

func (p *page) client() accounts.Client {
	return accounts.Client{Address: clientOf(p.c).address, Agent: p.c.Get(fiber.HeaderUserAgent)}
}

// signInForm is a form of this file's pages: what was typed, and what is wrong with it.
type signInForm struct {
	*chrome
	*Complaint

	Typed      url.Values
	Invitation accounts.Invitation
	Zones      []string
}

func (p *page) signInForm(title string, typed url.Values, wrong *Complaint) signInForm {
	return signInForm{chrome: p.bare(p.say(title)), Complaint: wrong, Typed: typed}
}

func signInPage(p *page) error {
	if p.identify() == nil {
		return p.redirect(local(p.query().Get("next"), "/"), "")
	}
	return p.show("sign-in", p.signInForm("sign-in.title", p.query(), nil))
}

func signIn(p *page) error {
	form, err := p.form()
	if err != nil {
		return err
	}
	session, secret, err := p.cfg.Accounts.SignIn(p.ctx(), form.Get("email"), form.Get("password"), p.client())
	if err != nil {
		return p.again("sign-in", p.signInForm("sign-in.title", form.Values, p.complain(err)), err)
	}
	return p.enter(session, secret, local(form.Get("next"), "/"))
}

// again answers with the form that was sent and what is wrong with it, if the person can mend that.
func (p *page) again(name string, form signInForm, err error) error {
	if form.Complaint == nil {
		return err
	}
	delete(form.Typed, "password")
	return p.answer(p.cfg.StatusOf(err), name, form)
}

// enter begins a session in this browser.
func (p *page) enter(session accounts.Session, secret, address string) error {
	setCookie(p.c, sessionName(p.c), secret, session.ExpiresAt)
	return p.redirect(address, "")
}

func signOut(p *page) error {
	if err := p.identify(); err == nil {
		if err := p.cfg.Accounts.EndSession(p.ctx(), p.by(), p.session.ID); err != nil {
			return err
		}
	}
	clearCookie(p.c, sessionName(p.c))
	return p.redirect("/sign-in", "signed-out")
}

func invitationPage(p *page) error {
	invitation, err := p.cfg.Accounts.Invitation(p.ctx(), p.path("secret"))
	if err != nil {
		return err
	}
	form := p.signInForm("invitation.title", url.Values{"name": {invitation.Person.Name}, "zone": {invitation.Person.TimeZone}}, nil)
	form.Invitation, form.Zones = invitation, zones()
	return p.show("invitation", form)
}

func acceptInvitation(p *page) error {
	form, err := p.form()
	if err != nil {
		return err
	}
	secret := p.path("secret")
	session, cookie, err := p.cfg.Accounts.AcceptInvitation(p.ctx(), secret, form.Get("name"), form.Get("password"), p.code, form.Get("zone"), p.client())
	if err != nil {
		shown := p.signInForm("invitation.title", form.Values, p.complain(err))
		if shown.Invitation, shown.Zones = (accounts.Invitation{}), zones(); shown.Complaint != nil {
			if invitation, err := p.cfg.Accounts.Invitation(p.ctx(), secret); err == nil {
				shown.Invitation = invitation
			}
		}
		return p.again("invitation", shown, err)
	}
	return p.enter(session, cookie, "/")
}
