package ui

import (
	"context"
	"time"
)

// overviewView is how the site is doing, and what can be done about it.
type overviewView struct {
	*chrome
	*Complaint

	Sections []tab
	Health   []healthView
	Models   []ReadModel
	Reactors []Reactor
	Running  *choreView // the chore that goes on
	Verify   *choreView // the last of each kind that has ended
	Rebuild  *choreView
	Collect  *choreView
}

// healthView is one thing that is well, or not.
type healthView struct {
	Name, Text string
	Good       bool
	URL        string // where more about it is; "": here
}

// choreView is a chore as pages show it.
type choreView struct {
	Chore

	Name    string
	By      personView
	Began   when
	Ended   when
	Failure string
	Equal   bool // what was verified
}

func overview(p *page) error { return p.showOverview(nil) }

// storeFor bounds how long the overview waits for an event store that does not answer.
const storeFor = 3 * time.Second

func (p *page) showOverview(failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	frame, _, err := p.adminFrame(p.say("admin.title"))
	if err != nil {
		return err
	}
	v := &overviewView{chrome: frame, Complaint: wrong, Sections: p.adminSections("/admin")}
	if err := p.lookAfter(v); err != nil {
		return err
	}
	if err := p.chores(v); err != nil {
		return err
	}
	return p.answer(p.statusOf(failure), "overview", v)
}

// lookAfter asks each part how it is. One that does not answer is told as such: the page
// is for just then.
func (p *page) lookAfter(v *overviewView) error {
	admin := p.cfg.Admin
	ctx, cancel := context.WithTimeout(p.ctx(), storeFor)
	defer cancel()
	store := admin.Store(ctx)
	v.Health = append(v.Health, p.health(store == nil, "health.store", "health.store-good", "health.store-bad", ""))
	if store != nil {
		return nil
	}
	var err error
	if v.Models, err = admin.Models(p.ctx()); err != nil {
		return err
	}
	v.Health = append(v.Health, p.modelsHealth(v.Models))
	if v.Reactors, err = admin.Reactors(p.ctx()); err != nil {
		return err
	}
	v.Health = append(v.Health, p.reactorsHealth(v.Reactors)...)
	return nil
}

func (p *page) health(good bool, name, well, unwell, url string) healthView {
	text := p.say(unwell)
	if good {
		text = p.say(well)
	}
	return healthView{p.say(name), text, good, url}
}

func (p *page) modelsHealth(models []ReadModel) healthView {
	h := p.health(true, "health.models", "health.models-good", "health.models-good", "")
	for _, m := range models {
		switch {
		case m.State == "stopped":
			h.Good, h.Text = false, p.say("health.stopped", "name", m.Name)
			return h
		case m.Lag > 0:
			h.Text = p.say("health.behind", "n", m.Lag)
		}
	}
	return h
}

func (p *page) reactorsHealth(reactors []Reactor) []healthView {
	running := p.health(true, "health.reactors", "health.reactors-good", "health.reactors-good", "")
	parked := 0
	for _, r := range reactors {
		parked += r.Parked
		switch {
		case r.State == "stopped":
			running.Good, running.Text = false, p.say("health.stopped", "name", r.Name)
		case r.Lag > 0 && running.Good:
			running.Text = p.say("health.behind", "n", r.Lag)
		}
	}
	waits := p.health(parked == 0, "health.parked", "health.parked-none", "health.parked-none", "/admin/parked")
	if parked > 0 {
		waits.Text = p.say("health.parked-some", "n", parked)
	}
	return []healthView{running, waits}
}

func (p *page) chores(v *overviewView) error {
	for kind, place := range map[string]**choreView{verifyChore: &v.Verify, rebuildChore: &v.Rebuild, collectChore: &v.Collect} {
		chore, ok := p.cfg.Admin.Chores.Last(kind)
		if !ok {
			continue
		}
		shown, err := p.choreView(chore)
		if err != nil {
			return err
		}
		if chore.Ended.IsZero() {
			v.Running = shown
		} else {
			*place = shown
		}
	}
	return nil
}

func (p *page) choreView(c Chore) (*choreView, error) {
	shown, err := p.people(p.ctx(), c.By)
	if err != nil {
		return nil, err
	}
	v := &choreView{Chore: c, Name: p.say("chore."+c.Kind, "model", c.Model), By: shown[c.By], Equal: true,
		Began: p.when(c.Began, p.now, p.zone), Ended: p.when(c.Ended, p.now, p.zone)}
	if c.Err != nil {
		_, v.Failure = p.failure(p.cfg.StatusOf(c.Err), c.Err)
	}
	for _, m := range c.Verified {
		v.Equal = v.Equal && len(m.Differences) == 0
	}
	return v, nil
}

// orderChore begins a long work, and goes to where its progress is shown.
func orderChore(p *page) error {
	return p.withForm(func(f *form) error {
		kind := oneOf(f.Get("do"), rebuildChore, verifyChore, collectChore)
		if kind == "" {
			return errBadForm()
		}
		if err := p.cfg.Admin.Chores.Order(Chore{Kind: kind, Model: f.Get("model"), By: p.who.ID}); err != nil {
			return p.showOverview(err)
		}
		return p.redirect("/admin", "")
	})
}
