package ui

import (
	"net/url"
	"strings"
	"unicode"

	"suivi/domain"
	"suivi/integration"
)

// allMirrorsView is how the mirrors of all trackers are doing, and what Suivi signs in
// with in other tools, but for the secrets themselves.
type allMirrorsView struct {
	*chrome
	*Complaint

	Sections []tab
	Mirrors  []mirrorRow
	Working  bool
	Secrets  []secretRow
	Typed    url.Values // never with a secret
	Wrong    string     // with the trackers of a secret that is to be kept
}

type secretRow struct {
	Name, Site string
	Trackers   string // their keys, as the form has them
	Wrong      string
	By         personView
	Set        when
}

func allMirrorsPage(p *page) error { return p.showAllMirrors(url.Values{}, nil) }

func (p *page) showAllMirrors(typed url.Values, failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	frame, _, err := p.frame(p.say("admin.title"), "admin")
	if err != nil {
		return err
	}
	v := allMirrorsView{chrome: frame, Complaint: wrong, Sections: p.adminSections("/admin/mirrors"), Typed: url.Values{"name": {typed.Get("name")}, "site": {typed.Get("site")}}}
	if v.Mirrors, err = p.allMirrors(); err != nil {
		return err
	}
	for _, row := range v.Mirrors {
		v.Working = v.Working || row.Work != nil && row.Work.Running
	}
	kept, err := p.cfg.Mirrors.Secrets(p.ctx())
	if err != nil {
		return err
	}
	for _, one := range kept {
		row, err := p.secretRow(one)
		if err != nil {
			return err
		}
		if row.Name == typed.Get("allow") {
			row.Trackers, row.Wrong = typed.Get("trackers"), wrong.Of("trackers")
		}
		v.Secrets = append(v.Secrets, row)
	}
	if !typed.Has("allow") {
		v.Wrong = wrong.Of("trackers")
		v.Typed.Set("trackers", typed.Get("trackers"))
	}
	return p.answer(p.statusOf(failure), "admin-mirrors", v)
}

func (p *page) allMirrors() ([]mirrorRow, error) {
	var rows []mirrorRow
	for _, tool := range p.cfg.Mirrors.Tools {
		states, err := p.cfg.Mirrors.States(p.ctx(), tool)
		if err != nil {
			return nil, err
		}
		for _, state := range states {
			row, err := p.mirrorRow(tool, state)
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func (p *page) secretRow(one integration.KeptSecret) (secretRow, error) {
	shown, err := p.people(p.ctx(), one.SetBy)
	return secretRow{one.Name, one.Site, joinedKeys(one.Trackers), "", shown[one.SetBy], p.when(one.SetAt, p.now, p.zone)}, err
}

// setSecret keeps a secret. What was typed of it comes back in no answer.
func setSecret(p *page) error {
	return p.withForm(func(f *form) error {
		secret := integration.KeptSecret{Name: f.Get("name"), Site: f.Get("site"), Trackers: typedKeys(f.Get("trackers"))}
		if err := p.cfg.Mirrors.SetSecret(p.ctx(), secret, f.Get("value"), p.by()); err != nil {
			return p.showAllMirrors(f.Values, err)
		}
		return p.redirect("/admin/mirrors", "secret-set")
	})
}

// allowSecret says which trackers may use a secret.
func allowSecret(p *page) error {
	return p.withForm(func(f *form) error {
		name, trackers := f.Get("name"), f.Get("trackers")
		if err := p.cfg.Mirrors.AllowSecret(p.ctx(), name, typedKeys(trackers), p.by()); err != nil {
			return p.showAllMirrors(url.Values{"allow": {name}, "trackers": {trackers}}, err)
		}
		return p.redirect("/admin/mirrors", "secret-allowed")
	})
}

// typedKeys are the trackers of a line such as "HELP, NET"; nil: none.
func typedKeys(line string) []domain.TrackerKey {
	var keys []domain.TrackerKey
	for _, word := range strings.FieldsFunc(strings.ToUpper(line), func(c rune) bool { return c == ',' || c == ';' || unicode.IsSpace(c) }) {
		keys = append(keys, domain.TrackerKey(word))
	}
	return keys
}

func joinedKeys(keys []domain.TrackerKey) string {
	words := make([]string, len(keys))
	for i, key := range keys {
		words[i] = string(key)
	}
	return strings.Join(words, ", ")
}

func removeSecret(p *page) error {
	return p.withForm(func(f *form) error {
		if err := p.cfg.Mirrors.RemoveSecret(p.ctx(), f.Get("name"), p.by()); err != nil {
			return err
		}
		return p.redirect("/admin/mirrors", "secret-removed")
	})
}
