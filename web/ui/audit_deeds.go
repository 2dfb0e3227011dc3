package ui

import (
	"slices"

	"suivi/accounts"
	"suivi/domain"
	"suivi/readapi"
)

// audited is a row of the audit: an event of the log, or a deed in the accounts.
type audited struct {
	event *readapi.Audited
	deed  *accounts.Deed
}

// auditPageOf is a page of both, the last first, and the places of each to go on from.
type auditPageOf struct {
	rows        []audited
	event, deed string
	more        bool
}

// happened asks for events before one place and deeds before another one, and puts them
// in one order. What is asked of tickets and trackers no deed answers.
func (p *page) happened(q readapi.AuditQuery, kind, event, deed string) (found auditPageOf, err error) {
	var events []readapi.Audited
	var deeds []accounts.Deed
	var moreEvents, moreDeeds bool
	if len(kindOf(kind).deeds) == 0 {
		q.Before = event
		if events, moreEvents, err = p.cfg.Reads.Audit(p.ctx(), p.actor(), p.code == "fr", q); err != nil {
			return found, err
		}
	}
	if q.Tracker == "" && q.Ticket == "" && len(q.Types) == 0 {
		deeds, moreDeeds, err = p.cfg.Accounts.Deeds(p.ctx(), accounts.DeedQuery{
			People: q.Actors, Kinds: kindOf(kind).deeds, Source: q.Source, From: q.From, To: q.To, Before: deed, Limit: q.Limit,
		})
		if err != nil {
			return found, err
		}
	}
	found = auditPageOf{event: event, deed: deed, more: moreEvents || moreDeeds || len(events)+len(deeds) > q.Limit}
	found.merge(events, deeds, q.Limit)
	return found, nil
}

// merge takes the latest of both in turn. Each keeps its own order, by which it goes on.
func (f *auditPageOf) merge(events []readapi.Audited, deeds []accounts.Deed, most int) {
	for len(f.rows) < most && len(events)+len(deeds) > 0 {
		if len(events) == 0 || len(deeds) > 0 && deeds[0].At.After(events[0].RecordedAt) {
			f.rows, f.deed = append(f.rows, audited{deed: &deeds[0]}), deeds[0].Place()
			deeds = deeds[1:]
			continue
		}
		f.rows, f.event = append(f.rows, audited{event: &events[0]}), events[0].Position
		events = events[1:]
	}
}

// named are the people whom the rows name.
func (f *auditPageOf) named() []domain.UserID {
	var ids []domain.UserID
	for _, row := range f.rows {
		if d := row.deed; d != nil {
			ids = append(ids, d.Person, d.By.Person, d.By.Via)
			continue
		}
		ids = append(ids, namedIn([]readapi.Happened{row.event.Happened})...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (p *page) auditRow(row audited, shown people) auditRow {
	if e := row.event; e != nil {
		told := p.event(e.Happened, shown)
		return auditRow{
			Ticket: e.Ticket, Subject: p.auditedName(*e), Deleted: e.Deleted, URL: auditedAt(*e), Actor: told.Actor, At: told.At, Words: told.Words,
			Type: e.Type, Source: p.say("source." + string(e.Source)), Inside: e.Internal,
		}
	}
	d := row.deed
	told := auditRow{
		Actor: shown[d.By.Person], Via: shown[d.By.Via], At: p.when(d.At, p.now, p.zone), Words: p.typeset(d.Words(p.code == "fr")),
		Type: string(d.Kind), Source: p.say("source." + string(d.By.Source)), Token: d.By.Token,
	}
	if told.Nobody = told.Source; d.By.Source == domain.SourceWeb {
		told.Nobody = p.say("audit.somebody")
	}
	switch {
	case d.Person != "":
		told.Subject, told.URL = shown[d.Person].Name, "/admin/people/"+string(d.Person)
	case d.About.Secret != "":
		told.Subject, told.URL = p.say("section.mirrors"), "/admin/mirrors"
	case d.Kind == accounts.SiteChanged:
		told.Subject, told.URL = p.say("section.site"), "/admin/site"
	}
	return told
}

// auditedName is what an event was about, when it was no ticket.
func (p *page) auditedName(e readapi.Audited) string {
	if e.Tracker == "" {
		return p.say("section.fields")
	}
	return string(e.Tracker)
}
