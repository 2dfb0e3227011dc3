package ui

import (
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// columnForm chooses the columns of a list, for the person and this list.
type columnForm struct {
	Key     domain.TrackerKey
	Back    string
	Choices []choice
	Chosen  bool // by the person; else they are what everybody has at first
}

// columnsOf are the columns of the list: those of the saved query that it is, where that
// names some, else as the person has chosen them.
func (a asked) columnsOf(in tracker.Tracker, around surroundings, saved []navQuery) ([]column, columnForm, error) {
	p := a.page
	fields := p.listable(in, around)
	names, chosen, err := p.cfg.Accounts.Columns(p.ctx(), p.who.ID, a.key)
	if err != nil {
		return nil, columnForm{}, err
	}
	if !chosen {
		names = firstColumns(in, fields)
	}
	for _, q := range saved {
		if q.ID == a.query.Get("saved") && len(q.Columns) > 0 {
			names = q.Columns
		}
	}
	columns := a.columns(names, in, fields)
	form := columnForm{Key: a.key, Back: a.with(), Chosen: chosen}
	shown := map[string]bool{}
	for _, name := range names {
		shown[name] = true
	}
	for _, name := range offeredColumns(in, fields) {
		c := choice{Value: name, Chosen: shown[name]}
		if code, ok := strings.CutPrefix(name, fieldPrefix); ok {
			for _, f := range fields {
				if f.Code == code {
					c.Label = p.fieldLabel(f)
				}
			}
		} else {
			c.Label = p.say("column." + strings.TrimSuffix(name, "At"))
		}
		form.Choices = append(form.Choices, c)
	}
	return columns, form, nil
}

// setColumns answers POST /columns: the columns of the lists of a tracker, or of all.
func setColumns(p *page) error {
	return p.withForm(func(f *form) error {
		key := domain.TrackerKey(f.Get("tracker"))
		back := "/tickets"
		if key != "" {
			if _, err := p.cfg.Reads.Tracker(p.ctx(), p.actor(), key); err != nil {
				return err
			}
			back = "/trackers/" + string(key) + back
		}
		back = p.back(f, back)
		if f.Get("do") == "reset" {
			if err := p.cfg.Accounts.ResetColumns(p.ctx(), p.who.ID, key); err != nil {
				return err
			}
			return p.redirect(back, "columns-reset")
		}
		var problems domain.Problems
		readapi.CheckColumns(f.Values["column"], &problems)
		if err := problems.Err(); err != nil {
			return err
		}
		if err := p.cfg.Accounts.SetColumns(p.ctx(), p.who.ID, key, f.Values["column"]); err != nil {
			return err
		}
		return p.redirect(back, "columns-set")
	})
}
