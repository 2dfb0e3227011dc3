package ui

import (
	"strconv"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// bulkForm changes the tickets that are chosen in a list.
type bulkForm struct {
	States    []choice
	Assignees []choice
}

// bulkForm is nil for who may not change many tickets at once.
func (p *page) bulkForm(in tracker.Tracker, around surroundings) (*bulkForm, error) {
	may, states := in.Exists() && in.May(p.actor(), domain.Bulk) && !in.Archived, in.EnabledStates()
	if !in.Exists() {
		states = tracker.States()
		for _, t := range around.trackers {
			may = may || t.May(p.actor(), domain.Bulk)
		}
	}
	if !may {
		return nil, nil //nolint:nilnil // no form, which is a value here
	}
	f := &bulkForm{}
	for _, s := range states {
		if s != tracker.Transferred {
			f.States = append(f.States, choice{Value: string(s), Label: p.state(s, in).Label, State: s})
		}
	}
	people, err := p.assignable(in, around)
	for _, one := range people {
		f.Assignees = append(f.Assignees, choice{Value: string(one.ID), Label: one.Name})
	}
	return f, err
}

// bulkResults is what a change came to on each of many tickets.
type bulkResults struct {
	*chrome

	Back    string
	Results []bulkResult
	Done    int
}

type bulkResult struct {
	ID  domain.TicketID
	Why string // it was refused; "": it was done
}

const maxBulk = 200

// bulk answers POST /tickets/bulk: what each chosen change would come to on each
// chosen ticket, and with do=go each of them done, and what came of it.
func bulk(p *page) error {
	form, err := p.form()
	if err != nil {
		return err
	}
	back := p.back(form, "/tickets")
	ids, all := ticketIDs(form.Values["ticket"]), bulkCommands(form)
	if len(ids) == 0 || len(all) == 0 {
		return p.redirect(back, "nothing-chosen")
	}
	if form.Get("do") != "go" {
		return p.previewBulk(form, ids, all, back)
	}
	done := bulkDone{why: map[domain.TicketID]string{}}
	for i, command := range all {
		request := p.request(form)
		if request.Key != "" {
			request = commands.NewRequest(p.who.ID, form.Get("key")+"-"+strconv.Itoa(i), "POST "+p.c.Path(), []byte(form.Encode()))
		}
		for _, r := range p.cfg.Commands.ChangeTickets(p.ctx(), p.caller(), request, ids, command) {
			if err := done.take(p, r); err != nil {
				return err
			}
		}
	}
	if done.commit > 0 {
		if err := p.cfg.Wait(p.ctx(), done.commit, done.prepare); err != nil {
			return err
		}
	}
	return p.showBulk(ids, done, back)
}

// bulkDone is what changes came to: why they were refused, and the last position.
type bulkDone struct {
	why             map[domain.TicketID]string
	commit, prepare uint64
}

// take notes one result; an error that is no refusal is returned.
func (d *bulkDone) take(p *page, r commands.Result) error {
	if r.Err == nil {
		if at := r.Outcome.Position; at.Commit > d.commit {
			d.commit, d.prepare = at.Commit, at.Prepare
		}
		return nil
	}
	why, err := p.refusedOne(r.Err)
	if err == nil {
		d.why[r.Ticket] = why
	}
	return err
}

// refusedOne is why a change of one of many tickets is refused; an error that is no refusal is returned.
func (p *page) refusedOne(err error) (string, error) {
	if refusal := p.complain(err); refusal != nil {
		return refusal.Text, nil
	}
	if domain.KindOf(err) == domain.NotFound {
		return p.say("failure.404.title"), nil
	}
	return "", err
}

func (p *page) showBulk(ids []domain.TicketID, done bulkDone, back string) error {
	frame, _, err := p.frame(p.say("bulk.title"), "tickets")
	if err != nil {
		return err
	}
	view := bulkResults{chrome: frame, Back: back, Done: len(ids) - len(done.why)}
	for _, id := range ids {
		view.Results = append(view.Results, bulkResult{id, done.why[id]})
	}
	return p.show("bulk", view)
}

// bulkCommands are the changes that the form names. A comment goes with the change
// of state, if there is one.
func bulkCommands(form *form) []ticket.Command {
	var all []ticket.Command
	switch user := form.Get("assignee"); user {
	case "":
	case "none":
		all = append(all, ticket.Unassign{})
	default:
		all = append(all, ticket.Assign{User: domain.UserID(user)})
	}
	comment := form.Get("comment")
	switch state := form.Get("state"); {
	case state != "":
		all = append(all, ticket.ChangeState{To: tracker.State(state), Comment: comment})
	case comment != "":
		all = append(all, ticket.Comment{Body: comment})
	}
	return all
}

func ticketIDs(texts []string) []domain.TicketID {
	seen := map[string]bool{}
	var ids []domain.TicketID
	for _, text := range texts {
		if !seen[text] && len(ids) < maxBulk {
			seen[text] = true
			ids = append(ids, domain.TicketID(text))
		}
	}
	return ids
}
