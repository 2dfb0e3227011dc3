package ui

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// pastView is a ticket as it was, to be looked at alone, and what had changed since
// another moment.
type pastView struct {
	*chrome
	*Complaint

	ID          domain.TicketID
	Tracker     navTracker
	Summary     string
	Version     uint64
	Latest      uint64
	At          when   // of the version
	Step        *entry // by which it came to it
	Day, Clock  string
	Earlier     string // addresses of the steps beside this one; "": there is none
	Later       string
	State       stateView
	Assignee    personView
	Reporter    personView
	Reported    when
	Description safeHTML
	Resolution  safeHTML
	Fields      []answerView
	Timeline    []fold
	Against     uint64 // the version that it is compared with
	AgainstAt   when
	First       bool // there is none to compare with
	Changes     []changeView
	UntilNow    string // the address of the comparison with the ticket as it is
}

// pastPage answers GET /tickets/{id}/past?at=&from=, each a version or a time; day
// and clock are a time in the person's zone.
func pastPage(p *page) error {
	s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
	if err != nil {
		return err
	}
	query := p.query()
	if day := query.Get("day"); day != "" {
		at, err := p.moment(day, query.Get("clock"))
		if err != nil {
			return p.showPast(s, url.Values{}, err)
		}
		query.Set("at", at)
	}
	return p.showPast(s, query, nil)
}

// moment is the end of a day, or of a minute of it, as reads take it.
func (p *page) moment(day, clock string) (string, error) {
	at, err := time.ParseInLocation(time.DateOnly+" 15:04", day+" "+cmp.Or(clock, "23:59"), p.zone)
	if err != nil {
		var problems domain.Problems
		problems.Add("day", "not-a-date", "a day as in 2026-11-23")
		return "", problems.Err()
	}
	return at.Add(time.Minute - time.Second).UTC().Format(time.RFC3339), nil
}

// showPast shows the moment, or the ticket as it is with what is wrong with the one asked for.
func (p *page) showPast(s readapi.Sight, query url.Values, failure error) error {
	then, err := p.cfg.Reads.AsItWas(p.ctx(), s, query.Get("at"), mostRemarks)
	if p.noMoment(err) && failure == nil {
		return p.showPast(s, url.Values{}, err)
	}
	if err != nil {
		return err
	}
	from := query.Get("from")
	if from == "" && then.Version > 1 {
		from = strconv.FormatUint(then.Version-1, 10)
	}
	before := readapi.Then{}
	if from != "" {
		if before, err = p.cfg.Reads.AsItWas(p.ctx(), s, from, mostRemarks); p.noMoment(err) && failure == nil {
			query.Del("from")
			return p.showPast(s, query, err)
		}
		if err != nil {
			return err
		}
	}
	frame, _, err := p.frame(p.say("past.title", "ticket", then.ID), "tracker "+string(s.Ticket().Tracker))
	if err != nil {
		return err
	}
	v := pastView{chrome: frame, Complaint: p.complainOfMoment(failure), ID: then.ID, Latest: s.Ticket().Version, Against: before.Version, First: from == ""}
	if err := p.fillPast(&v, s, then, before, query.Get("at")); err != nil {
		return err
	}
	return p.answer(p.statusOf(failure), "past", v)
}

// noMoment tells whether the error is about the moment, not about the ticket.
func (p *page) noMoment(err error) bool {
	e, ok := errors.AsType[*domain.Error](err)
	return ok && (e.Kind == domain.Invalid || e.Code == "not-yet")
}

func (p *page) complainOfMoment(err error) *Complaint {
	if e, ok := errors.AsType[*domain.Error](err); ok && e.Code == "not-yet" {
		return &Complaint{Text: p.reason(e.Code, e.Message)}
	}
	return p.complain(err).ofAddress()
}

func (p *page) fillPast(v *pastView, s readapi.Sight, then, before readapi.Then, at string) error {
	events, _, err := p.cfg.Reads.History(p.ctx(), s, p.code == "fr", mostEvents)
	if err != nil {
		return err
	}
	all := stands{comments: then.Comments, notes: then.Notes, events: events}
	if all.people, err = p.people(p.ctx(), append(all.named(s), p.namedThen(then, before)...)...); err != nil {
		return err
	}
	moment := then.UpdatedAt
	if asked, err := time.Parse(time.RFC3339, at); err == nil {
		moment = asked
	}
	p.steps(v, events, then.Version, all.people)
	all.events = slices.DeleteFunc(slices.Clone(events), func(e readapi.Happened) bool {
		return uint64(e.Version) > then.Version || e.Version == 0 && e.OccurredAt.After(moment)
	})
	entries := p.timeline(s, all)
	for i := range entries {
		entries[i].CanEdit, entries[i].CanPurge, entries[i].CanGrow = false, false, false
	}
	v.Timeline = p.folds(entries, nil) // whoever looks back wants to see all of it
	v.Version, v.Summary, v.State = then.Version, then.Summary, p.state(then.State, then.Tracker)
	v.Tracker = navTracker{then.ReadTicket.Tracker, then.Tracker.Name}
	v.Reporter, v.Assignee = all.people[then.Reporter], all.people[then.Assignee]
	v.At, v.Reported = p.when(moment, p.now, p.zone), p.when(then.ReportedAt, p.now, p.zone)
	v.Day, v.Clock = moment.In(p.zone).Format(time.DateOnly), moment.In(p.zone).Format("15:04")
	v.Description, v.Resolution = shownHTML(then.HTML.Description), shownHTML(then.HTML.Resolution)
	v.Fields = p.answerViews(then.Fields, then.Tracker, all)
	if !v.First {
		v.AgainstAt = p.when(before.UpdatedAt, p.now, p.zone)
		v.Changes = p.changesBetween(before, then, all)
	}
	return nil
}

// steps finds the versions beside this one that the person hears of, and the event that led to it.
func (p *page) steps(v *pastView, events []readapi.Happened, version uint64, shown people) {
	address := func(at, from uint64) string {
		address := "/tickets/" + string(v.ID) + "/past?at=" + strconv.FormatUint(at, 10)
		if from > 0 {
			address += "&from=" + strconv.FormatUint(from, 10)
		}
		return address
	}
	earlier, later := uint64(0), v.Latest
	for _, e := range events {
		switch at := uint64(e.Version); {
		case e.Internal || at == 0:
		case at < version:
			earlier = max(earlier, at)
		case at == version:
			step := p.event(e, shown)
			v.Step = &step
		default:
			later = min(later, at)
		}
	}
	if earlier > 0 {
		v.Earlier = address(earlier, 0)
	}
	if later > version {
		v.Later = address(later, 0)
		v.UntilNow = address(v.Latest, version)
	}
}

// namedThen are the people whom either moment names and today may not.
func (p *page) namedThen(moments ...readapi.Then) []domain.UserID {
	var ids []domain.UserID
	add := func(id domain.UserID) {
		if id != "" {
			ids = append(ids, id)
		}
	}
	for _, then := range moments {
		add(then.Reporter)
		add(then.Assignee)
		for _, f := range then.Fields {
			if f.Type == tracker.User {
				add(domain.UserID(f.Answer))
			}
		}
	}
	return ids
}
