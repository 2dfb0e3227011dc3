package ui

import (
	"net/url"

	"suivi/accounts"
)

// profileView is what one has chosen for oneself: in this browser, and everywhere.
type profileView struct {
	*chrome
	*Complaint

	Sections []tab
	Email    string
	Typed    url.Values
	Zones    []string
}

func profile(p *page) error {
	return p.showProfile(url.Values{"name": {p.who.Name}, "zone": {p.who.TimeZone}}, nil)
}

func changeProfile(p *page) error {
	return p.withForm(func(f *form) error {
		language, zone := f.Get("language"), f.Get("zone")
		changes := accounts.Changes{Language: &language, TimeZone: &zone}
		if f.Has("name") {
			name := f.Get("name")
			changes.Name = &name
		}
		if _, err := p.cfg.Accounts.UpdatePerson(p.ctx(), p.by(), p.who.ID, changes); err != nil {
			return p.showProfile(f.Values, err)
		}
		return p.redirect("/profile", "profile-saved")
	})
}

func (p *page) showProfile(typed url.Values, failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	frame, _, err := p.frame(p.say("profile.title"), "profile")
	if err != nil {
		return err
	}
	return p.answer(p.statusOf(failure), "profile", profileView{frame, wrong, p.profileSections("/profile"), p.who.Email, typed, zones()})
}
