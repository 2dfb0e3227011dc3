package ui

import (
	"crypto/rand"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// handover is how a ticket goes to another tracker: itself, or a copy of it.
type handover struct {
	CopyOf    *readapi.Cascaded
	Copies    []readapi.Cascaded
	Moves     []readapi.Destination // that may be made
	Parent    domain.TrackerKey     // to send a copy to; "": there is none, or one may not
	CanRecall bool
	CanRefuse bool
	Key       string // makes a form that is sent twice one cascade
}

// Any tells whether there is anything to show or to do.
func (h handover) Any() bool {
	return h.CopyOf != nil || len(h.Copies) > 0 || len(h.Moves) > 0 || h.Parent != "" || h.CanRecall
}

func (p *page) handover(s readapi.Sight, read readapi.ReadTicket) (handover, error) {
	h := handover{CopyOf: read.CopyOf, Copies: read.Copies, Key: rand.Text()}
	t, in := s.Ticket(), s.Tracker()
	if in.Archived {
		return h, nil
	}
	if s.May(domain.Move) {
		all, err := p.cfg.Reads.Destinations(p.ctx(), s)
		if err != nil {
			return h, err
		}
		for _, d := range all {
			if d.Allowed {
				h.Moves = append(h.Moves, d)
			}
		}
	}
	if !s.May(domain.Cascade) {
		return h, nil
	}
	linked := t.State == tracker.Transferred
	for _, c := range read.Copies {
		linked = linked || c.Ended == ""
	}
	h.CanRecall = linked
	if !linked {
		h.Parent = in.Parent
	}
	h.CanRefuse = read.CopyOf != nil && read.CopyOf.Ended == "" && t.List == tracker.OpenList
	return h, nil
}

func moveTicket(p *page) error {
	return p.withForm(func(f *form) error {
		id, err := domain.ParseTicketID(p.path("id"))
		if err != nil {
			return err
		}
		out, err := p.cfg.Commands.ChangeTicket(p.ctx(), p.caller(), p.request(f), id, ticket.Move{To: domain.TrackerKey(f.Get("tracker"))})
		if err != nil {
			return p.refused(err)
		}
		address := "/tickets/" + string(id)
		if _, err := p.cfg.Reads.Tracker(p.ctx(), p.actor(), out.State.Tracker); err != nil {
			address = "/tickets" // who has moved it may not see it any more
		}
		return p.settled(out.Position.Commit, out.Position.Prepare, address, "moved")
	})
}

func cascade(p *page) error {
	return p.withForm(func(f *form) error {
		link := p.request(f).Link(domain.TicketID(p.path("id")))
		return p.deed(f, ticket.Cascade{Link: link, Comment: f.Get("comment")}, "cascaded")
	})
}

func recall(p *page) error {
	return p.withForm(func(f *form) error { return p.deed(f, ticket.Recall{}, "recalled") })
}

func refuseCopy(p *page) error {
	return p.withForm(func(f *form) error { return p.deed(f, ticket.Refuse{Reason: f.Get("reason")}, "copy-refused") })
}
