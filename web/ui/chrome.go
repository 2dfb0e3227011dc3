package ui

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/domain"
	"suivi/readapi"
)

// chrome is what stands around every page. The data of a page embeds it.
type chrome struct {
	Lang     string
	Theme    string
	Keys     bool
	Nonce    string
	Site     string
	Title    string
	Here     string
	Said     string // what the last deed came to
	Me       personView
	SignedIn bool
	Admin    bool   // the person administers the site
	Active   string // the entry of the side bar that the page belongs to
	Trackers []navTracker
	Settings map[domain.TrackerKey]bool // of which trackers they may change the settings
	Queries  []navQuery
	Search   string
	Live     *liveView // nil: the page stays as it is
}

// navTracker is a tracker in the side bar.
type navTracker struct {
	Key  domain.TrackerKey
	Name string
}

// navQuery is a saved query in the side bar.
type navQuery struct {
	ID, Name string
	URL      string
	Shared   bool
	Own      bool
	Columns  []string // that its list shows; none: those of the person
}

// mostTrackers is how many trackers the side bar and choices have.
const mostTrackers = 200

// bare is the frame of pages for everybody.
func (p *page) bare(title string) *chrome {
	nonce, _ := p.c.Locals(nonceKey{}).(string)
	ch := &chrome{Lang: p.code, Theme: p.look.theme, Keys: p.look.keys, Nonce: nonce, Site: p.cfg.Site, Title: title, Here: p.here()}
	if said := p.c.Cookies(saidCookie); said != "" {
		clearCookie(p.c, saidCookie)
		if p.has("said." + said) {
			ch.Said = p.say("said." + said)
		}
	}
	if p.who.ID != "" {
		ch.Admin = p.who.Admin
		ch.SignedIn, ch.Me = true, newPersonView(p.who.ID, p.who.Name)
	}
	return ch
}

// surroundings are the trackers that they see.
type surroundings struct {
	trackers []readapi.ListedTracker
}

// frame is the frame of pages for those who are signed in.
func (p *page) frame(title, active string) (*chrome, surroundings, error) {
	ch := p.bare(title)
	ch.Active = active
	trackers, err := p.cfg.Reads.Trackers(p.ctx(), p.actor(), mostTrackers)
	if err != nil {
		return ch, surroundings{}, err
	}
	ch.Admin, ch.Settings = p.who.Admin, map[domain.TrackerKey]bool{}
	for _, t := range trackers {
		ch.Trackers = append(ch.Trackers, navTracker{t.Key, t.Name})
		ch.Settings[t.Key] = t.May(p.actor(), domain.Configure)
	}
	ch.Queries, err = p.savedQueries(trackers)
	return ch, surroundings{trackers}, err
}

func (p *page) savedQueries(trackers []readapi.ListedTracker) ([]navQuery, error) {
	keys := make([]domain.TrackerKey, len(trackers))
	for i, t := range trackers {
		keys[i] = t.Key
	}
	queries, err := p.cfg.Accounts.Queries(p.ctx(), accounts.QueryPage{Owner: p.who.ID, Trackers: keys, All: p.who.Admin, Limit: accounts.MaxQueries})
	if err != nil {
		return nil, err
	}
	var nav []navQuery
	for _, q := range queries {
		nav = append(nav, navQuery{ID: q.ID, Name: q.Name, URL: queryURL(q), Shared: q.Shared, Own: q.Owner == p.who.ID, Columns: q.Columns})
	}
	return nav, nil
}

// of is the tracker of the key; the zero one where the person does not see it.
func (s surroundings) of(key domain.TrackerKey) readapi.ListedTracker {
	i := slices.IndexFunc(s.trackers, func(t readapi.ListedTracker) bool { return t.Key == key })
	if i < 0 {
		return readapi.ListedTracker{}
	}
	return s.trackers[i]
}

// Fail answers with the page for an error. What a person may not see and what is not
// there have one page.
func (u *UI) Fail(c *fiber.Ctx, status int, err error) error {
	if c.Locals(nonceKey{}) == nil {
		harden(c)
	}
	p := u.newPage(c)
	title, text := p.failure(status, err)
	if status == fiber.StatusServiceUnavailable {
		c.Set(fiber.HeaderRetryAfter, "2")
	}
	return p.answer(status, "error", errorPage{p.bare(title), status, text, c.GetRespHeader(fiber.HeaderXRequestID)})
}

type errorPage struct {
	*chrome

	Status    int
	Text      string
	RequestID string
}
