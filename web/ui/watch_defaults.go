package ui

import (
	"slices"

	"suivi/accounts"
	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// allEnded goes back once the lists show that all watches have ended; the first that
// was refused is told.
func (p *page) allEnded(results []commands.Result, back string) error {
	var last commands.Result
	for _, r := range results {
		if r.Err != nil {
			return r.Err
		}
		if last.Ticket == "" || last.Outcome.Position.Commit < r.Outcome.Position.Commit {
			last = r
		}
	}
	if last.Ticket == "" {
		return p.redirect(back, "no-watches")
	}
	return p.settled(last.Outcome.Position.Commit, last.Outcome.Position.Prepare, back, "all-unwatched")
}

// defaultsView is the choice of what new watches are for: one's own, or the site's.
type defaultsView struct {
	*chrome

	Sections []tab
	Key      domain.TrackerKey
	Action   string
	Back     string
	Lead     string
	Reset    string // what "as elsewhere" is called; "": it is so already
	States   []choice
	Others   []choice
}

func watchDefaultsPage(p *page) error {
	mine, err := p.cfg.Accounts.Preferences(p.ctx(), p.who.ID)
	if err != nil {
		return err
	}
	site, err := p.cfg.Accounts.Preferences(p.ctx(), accounts.Site)
	if err != nil {
		return err
	}
	frame, around, err := p.frame(p.say("profile.title"), "profile")
	if err != nil {
		return err
	}
	key := domain.TrackerKey(p.query().Get("tracker"))
	v := defaultsView{chrome: frame, Sections: p.profileSections("/profile/watches"), Key: key,
		Action: "/profile/watches/defaults", Back: "/profile/watches"}
	topics := nearest(mine.Watch, site.Watch)
	switch own, chosen := mine.Trackers[key]; {
	case key == "":
		v.Lead = p.say("watches.lead")
		if mine.Watch != nil {
			v.Reset = p.say("watches.as-site")
		}
	case !around.of(key).Exists():
		return domain.ErrNoTracker(key)
	default:
		v.Lead = p.say("watches.lead-in", "tracker", around.of(key).Name)
		if chosen {
			topics, v.Reset = own, p.say("watches.as-everywhere")
		}
	}
	v.States, v.Others = p.topicChoices(topics)
	return p.show("watch-defaults", v)
}

// topicChoices are the kinds of changes, the states apart from the rest.
func (p *page) topicChoices(chosen []domain.Topic) (states, others []choice) {
	for _, topic := range ticket.Topics() {
		c := choice{Value: string(topic), Chosen: slices.Contains(chosen, topic)}
		if state := tracker.State(topic); slices.Contains(tracker.States(), state) {
			c.State, c.Label = state, p.label(tracker.Tracker{}.Label(state))
			states = append(states, c)
			continue
		}
		c.Label = p.say("topic." + string(topic))
		others = append(others, c)
	}
	return states, others
}

// chosenTopics are those that are ticked in a form.
func chosenTopics(f *form) ([]domain.Topic, error) {
	var problems domain.Problems
	var topics []domain.Topic
	for _, text := range f.Values["topic"] {
		topics = append(topics, domain.Topic(text))
	}
	topics = ticket.CheckTopics("topic", topics, &problems)
	return topics, problems.Err()
}

// setWatchDefaults changes one choice and leaves the person's others.
func setWatchDefaults(p *page) error {
	return p.withForm(func(f *form) error {
		topics, err := chosenTopics(f)
		if err != nil {
			return err
		}
		mine, err := p.cfg.Accounts.Preferences(p.ctx(), p.who.ID)
		if err != nil {
			return err
		}
		key, reset := domain.TrackerKey(f.Get("tracker")), f.Get("do") == "reset"
		switch {
		case key != "" && !key.Valid():
			return domain.ErrNoTracker(key)
		case key == "" && reset:
			mine.Watch = nil
		case key == "":
			mine.Watch = &topics
		case reset:
			delete(mine.Trackers, key)
		default:
			mine.Trackers[key] = topics
		}
		if len(mine.Trackers) > accounts.MaxPreferences {
			return domain.Errorf(domain.Invalid, "too-many", "at most %d", accounts.MaxPreferences)
		}
		if err := p.cfg.Accounts.SetPreferences(p.ctx(), p.by(), p.who.ID, mine); err != nil {
			return err
		}
		return p.redirect("/profile/watches", "defaults-saved")
	})
}
