package ui

import (
	"slices"

	"suivi/accounts"
	"suivi/domain"
	"suivi/domain/ticket"
)

// siteView is what holds for the whole site: what new watches are for where people have
// chosen nothing, and how pages begin.
type siteView struct {
	*chrome
	*Complaint

	Sections []tab
	Chosen   bool // what new watches are for
	States   []choice
	Others   []choice
	Panels   []choice // open at first
	Flags    []choice // of new fields
}

func sitePage(p *page) error { return p.showSite(nil, nil) }

// showSite shows what is chosen; of the flags of new fields what was typed, when that was refused.
func (p *page) showSite(typed []string, failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	site, err := p.cfg.Accounts.Preferences(p.ctx(), accounts.Site)
	if err != nil {
		return err
	}
	settings, err := p.cfg.Accounts.SiteSettings(p.ctx())
	if err != nil {
		return err
	}
	frame, _, err := p.frame(p.say("admin.title"), "admin")
	if err != nil {
		return err
	}
	v := siteView{chrome: frame, Complaint: wrong, Sections: p.adminSections("/admin/site"), Chosen: site.Watch != nil}
	v.States, v.Others = p.topicChoices(nearest(site.Watch))
	for _, panel := range accounts.Panels() {
		v.Panels = append(v.Panels, choice{Value: panel, Label: p.say("site.panel." + panel), Chosen: !closedPanels(settings.ClosedPanels).has(panel)})
	}
	flags := settings.NewFields
	if typed != nil {
		flags = typed
	}
	for _, flag := range accounts.FieldFlags() {
		v.Flags = append(v.Flags, choice{Value: flag, Label: p.flag(flag), Chosen: slices.Contains(flags, flag)})
	}
	return p.answer(p.statusOf(failure), "site", v)
}

// flag is what a flag of a new field is called.
func (p *page) flag(name string) string {
	switch name {
	case accounts.FieldInactive:
		return p.say("site.inactive")
	case accounts.FieldMandatory:
		return p.say("fields.mandatory")
	}
	return p.say("fields.hidden")
}

// changeSite answers POST /admin/site: each of the page's forms changes its own part.
func changeSite(p *page) error {
	return p.withForm(func(f *form) error {
		var err error
		switch f.Get("do") {
		case "panels":
			closed := slices.DeleteFunc(accounts.Panels(), func(panel string) bool { return slices.Contains(f.Values["open"], panel) })
			_, err = p.cfg.Accounts.ChangeSiteSettings(p.ctx(), p.by(), accounts.SiteChanges{ClosedPanels: &closed})
		case "fields":
			flags := append([]string{}, f.Values["flag"]...)
			_, err = p.cfg.Accounts.ChangeSiteSettings(p.ctx(), p.by(), accounts.SiteChanges{NewFields: &flags})
		default:
			err = p.changeSiteWatch(f)
		}
		if err != nil {
			return p.showSite(f.Values["flag"], err)
		}
		return p.redirect("/admin/site", "defaults-saved")
	})
}

func (p *page) changeSiteWatch(f *form) error {
	topics, err := chosenTopics(f)
	if err != nil {
		return err
	}
	chosen := accounts.Preferences{Watch: &topics}
	if f.Get("do") == "reset" {
		chosen.Watch = nil
	}
	return p.cfg.Accounts.SetPreferences(p.ctx(), p.by(), accounts.Site, chosen)
}

// deletedView is the tickets that were deleted.
type deletedView struct {
	*chrome

	Sections    []tab
	Rows        []deletedRow
	First, Next string
}

type deletedRow struct {
	Ticket       domain.TicketID
	Tracker      domain.TrackerKey
	Summary      string
	Reporter, By personView
	At           when
}

// mostDeleted is how many deleted tickets a page shows.
const mostDeleted = 50

func deletedPage(p *page) error {
	after := domain.TicketID(p.query().Get("after"))
	rows, more, err := p.cfg.Reads.DeletedTickets(p.ctx(), p.actor(), after, mostDeleted)
	if err != nil {
		return err
	}
	var ids []domain.UserID
	for _, row := range rows {
		ids = append(ids, row.Reporter, row.DeletedBy)
	}
	shown, err := p.people(p.ctx(), ids...)
	if err != nil {
		return err
	}
	frame, _, err := p.frame(p.say("admin.title"), "admin")
	if err != nil {
		return err
	}
	v := deletedView{chrome: frame, Sections: p.adminSections("/admin/deleted")}
	for _, row := range rows {
		v.Rows = append(v.Rows, deletedRow{row.Ticket, row.Tracker, row.Summary, shown[row.Reporter], shown[row.DeletedBy], p.when(row.DeletedAt, p.now, p.zone)})
	}
	if after != "" {
		v.First = "/admin/deleted"
	}
	if more {
		v.Next = "/admin/deleted?after=" + string(rows[len(rows)-1].Ticket)
	}
	return p.show("deleted", v)
}

func undelete(p *page) error {
	return p.withForm(func(f *form) error {
		id, err := domain.ParseTicketID(p.path("id"))
		if err != nil {
			return err
		}
		out, err := p.cfg.Commands.ChangeTicket(p.ctx(), p.caller(), p.request(f), id, ticket.Undelete{})
		if err != nil {
			return err
		}
		return p.settled(out.Position.Commit, out.Position.Prepare, "/tickets/"+string(id), "ticket-undeleted")
	})
}
