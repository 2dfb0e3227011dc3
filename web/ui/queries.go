package ui

import (
	"net/url"

	"suivi/accounts"
	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// saveForm saves the list that one looks at under a name.
type saveForm struct {
	Query    string // as saved queries have it
	Key      domain.TrackerKey
	Own      string // the id of the one's own query that this is, to delete it
	CanShare bool
}

// queryURL is the address of a saved query's list. It says itself what it asks.
func queryURL(q accounts.Query) string {
	query, err := url.ParseQuery(q.Query)
	if err != nil {
		return "/tickets"
	}
	query.Set("saved", q.ID)
	path := "/tickets"
	if q.Tracker != "" {
		path = "/trackers/" + string(q.Tracker) + "/tickets"
	}
	return path + "?" + query.Encode()
}

func (a asked) saveForm(in tracker.Tracker) saveForm {
	query, err := a.reads()
	if err != nil {
		return saveForm{}
	}
	query.Del("cursor")
	if a.key != "" {
		query.Del("tracker")
	}
	return saveForm{Query: query.Encode(), Key: a.key, Own: a.query.Get("saved"), CanShare: in.Exists() && in.May(a.page.actor(), domain.Configure)}
}

func saveQuery(p *page) error {
	form, err := p.form()
	if err != nil {
		return err
	}
	q := accounts.Query{Owner: p.who.ID, Name: form.Get("name"), Tracker: domain.TrackerKey(form.Get("tracker")), Shared: form.Get("shared") == "on", Columns: []string{}}
	var problems domain.Problems
	q.Check(&problems)
	q.Query = readapi.CheckQuery(form.Get("query"), q.Tracker, &problems)
	if err := problems.Err(); err != nil {
		return err
	}
	if q.Tracker != "" {
		in, err := p.cfg.Reads.Tracker(p.ctx(), p.actor(), q.Tracker)
		if err != nil {
			return err
		}
		q.Shared = q.Shared && in.May(p.actor(), domain.Configure)
	} else {
		q.Shared = false
	}
	if q, err = p.cfg.Accounts.SaveQuery(p.ctx(), q); err != nil {
		return err
	}
	return p.redirect(queryURL(q), "query-saved")
}

func deleteQuery(p *page) error {
	q, err := p.cfg.Accounts.QueryByID(p.ctx(), p.path("id"))
	if err != nil {
		return err
	}
	if q.Owner != p.who.ID {
		return domain.Errorf(domain.NotFound, "query-not-found", "there is no such query")
	}
	if err := p.cfg.Accounts.DeleteQuery(p.ctx(), q.ID); err != nil {
		return err
	}
	return p.redirect("/tickets", "query-deleted")
}
