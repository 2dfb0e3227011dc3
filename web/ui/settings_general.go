package ui

import (
	"net/url"

	"suivi/domain"
	"suivi/domain/tracker"
)

// generalView is what a tracker is called, what it says and how it starts.
type generalView struct {
	settingsFrame

	Typed   url.Values
	Modes   []modeChoice
	Preset  tracker.Label // the thanks where none is set by hand
	Migrate []migrateChoice
}

func generalPage(p *page, in configured) error {
	typed := url.Values{
		"name": {in.Name}, "mode": {string(in.Mode)}, "contact": {in.ContactURL}, "intro.fr": {in.Intro.FR}, "intro.en": {in.Intro.EN},
		"thanks.fr": {in.ThankYou.FR}, "thanks.en": {in.ThankYou.EN},
	}
	return p.showGeneral(in, typed, nil, nil)
}

func changeGeneral(p *page, in configured) error {
	return p.withForm(func(f *form) error {
		name, contact, mode := f.Get("name"), f.Get("contact"), domain.Mode(f.Get("mode"))
		after := in.Tracker
		after.Mode = mode
		return p.configure(in, change{
			form: f, address: settingsPath(in.Key, ""), said: "edited",
			all: []tracker.Command{tracker.Configure{Settings: tracker.Settings{
				Name: &name, Mode: &mode, ContactURL: &contact, Intro: labelOf(f.Values, "intro"), ThankYou: labelOf(f.Values, "thanks"),
				Migrate: migrateOf(f.Values, after),
			}}},
			again: func(wrong *Complaint, err error) error { return p.showGeneral(in, f.Values, wrong, err) },
		})
	})
}

// labelOf is a text in both languages, of the inputs name.fr and name.en.
func labelOf(values url.Values, name string) *tracker.Label {
	return &tracker.Label{FR: values.Get(name + ".fr"), EN: values.Get(name + ".en")}
}

func (p *page) showGeneral(in configured, typed url.Values, wrong *Complaint, failure error) error {
	frame, _, err := p.settings(in, "", wrong)
	if err != nil {
		return err
	}
	after := in.Tracker
	after.ThankYou = tracker.Label{}
	v := generalView{settingsFrame: frame, Typed: typed, Preset: after.Thanks(), Modes: p.modeChoices(in.Tracker, domain.Mode(typed.Get("mode")))}
	if failure != nil {
		after.Mode = domain.Mode(typed.Get("mode"))
		if v.Migrate, err = p.migrateChoices(in.Tracker, after, typed); err != nil {
			return err
		}
	}
	return p.answer(p.statusOf(failure), "settings-general", v)
}
