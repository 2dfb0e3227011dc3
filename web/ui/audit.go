package ui

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"suivi/accounts"
	"suivi/domain"
	"suivi/readapi"
)

// auditView is who did what: events of tickets, trackers and what these share, and deeds in the accounts, the last first.
type auditView struct {
	*chrome

	Sections    []tab
	Typed       url.Values
	Kinds       []choice
	Sources     []choice
	Events      []auditRow
	First, Next string
	Wrong       *Complaint
}

// auditRow is an event or a deed, and where the ticket as it was then, the tracker, or the
// person, is shown.
type auditRow struct {
	Ticket  domain.TicketID
	Subject string // what it was about, when it was no ticket
	Deleted bool
	URL     string
	Actor   personView
	Nobody  string     // what stands for the actor when there is none
	Via     personView // the administrator who acted for them
	At      when
	Words   string
	Type    string
	Source  string
	Token   string // the id of the token that it was done with
	Inside  bool
}

// mostAudited is how many events a page shows.
const mostAudited = 50

// auditParams are the filters of the audit.
func auditParams() []string {
	return []string{"person", "tracker", "ticket", "kind", "source", "from", "to"}
}

func auditPage(p *page) error {
	frame, _, err := p.frame(p.say("admin.title"), "admin")
	if err != nil {
		return err
	}
	typed := url.Values{}
	for _, name := range auditParams() {
		if text := strings.TrimSpace(p.query().Get(name)); text != "" {
			typed.Set(name, text)
		}
	}
	v := &auditView{chrome: frame, Sections: p.adminSections("/admin/audit"), Typed: typed, Kinds: p.auditKinds(typed.Get("kind"))}
	for _, s := range auditSources() {
		v.Sources = append(v.Sources, choice{Value: string(s), Label: p.say("source." + string(s)), Chosen: typed.Get("source") == string(s)})
	}
	if err := p.fillAudit(v); err != nil {
		if v.Wrong = p.complain(err).ofAddress(); v.Wrong == nil {
			return err
		}
		return p.answer(p.cfg.StatusOf(err), "audit", v)
	}
	return p.show("audit", v)
}

func auditSources() []domain.Source {
	return []domain.Source{
		domain.SourceWeb, domain.SourceAPI, domain.SourceImport, domain.SourceCascade, domain.SourceRedmine, domain.SourceSystem, domain.SourceCommandLine,
	}
}

func (p *page) fillAudit(v *auditView) error {
	q, some, err := p.auditQuery(v.Typed)
	if err != nil || !some {
		return err
	}
	before := p.query()
	happened, err := p.happened(q, v.Typed.Get("kind"), before.Get("before"), before.Get("deed"))
	if err != nil {
		return err
	}
	shown, err := p.people(p.ctx(), happened.named()...)
	if err != nil {
		return err
	}
	for i := range happened.rows {
		v.Events = append(v.Events, p.auditRow(happened.rows[i], shown))
	}
	if before.Has("before") || before.Has("deed") {
		v.First = "/admin/audit?" + v.Typed.Encode()
	}
	if happened.more {
		next := maps.Clone(v.Typed)
		for name, place := range map[string]string{"before": happened.event, "deed": happened.deed} {
			if place != "" {
				next.Set(name, place)
			}
		}
		v.Next = "/admin/audit?" + next.Encode()
	}
	return nil
}

// auditedAt is where what an event was about is shown.
func auditedAt(e readapi.Audited) string {
	switch {
	case e.Ticket != "":
		return "/admin/audit/" + string(e.Ticket) + "?at=" + url.QueryEscape(e.Position)
	case e.Tracker != "":
		return "/trackers/" + string(e.Tracker) + "/settings"
	}
	return "/admin/fields"
}

// namedIn are the people whom events name.
func namedIn(events []readapi.Happened) []domain.UserID {
	var ids []domain.UserID
	for _, e := range events {
		ids = append(ids, e.Actor)
		for _, id := range userID.FindAllString(e.Words, -1) {
			ids = append(ids, domain.UserID(id))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// auditQuery is what the filters ask for; some is false when nothing can be found by them.
func (p *page) auditQuery(typed url.Values) (q readapi.AuditQuery, some bool, err error) {
	q = readapi.AuditQuery{Source: domain.Source(typed.Get("source")), Types: typesOf(typed.Get("kind")), Limit: mostAudited}
	if q.From, err = p.momentOf("from", typed.Get("from")); err != nil {
		return q, false, err
	}
	if q.To, err = p.momentOf("to", typed.Get("to")); err != nil {
		return q, false, err
	}
	q.Tracker = domain.TrackerKey(strings.ToUpper(typed.Get("tracker")))
	if text := typed.Get("ticket"); text != "" {
		q.Ticket, err = domain.ParseTicketID(strings.ToUpper(text))
		if domain.KindOf(err) == domain.NotFound { // what is no ticket has no events
			return q, false, nil
		}
		if err != nil {
			return q, false, err
		}
	}
	if text := typed.Get("person"); text != "" {
		q.Actors, err = p.peopleMeant(text)
		return q, len(q.Actors) > 0, err
	}
	return q, true, nil
}

// peopleMeant are the people whom somebody means who types an id, or words of names or addresses.
func (p *page) peopleMeant(text string) ([]domain.UserID, error) {
	if id := domain.UserID(text); id.Valid() {
		return []domain.UserID{id}, nil
	}
	found, err := p.cfg.Accounts.Search(p.ctx(), text, "", accounts.MaxPage)
	ids := make([]domain.UserID, len(found))
	for i, one := range found {
		ids[i] = one.ID
	}
	return ids, err
}

// momentOf is a moment that was typed, in the person's zone: a day, or one with a time.
func (p *page) momentOf(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.ParseInLocation(form, text, p.zone); err == nil {
			return at, nil
		}
	}
	var problems domain.Problems
	problems.Add(field, "bad-time", "a moment as in 2026-11-23T09:30")
	return time.Time{}, problems.Err()
}
