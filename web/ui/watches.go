package ui

import (
	"slices"

	"suivi/accounts"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/readapi"
)

// watchesView is what one watches, and what new watches are for.
type watchesView struct {
	*chrome

	Sections []tab
	Watches  []watchedRow
	First    string // the address of the first page; "" on it
	Next     string
	Within   []navTracker // where all watches can be ended at once
	Defaults []defaultRow
}

// watchedRow is a watch of one's own.
type watchedRow struct {
	Ticket  domain.TicketID
	Summary string
	State   stateView
	Topics  string
}

// defaultRow is what new watches are for: everywhere, or in one tracker.
type defaultRow struct {
	Key    domain.TrackerKey // "": everywhere
	Name   string
	Chosen bool
	Topics string
}

// mostWatches is how many watches a page shows.
const mostWatches = 50

func watchesPage(p *page) error {
	frame, around, err := p.frame(p.say("profile.title"), "profile")
	if err != nil {
		return err
	}
	after := domain.TicketID(p.query().Get("after"))
	watches, more, err := p.cfg.Reads.Watches(p.ctx(), p.actor(), after, mostWatches)
	if err != nil {
		return err
	}
	v := watchesView{chrome: frame, Sections: p.profileSections("/profile/watches"), Within: frame.Trackers}
	if after != "" {
		v.First = "/profile/watches"
	}
	if more {
		v.Next = "/profile/watches?after=" + string(watches[len(watches)-1].Ticket)
	}
	for _, w := range watches {
		v.Watches = append(v.Watches, p.watchedRow(w, around))
	}
	v.Defaults, err = p.defaultRows(around)
	if err != nil {
		return err
	}
	return p.show("watches", v)
}

func (p *page) watchedRow(w readapi.WatchedTicket, around surroundings) watchedRow {
	return watchedRow{w.Ticket, w.Summary, p.state(w.State, around.of(w.Tracker).Tracker), p.topicsText(w.Events)}
}

// topicsText says what a watch is for, in short where it is for nearly all.
func (p *page) topicsText(topics []domain.Topic) string {
	all := ticket.Topics()
	switch len(topics) {
	case len(all):
		return p.say("watches.everything")
	case 0:
		return p.say("watches.nothing")
	}
	return p.say("watches.some", "n", len(topics), "all", len(all))
}

func (p *page) defaultRows(around surroundings) ([]defaultRow, error) {
	mine, err := p.cfg.Accounts.Preferences(p.ctx(), p.who.ID)
	if err != nil {
		return nil, err
	}
	site, err := p.cfg.Accounts.Preferences(p.ctx(), accounts.Site)
	if err != nil {
		return nil, err
	}
	general := nearest(mine.Watch, site.Watch)
	rows := []defaultRow{{Name: p.say("watches.everywhere"), Chosen: mine.Watch != nil, Topics: p.topicsText(general)}}
	for _, t := range around.trackers {
		topics, chosen := mine.Trackers[t.Key]
		if !chosen {
			topics = general
		}
		rows = append(rows, defaultRow{t.Key, t.Name, chosen, p.topicsText(topics)})
	}
	return rows, nil
}

// nearest is the first choice that was made; without one, all topics.
func nearest(choices ...*[]domain.Topic) []domain.Topic {
	i := slices.IndexFunc(choices, func(c *[]domain.Topic) bool { return c != nil })
	if i < 0 {
		return ticket.Topics()
	}
	return *choices[i]
}

// endWatches ends one watch, or all of a tracker, or all.
func endWatches(p *page) error {
	return p.withForm(func(f *form) error {
		const back = "/profile/watches"
		if text := f.Get("ticket"); text != "" {
			id, err := domain.ParseTicketID(text)
			if err != nil {
				return err
			}
			out, err := p.cfg.Commands.ChangeTicket(p.ctx(), p.caller(), p.request(f), id, ticket.Unwatch{User: p.who.ID})
			if err != nil {
				return err
			}
			return p.settled(out.Position.Commit, out.Position.Prepare, p.back(f, back), "unwatched")
		}
		key := domain.TrackerKey(f.Get("tracker"))
		if key != "" && !key.Valid() {
			return domain.ErrNoTracker(key)
		}
		results, err := p.cfg.Commands.UnwatchAll(p.ctx(), p.caller(), p.request(f), key)
		if err != nil {
			return err
		}
		return p.allEnded(results, back)
	})
}
