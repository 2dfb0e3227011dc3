package ui

import (
	"crypto/rand"
	"net/url"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
)

// bulkPreview is what a change of many tickets would come to on each, before it is done.
type bulkPreview struct {
	*chrome

	Back     string
	Key      string
	Typed    url.Values
	Rows     []previewRow
	Ready    []domain.TicketID // on which something would change
	Same     int               // that are so already
	Refused  int               // on which nothing would change, and not since it is so
	Comments bool              // a comment is among it
}

// previewRow is what the changes would come to on one ticket.
type previewRow struct {
	ID      domain.TicketID
	Summary string // "": they see no such ticket
	Steps   []previewStep
}

// previewStep is one change of one ticket: what it would be, or why it would not.
type previewStep struct {
	State         bool // of state; else of assignee, or a comment
	Comment       bool
	From, To      stateView  // To as wanted
	Before, After personView // After as wanted
	Same          bool
	Why           string
}

// previewBulk shows what the commands would come to. Nothing is written.
func (p *page) previewBulk(form *form, ids []domain.TicketID, all []ticket.Command, back string) error {
	frame, around, err := p.frame(p.say("bulk.preview"), "tickets")
	if err != nil {
		return err
	}
	v := bulkPreview{chrome: frame, Back: back, Key: rand.Text(), Typed: form.Values}
	found := p.cfg.Commands.PreviewTickets(p.ctx(), p.caller(), ids, all)
	shown, err := p.people(p.ctx(), assigneesOf(found, all)...)
	if err != nil {
		return err
	}
	for _, one := range found {
		row := previewRow{ID: one.Ticket, Summary: one.Before.Summary}
		changes, refused := false, false
		for i, step := range one.Steps {
			shownStep, err := p.previewStep(one, all[i], step, around, shown)
			if err != nil {
				return err
			}
			changes, refused = changes || step.Changes, refused || shownStep.Why != ""
			row.Steps = append(row.Steps, shownStep)
			if row.Summary == "" {
				break // one answer for what they do not see
			}
		}
		switch {
		case changes:
			v.Ready = append(v.Ready, one.Ticket)
		case refused:
			v.Refused++
		default:
			v.Same++
		}
		v.Rows = append(v.Rows, row)
	}
	return p.show("bulk-preview", v)
}

// assigneesOf are those who have the tickets, and whom the commands would give them to.
func assigneesOf(found []commands.Preview, all []ticket.Command) []domain.UserID {
	var ids []domain.UserID
	for _, one := range found {
		if one.Before.Assignee != "" {
			ids = append(ids, one.Before.Assignee)
		}
	}
	for _, command := range all {
		if c, ok := command.(ticket.Assign); ok {
			ids = append(ids, c.User)
		}
	}
	return ids
}

func (p *page) previewStep(one commands.Preview, command ticket.Command, step commands.Step, around surroundings, shown people) (previewStep, error) {
	v := previewStep{Same: step.Err == nil && !step.Changes || domain.CodeOf(step.Err) == "no-change"}
	switch c := command.(type) {
	case ticket.ChangeState:
		in := around.of(one.Before.Tracker).Tracker
		v.State, v.From, v.To = true, p.state(one.Before.State, in), p.state(c.To, in)
	case ticket.Comment:
		v.Comment = true
	case ticket.Assign:
		v.Before, v.After = shown[one.Before.Assignee], shown[c.User]
	default: // unassigned
		v.Before = shown[one.Before.Assignee]
	}
	var err error
	if step.Err != nil && !v.Same {
		v.Why, err = p.refusedOne(step.Err)
	}
	return v, err
}
