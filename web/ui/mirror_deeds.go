package ui

import (
	"context"
	"errors"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
)

// checked is what a check has found, or why it could not be made.
type checked struct {
	problems []mirror.Problem
	silence  *silence
}

// check asks the tool what is wrong with the draft; nil: with what is set.
func (p *page) check(in toolOf, draft *tracker.Mirror) (*checked, error) {
	ctx, cancel := p.asking()
	defer cancel()
	problems, err := p.cfg.Mirrors.Check(ctx, in.tool, in.Key, draft)
	if silence := p.silence(ctx, err); silence != nil {
		return &checked{silence: silence}, nil
	}
	return &checked{problems: problems}, err
}

// silence is why a tool has not told what it was asked: a sentence, and the tool's own words.
type silence struct{ Text, Detail string }

// silence is nil where the tool has answered, or the error is none of it.
func (p *page) silence(ctx context.Context, err error) *silence {
	refusal, _ := errors.AsType[*domain.Error](err)
	switch {
	case err == nil:
		return nil
	case refusal != nil && (refusal.Kind == domain.Unavailable || refusal.Kind == domain.Refused):
		return &silence{p.reason(refusal.Code, refusal.Message), refusal.Message}
	case ctx.Err() != nil:
		return &silence{Text: p.say("error.tool-unavailable")}
	}
	return nil
}

// workOnMirror is what can be done with a mirror that is set.
func workOnMirror(p *page, in toolOf) error {
	if _, has := in.Mirror(in.tool); !has {
		return p.redirect(in.path("/edit"), "")
	}
	return p.withForm(func(f *form) error {
		mirrors, do := p.cfg.Mirrors, f.Get("do")
		switch do {
		case "check":
			found, err := p.check(in, nil)
			if err != nil {
				return err
			}
			return p.showMirror(in, found, nil)
		case "on", "off":
			return p.switchMirror(in, f, do == "on")
		case "remove":
			return p.configure(in.configured, change{
				form: f, all: []tracker.Command{tracker.RemoveMirror{Tool: in.tool}}, address: settingsPath(in.Key, "mirrors"), said: "mirror-removed",
				again: func(_ *Complaint, err error) error { return p.showMirror(in, nil, err) },
			})
		case mirror.LookWork, mirror.VerifyWork, mirror.ImportWork:
			return p.done(in, mirrors.Order(p.ctx(), in.tool, in.Key, do, p.who.ID), "")
		case "cancel":
			return p.done(in, mirrors.Cancel(p.ctx(), in.tool, in.Key), "work-cancelled")
		case "replay":
			return p.done(in, mirrors.Replay(p.ctx(), in.tool, in.Key), "parked-retried")
		case "retry":
			return p.done(in, mirrors.Retry(p.ctx(), in.tool, in.Key, f.Get("id")), "parked-retried")
		case "resolve":
			return p.done(in, mirrors.Resolve(p.ctx(), in.tool, in.Key, f.Get("id"), p.who.ID), "parked-resolved")
		}
		return errBadForm()
	})
}

// done goes back to the mirror's page, with what was done or why not. What is no longer there is done.
func (p *page) done(in toolOf, err error, said string) error {
	switch {
	case domain.KindOf(err) == domain.NotFound:
		return p.redirect(in.path(""), "unchanged")
	case err != nil:
		return p.showMirror(in, nil, err)
	}
	return p.redirect(in.path(""), said)
}

// switchMirror turns a mirror on or off. One that cannot work is not turned on.
func (p *page) switchMirror(in toolOf, f *form, on bool) error {
	if on {
		found, err := p.check(in, nil)
		if err != nil {
			return err
		}
		if found.silence != nil || len(found.problems) > 0 {
			return p.showMirror(in, found, domain.Errorf(domain.Refused, "mirror-does-not-work", "its check says why"))
		}
	}
	m, _ := in.Mirror(in.tool)
	m.Paused = !on
	said := "mirror-off"
	if on {
		said = "mirror-on"
	}
	return p.configure(in.configured, change{
		form: f, all: []tracker.Command{tracker.SetMirror{Mirror: m}}, address: in.path(""), said: said,
		again: func(_ *Complaint, err error) error { return p.showMirror(in, nil, err) },
	})
}
