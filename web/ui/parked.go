package ui

import "suivi/domain"

// parkedView is what the reactors have failed at.
type parkedView struct {
	*chrome

	Sections []tab
	Parked   []parkedRow
}

// parkedRow is an event that a reactor has parked.
type parkedRow struct {
	ID, Reactor string
	Ticket      domain.TicketID
	Event       string
	Reason      string
	Tries       int
	At, Retry   when
}

func parkedPage(p *page) error {
	all, err := p.cfg.Admin.Parked(p.ctx())
	if err != nil {
		return err
	}
	frame, _, err := p.frame(p.say("admin.title"), "admin")
	if err != nil {
		return err
	}
	return p.show("parked", parkedView{chrome: frame, Sections: p.adminSections("/admin/parked"), Parked: p.parkedRows(all)})
}

// dealWithParked has parked work tried again, or says that nothing more is to be done about it.
func dealWithParked(p *page) error {
	return p.withForm(func(f *form) error {
		const back = "/admin/parked"
		if f.Get("do") == "resolve" {
			if err := p.cfg.Admin.Resolve(p.ctx(), p.path("id"), p.who.ID); err != nil {
				return err
			}
			return p.redirect(back, "parked-resolved")
		}
		if err := p.cfg.Admin.Retry(p.ctx(), p.path("id")); err != nil {
			return err
		}
		return p.redirect(back, "parked-retried")
	})
}
