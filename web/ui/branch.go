package ui

import (
	"crypto/rand"
	"net/url"
	"strconv"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// branchView is the form by which a ticket grows out of a comment.
type branchView struct {
	*chrome
	*Complaint

	ID     domain.TicketID
	Number int
	Text   safeHTML
	Key    string
	Typed  url.Values
	Desks  []choice
	Fields []fieldInput
}

func branchPage(p *page) error {
	return p.showBranch(&form{Values: p.query()}, nil)
}

// branch answers POST /tickets/{id}/comments/{number}/branch. "do" is refresh when
// only the tracker has changed, and with it which fields are asked.
func branch(p *page) error {
	return p.withForm(func(f *form) error {
		if f.Get("do") == "refresh" {
			return p.showBranch(f, nil)
		}
		id, err := domain.ParseTicketID(p.path("id"))
		if err != nil {
			return err
		}
		number, _ := strconv.Atoi(p.path("number")) // 0, which no comment has
		grown := commands.NewBranch{Tracker: domain.TrackerKey(f.Get("tracker")), Summary: f.Get("summary")}
		if grown.Tracker != "" {
			in, err := p.cfg.Reads.Tracker(p.ctx(), p.actor(), grown.Tracker)
			if err != nil {
				return err
			}
			seen := in.SeenAs(p.actor())
			grown.Answers = askedAnswers(seen, answersOf(seen, f.Values))
		}
		out, err := p.cfg.Commands.BranchTicket(p.ctx(), p.caller(), p.request(f), id, number, grown)
		if err != nil {
			return p.showBranch(f, err)
		}
		return p.settled(out.Position.Commit, out.Position.Prepare, "/tickets/"+string(out.State.ID), "branched")
	})
}

func (p *page) showBranch(f *form, failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	s, comment, err := p.branching()
	if err != nil {
		return err
	}
	t := s.Ticket()
	frame, around, err := p.frame(p.say("branch.title", "n", comment.Number, "ticket", t.ID), "tracker "+string(t.Tracker))
	if err != nil {
		return err
	}
	v := branchView{chrome: frame, Complaint: wrong, ID: t.ID, Number: comment.Number, Text: shownHTML(comment.HTML), Key: f.Get("key"), Typed: f.Values}
	if v.Key == "" {
		v.Key = rand.Text()
	}
	if !f.Has("summary") {
		v.Typed.Set("summary", t.Summary)
	}
	in := s.Tracker()
	for _, one := range around.trackers {
		if !one.Archived && one.May(p.actor(), domain.Post) && !one.Challenges(p.actor()) {
			chosen := one.Key == domain.TrackerKey(f.Get("tracker")) || !f.Has("tracker") && one.Key == t.Tracker
			v.Desks = append(v.Desks, choice{Value: string(one.Key), Label: one.Name, Chosen: chosen})
			if chosen {
				in = one.Tracker
			}
		}
	}
	if v.Fields, err = p.branchFields(in, f, wrong); err != nil {
		return err
	}
	return p.answer(p.statusOf(failure), "branch", v)
}

func (p *page) branchFields(in tracker.Tracker, f *form, wrong *Complaint) ([]fieldInput, error) {
	seen := in.SeenAs(p.actor())
	return p.inputs(seen, answersOf(seen, f.Values), f.fileNames(), wrong)
}

// branching is the comment of the address, for who may have a ticket grow out of it.
func (p *page) branching() (readapi.Sight, readapi.Remark, error) {
	s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
	if err != nil {
		return s, readapi.Remark{}, err
	}
	_, comment, err := p.remarkOf(s)
	if err == nil && !s.May(domain.ChangeState) {
		err = domain.Errorf(domain.Forbidden, "right-missing", "none of your roles may branch a ticket from a comment")
	}
	return s, comment, err
}
