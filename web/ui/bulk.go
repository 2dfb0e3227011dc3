package ui

import (
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

// bulk answers POST /tickets/bulk: each chosen change on each chosen ticket, and a
// page that tells what came of it.
func bulk(p *page) error {
	form, err := p.form()
	if err != nil {
		return err
	}
	back := p.back(form, "/tickets")
	all := bulkCommands(form)
	ids := form.Values["ticket"]
	if len(ids) == 0 || len(all) == 0 {
		return p.redirect(back, "nothing-chosen")
	}
	view := bulkResults{Back: back}
	why := map[domain.TicketID]string{}
	var commit, prepare uint64
	for i, command := range all {
		request := commands.NewRequest(p.who.ID, "", "", nil)
		for _, r := range p.cfg.Commands.ChangeTickets(p.ctx(), p.caller(), request, ticketIDs(ids), command) {
			if r.Err != nil {
				complaint := p.complain(r.Err)
				if complaint == nil && domain.KindOf(r.Err) != domain.NotFound {
					return r.Err
				}
				why[r.Ticket] = p.say("failure.404.title")
				if complaint != nil {
					why[r.Ticket] = complaint.Text
				}
			} else if at := r.Outcome.Position; at.Commit > commit {
				commit, prepare = at.Commit, at.Prepare
			}
			if i == len(all)-1 {
				view.Results = append(view.Results, bulkResult{r.Ticket, why[r.Ticket]})
			}
		}
	}
	for _, r := range view.Results {
		if r.Why == "" {
			view.Done++
		}
	}
	if commit > 0 {
		if err := p.cfg.Wait(p.ctx(), commit, prepare); err != nil {
			return err
		}
	}
	if view.chrome, _, err = p.frame(p.say("bulk.title"), "tickets"); err != nil {
		return err
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
