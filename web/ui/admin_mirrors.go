package ui

import (
	"net/url"

	"suivi/integration"
)

// allMirrorsView is how the mirrors of all trackers are doing.
type allMirrorsView struct {
	*chrome

	Sections []tab
	Mirrors  []mirrorRow
	Working  bool
}

func allMirrorsPage(p *page) error {
	frame, _, err := p.frame(p.say("admin.title"), "admin")
	if err != nil {
		return err
	}
	v := allMirrorsView{chrome: frame, Sections: p.adminSections("/admin/mirrors")}
	for _, tool := range p.cfg.Mirrors.Tools {
		states, err := p.cfg.Mirrors.States(p.ctx(), tool)
		if err != nil {
			return err
		}
		for _, state := range states {
			row, err := p.mirrorRow(tool, state)
			if err != nil {
				return err
			}
			v.Working = v.Working || row.Work != nil && row.Work.Running
			v.Mirrors = append(v.Mirrors, row)
		}
	}
	return p.show("admin-mirrors", v)
}

// secretsView is what Suivi signs in with in other tools, but for the secrets themselves.
type secretsView struct {
	*chrome
	*Complaint

	Sections []tab
	Secrets  []secretRow
	Typed    url.Values // never with a secret
}

type secretRow struct {
	Name, Site string
	By         personView
	Set        when
}

func secretsPage(p *page) error { return p.showSecrets(url.Values{}, nil) }

func (p *page) showSecrets(typed url.Values, failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	kept, err := p.cfg.Mirrors.Secrets(p.ctx())
	if err != nil {
		return err
	}
	frame, _, err := p.frame(p.say("admin.title"), "admin")
	if err != nil {
		return err
	}
	v := secretsView{chrome: frame, Complaint: wrong, Sections: p.adminSections("/admin/secrets"), Typed: url.Values{"name": {typed.Get("name")}, "site": {typed.Get("site")}}}
	for _, one := range kept {
		row, err := p.secretRow(one)
		if err != nil {
			return err
		}
		v.Secrets = append(v.Secrets, row)
	}
	return p.answer(p.statusOf(failure), "secrets", v)
}

func (p *page) secretRow(one integration.KeptSecret) (secretRow, error) {
	shown, err := p.people(p.ctx(), one.SetBy)
	return secretRow{one.Name, one.Site, shown[one.SetBy], p.when(one.SetAt, p.now, p.zone)}, err
}

// setSecret keeps a secret. What was typed of it comes back in no answer.
func setSecret(p *page) error {
	return p.withForm(func(f *form) error {
		if err := p.cfg.Mirrors.SetSecret(p.ctx(), f.Get("name"), f.Get("site"), f.Get("value"), p.by()); err != nil {
			return p.showSecrets(f.Values, err)
		}
		return p.redirect("/admin/secrets", "secret-set")
	})
}

func removeSecret(p *page) error {
	return p.withForm(func(f *form) error {
		if err := p.cfg.Mirrors.RemoveSecret(p.ctx(), f.Get("name"), p.by()); err != nil {
			return err
		}
		return p.redirect("/admin/secrets", "secret-removed")
	})
}
