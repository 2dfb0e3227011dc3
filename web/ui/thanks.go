package ui

import (
	"strings"

	"suivi/domain"
)

// thanksView is what one reads after posting.
type thanksView struct {
	*chrome

	ID     domain.TicketID
	Thanks safeHTML
	Post   string // the address to post another
}

// thanksPage is what one reads after posting.
func thanksPage(p *page) error {
	s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
	if err != nil {
		return err
	}
	t := s.Ticket()
	shown, err := p.people(p.ctx(), t.Assignee)
	if err != nil {
		return err
	}
	text := strings.NewReplacer("{ticket}", string(t.ID), "{assignee}", shown[t.Assignee].Name).Replace(p.label(s.Tracker().Thanks()))
	html, err := p.cfg.Reads.Preview(p.ctx(), s, text)
	if err != nil {
		return err
	}
	frame, _, err := p.frame(p.say("thanks.title"), "tracker "+string(t.Tracker))
	if err != nil {
		return err
	}
	return p.show("thanks", thanksView{frame, t.ID, shownHTML(html), "/trackers/" + string(t.Tracker) + "/new"})
}
