package ui

import (
	"slices"
	"strconv"

	"suivi/domain"
)

// revisionsView is all texts that a comment or note has had, the last first.
type revisionsView struct {
	*chrome

	ID        domain.TicketID
	Revisions []revisionView
}

type revisionView struct {
	Number int
	By     personView
	At     when
	HTML   safeHTML
}

const mostRevisions = 100

func revisionsPage(p *page) error {
	s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(p.path("number"))
	if err != nil {
		number = 0 // which nothing has
	}
	read := p.cfg.Reads.CommentRevisions
	if p.path("kind") == "notes" {
		read = p.cfg.Reads.NoteRevisions
	}
	rows, err := read(p.ctx(), s, number, mostRevisions)
	if err != nil {
		return err
	}
	ids := make([]domain.UserID, len(rows))
	for i, r := range rows {
		ids[i] = r.Author
	}
	shown, err := p.people(p.ctx(), ids...)
	if err != nil {
		return err
	}
	t := s.Ticket()
	frame, _, err := p.frame(p.say("revisions.title."+p.path("kind"), "n", number, "ticket", t.ID), "tracker "+string(t.Tracker))
	if err != nil {
		return err
	}
	v := revisionsView{chrome: frame, ID: t.ID}
	for _, r := range slices.Backward(rows) {
		v.Revisions = append(v.Revisions, revisionView{r.Revision, shown[r.Author], p.when(r.OccurredAt, p.now, p.zone), shownHTML(r.HTML)})
	}
	return p.show("revisions", v)
}
