package ui

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/tracker"
)

// settingsFrame stands around each page of a tracker's settings.
type settingsFrame struct {
	*chrome
	*Complaint

	Key      domain.TrackerKey
	Name     string
	Version  uint64 // that the page was made of
	Tabs     []tab
	Archived bool
}

// configured is a tracker that the person may configure, and its version.
type configured struct {
	tracker.Tracker

	version uint64
}

// manager serves those who may configure the tracker of the address.
func (u *UI) manager(h func(*page, configured) error) fiber.Handler {
	return u.person(func(p *page) error {
		in, version, err := p.cfg.Reads.Configurable(p.ctx(), p.actor(), domain.TrackerKey(p.path("key")))
		if err != nil {
			return err
		}
		return h(p, configured{in, version})
	})
}

func (u *UI) settingsRoutes(r fiber.Router) {
	r.Get("/trackers", u.person(trackersPage))
	r.Get("/trackers/new", u.person(newTrackerPage))
	r.Post("/trackers/new", u.person(createTracker))
	s := r.Group("/trackers/:key/settings")
	s.Get("/", u.manager(generalPage))
	s.Post("/", u.manager(changeGeneral))
	s.Get("/handling", u.manager(handlingPage))
	s.Post("/handling", u.manager(changeHandling))
	s.Get("/states", u.manager(statesPage))
	s.Post("/states", u.manager(changeStates))
	s.Get("/members", u.manager(membersPage))
	s.Post("/members", u.manager(changeMembers))
	s.Post("/members/new", u.manager(addMember))
	s.Get("/rights", u.manager(rightsPage))
	s.Post("/rights", u.manager(changeRights))
	s.Get("/fields", u.manager(fieldsPage))
	s.Post("/fields", u.manager(changeFields))
	s.Get("/new-field", u.manager(newFieldPage))
	s.Post("/new-field", u.manager(setField))
	s.Get("/fields/:code", u.manager(fieldPage))
	s.Post("/fields/:code", u.manager(setField))
	s.Post("/fields/:code/remove", u.manager(removeField))
	s.Get("/workflow", u.manager(workflowPage))
	s.Post("/workflow", u.manager(changeWorkflow))
	s.Get("/workflow/:from", u.manager(rulesPage))
	s.Post("/workflow/:from", u.manager(changeRules))
	s.Get("/tree", u.manager(treePage))
	s.Post("/tree", u.manager(changeParent))
	s.Post("/archive", u.manager(archive))
	u.mirrorRoutes(s)
}

// settingsPath is the address of a page of the tracker's settings; "" is the first one.
func settingsPath(key domain.TrackerKey, name string) string {
	path := "/trackers/" + string(key) + "/settings"
	if name != "" {
		path += "/" + name
	}
	return path
}

// settingsTabs are the pages, in the order of their use.
func (p *page) settingsTabs(key domain.TrackerKey, active string) []tab {
	names := []struct{ name, label string }{
		{"", p.say("settings.general")}, {"members", p.say("settings.members")}, {"states", p.say("settings.states")},
		{"workflow", p.say("settings.workflow")}, {"fields", p.say("settings.fields")},
		{"handling", p.say("settings.handling")}, {"rights", p.say("settings.rights")}, {"mirrors", p.say("settings.mirrors")}, {"tree", p.say("settings.tree")},
	}
	tabs := make([]tab, 0, len(names))
	for _, n := range names {
		tabs = append(tabs, tab{Name: n.label, URL: settingsPath(key, n.name), Active: n.name == active})
	}
	return tabs
}

func (p *page) settings(in configured, name string, wrong *Complaint) (settingsFrame, surroundings, error) {
	frame, around, err := p.frame(p.say("settings.title", "tracker", in.Name), "settings "+string(in.Key))
	return settingsFrame{
		chrome: frame, Complaint: wrong, Key: in.Key, Name: in.Name, Version: in.version,
		Tabs: p.settingsTabs(in.Key, name), Archived: in.Archived,
	}, around, err
}

// change is what a form of the settings wants, and what follows.
type change struct {
	form    *form
	all     []tracker.Command
	address string // of the page after it
	said    string
	// again shows the form with what was wrong with it.
	again func(*Complaint, error) error
}

// configure carries out the commands, one after the other, and goes on to the page
// after it, if the person may still see that.
func (p *page) configure(in configured, c change) error {
	if len(c.all) == 0 {
		return p.redirect(c.address, "unchanged")
	}
	request := p.request(c.form)
	if version, err := strconv.ParseUint(c.form.Get("version"), 10, 63); err == nil {
		request.IfMatch = &version
	}
	var out commands.Outcome[tracker.Tracker]
	for _, command := range c.all {
		var err error
		if out, err = p.cfg.Commands.ChangeTracker(p.ctx(), p.caller(), request, in.Key, command); err != nil {
			return p.refusedSettings(c, err)
		}
		request = commands.NewRequest(p.who.ID, "", "", nil)
	}
	switch {
	case !out.State.Sees(p.actor()):
		c.address = "/"
	case !out.State.May(p.actor(), domain.Configure):
		c.address = "/trackers/" + string(in.Key) + "/tickets"
	}
	return p.settled(out.Position.Commit, out.Position.Prepare, c.address, c.said)
}

func (p *page) refusedSettings(c change, err error) error {
	wrong := p.complain(err)
	if wrong == nil {
		return err
	}
	if domain.KindOf(err) == domain.Stale {
		wrong.Text = p.say("settings.stale")
	}
	return c.again(wrong, err)
}
