package ui

import (
	"suivi/accounts"
	"suivi/domain"
	"suivi/domain/ticket"
)

// sitePage is what holds for the whole site where people have chosen nothing.
func sitePage(p *page) error {
	site, err := p.cfg.Accounts.Preferences(p.ctx(), accounts.Site)
	if err != nil {
		return err
	}
	frame, _, err := p.frame(p.say("admin.title"), "admin")
	if err != nil {
		return err
	}
	v := defaultsView{chrome: frame, Sections: p.adminSections("/admin/site"), Action: "/admin/site", Lead: p.say("watches.lead-site")}
	if site.Watch != nil {
		v.Reset = p.say("watches.as-all")
	}
	v.States, v.Others = p.topicChoices(nearest(site.Watch))
	return p.show("watch-defaults", v)
}

func changeSite(p *page) error {
	return p.withForm(func(f *form) error {
		topics, err := chosenTopics(f)
		if err != nil {
			return err
		}
		chosen := accounts.Preferences{Watch: &topics}
		if f.Get("do") == "reset" {
			chosen.Watch = nil
		}
		if err := p.cfg.Accounts.SetPreferences(p.ctx(), p.by(), accounts.Site, chosen); err != nil {
			return err
		}
		return p.redirect("/admin/site", "defaults-saved")
	})
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
