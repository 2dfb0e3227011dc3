package ui

import (
	"strings"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/tracker"
)

// newTrackerView is the form by which administrators make a tracker.
type newTrackerView struct {
	*chrome
	*Complaint

	Key, Name string
	Modes     []choice
	Strict    bool
	Mine      bool
}

func newTrackerPage(p *page) error {
	return p.showNewTracker(newTrackerView{Mine: true}, domain.Ticketing, nil)
}

func createTracker(p *page) error {
	return p.withForm(func(f *form) error {
		v := newTrackerView{Key: strings.TrimSpace(f.Get("key")), Name: f.Get("name"), Strict: f.Get("workflow") == string(tracker.Strict), Mine: f.Get("mine") == "on"}
		mode, flow := domain.Mode(f.Get("mode")), tracker.Relaxed
		if v.Strict {
			flow = tracker.Strict
		}
		create := tracker.Create{Key: domain.TrackerKey(v.Key), Settings: tracker.Settings{Name: &v.Name, Mode: &mode, Workflow: &flow}}
		if v.Mine {
			create.Members = map[domain.UserID][]domain.Role{p.who.ID: {domain.Manager, domain.Resolver}}
		}
		var out commands.Outcome[tracker.Tracker]
		err := p.mayCreate()
		if err == nil {
			out, err = p.cfg.Commands.ChangeTracker(p.ctx(), p.caller(), p.request(f), create.Key, create)
		}
		if err != nil {
			return p.showNewTracker(v, mode, err)
		}
		return p.settled(out.Position.Commit, out.Position.Prepare, settingsPath(create.Key, "members"), "tracker-created")
	})
}

// mayCreate is for the page: the command decides the same.
func (p *page) mayCreate() error {
	if !p.who.Admin {
		return domain.Errorf(domain.Forbidden, "admin-only", "only administrators of the site create trackers")
	}
	return nil
}

func (p *page) showNewTracker(v newTrackerView, mode domain.Mode, failure error) error {
	if err := p.mayCreate(); err != nil {
		return err
	}
	if v.Complaint = p.complain(failure); failure != nil && v.Complaint == nil {
		return failure
	}
	var err error
	if v.chrome, _, err = p.frame(p.say("tracker.new"), "trackers"); err != nil {
		return err
	}
	for _, m := range domain.Modes() {
		v.Modes = append(v.Modes, choice{Value: string(m), Label: p.say("mode." + string(m)), Chosen: m == mode})
	}
	return p.answer(p.statusOf(failure), "tracker-new", v)
}
