package ui

import (
	"strings"

	"suivi/accounts"
	"suivi/commands"
	"suivi/domain"
	"suivi/domain/tracker"
)

// setupPage makes the administrator of a new site, and its first tracker. Whoever
// started the program has the code; afterwards there is no such page.
func setupPage(p *page) error {
	if err := p.wantSetup(); err != nil {
		return err
	}
	typed := p.query()
	for name, value := range map[string]string{"key": "HELP", "tracker": p.say("setup.tracker.preset"), "mode": string(domain.Ticketing)} {
		typed.Set(name, value)
	}
	form := p.signInForm("setup.title", typed, nil)
	form.Zones = zones()
	return p.show("setup", form)
}

func (p *page) wantSetup() error {
	needed, err := p.cfg.Accounts.NeedsSetup(p.ctx())
	if err == nil && !needed {
		err = domain.Errorf(domain.NotFound, "set-up-already", "this site has been set up")
	}
	return err
}

func setUp(p *page) error {
	form, err := p.form()
	if err != nil {
		return err
	}
	if err := p.wantSetup(); err != nil {
		return err
	}
	name, mode := form.Get("tracker"), domain.Mode(form.Get("mode"))
	create := tracker.Create{Key: domain.TrackerKey(strings.TrimSpace(form.Get("key"))), Settings: tracker.Settings{Name: &name, Mode: &mode}}
	_, err = tracker.Decide(tracker.Tracker{}, create, tracker.Facts{Actor: domain.Actor{Admin: true}})
	wrong := p.complain(err)
	if wrong != nil { // the person has a name too
		wrong.fields["tracker"], wrong.fields["name"] = wrong.fields["name"], ""
	} else {
		var session accounts.Session
		var secret string
		person := accounts.Person{Name: form.Get("name"), Email: form.Get("email"), Language: p.code, TimeZone: form.Get("zone")}
		session, secret, err = p.cfg.Accounts.Setup(p.ctx(), strings.TrimSpace(form.Get("code")), person, form.Get("password"), p.client())
		if err == nil {
			return p.firstTracker(session, secret, create)
		}
		wrong = p.complain(err)
	}
	shown := p.signInForm("setup.title", form.Values, wrong)
	shown.Zones = zones()
	return p.again("setup", shown, err)
}

// firstTracker creates it in the name of the administrator who has just come in.
func (p *page) firstTracker(session accounts.Session, secret string, create tracker.Create) error {
	p.who = accounts.Person{ID: session.Person, Admin: true}
	create.Members = map[domain.UserID][]domain.Role{session.Person: {domain.Manager, domain.Resolver}}
	out, err := p.cfg.Commands.ChangeTracker(p.ctx(), p.caller(), commands.NewRequest(session.Person, "", "", nil), create.Key, create)
	if err != nil {
		return err
	}
	setCookie(p.c, sessionName(p.c), secret, session.ExpiresAt)
	return p.settled(out.Position.Commit, out.Position.Prepare, "/", "set-up")
}

// zones are time zones to choose from: where Suivi is used most. Others can be typed.
func zones() []string {
	return []string{"Europe/Paris", "Europe/Brussels", "Europe/Zurich", "Europe/London", "UTC", "America/Montreal",
		"America/Guadeloupe", "America/Martinique", "America/Cayenne", "Indian/Reunion", "Indian/Mayotte", "Pacific/Noumea", "Pacific/Tahiti"}
}
