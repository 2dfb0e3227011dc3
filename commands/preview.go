package commands

import (
	"context"

	"golang.org/x/sync/errgroup"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// Preview is what some commands, one after the other, would come to on one of many tickets.
type Preview struct {
	Ticket domain.TicketID
	Before ticket.Ticket // as the caller sees it; the zero one when they see none
	After  ticket.Ticket
	Steps  []Step // one for each command
}

// Step is what one command would come to: an error, or whether it changes anything.
type Step struct {
	Err     error
	Changes bool
}

// PreviewTickets decides the commands on each of many tickets as ChangeTickets would
// now, and writes nothing. A command that is refused is left out for those after it.
func (h *Handler) PreviewTickets(ctx context.Context, c Caller, ids []domain.TicketID, all []ticket.Command) []Preview {
	previews := make([]Preview, len(ids))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, id := range ids {
		group.Go(func() error {
			previews[i] = h.preview(ctx, c, id, all)
			return nil
		})
	}
	_ = group.Wait() // each error is in its preview
	return previews
}

func (h *Handler) preview(ctx context.Context, c Caller, id domain.TicketID, all []ticket.Command) Preview {
	p := Preview{Ticket: id, Steps: make([]Step, len(all))}
	fail := func(err error) Preview {
		p.Before, p.After = ticket.Ticket{}, ticket.Ticket{}
		for i := range p.Steps {
			p.Steps[i] = Step{Err: err}
		}
		return p
	}
	if _, err := domain.ParseTicketID(string(id)); err != nil {
		return fail(err)
	}
	f, err := h.tickets.refresh(ctx, id.Stream())
	if err != nil {
		return fail(err)
	}
	t := f.state
	for i, command := range all {
		var step Step
		t, step = h.tryOut(ctx, c, t, id, command)
		if domain.KindOf(step.Err) == domain.NotFound { // they do not see the ticket
			return fail(step.Err)
		}
		p.Steps[i] = step
	}
	for shown, state := range map[*ticket.Ticket]ticket.Ticket{&p.Before: f.state, &p.After: t} {
		out, err := h.seen(ctx, c, Outcome[ticket.Ticket]{State: state}, tracker.Tracker{})
		if err != nil {
			return fail(err)
		}
		*shown = out.State
	}
	return p
}

// tryOut decides one command on the ticket, and gives the ticket as it would be after it.
func (h *Handler) tryOut(ctx context.Context, c Caller, t ticket.Ticket, id domain.TicketID, command ticket.Command) (ticket.Ticket, Step) {
	if !t.Exists() {
		return t, Step{Err: domain.ErrNoTicket(id)}
	}
	req := NewRequest(c.Actor.ID, "", "", nil).on(id)
	facts, err := h.changeFacts(ctx, c, req, t, command)
	var events []ticket.Event
	if err == nil {
		events, err = ticket.Decide(t, command, facts)
	}
	if ticket.MayUpload(command) && h.cfg.Files != nil { // what it has claimed is free again
		if freed := h.cfg.Files.Release(ctx, req.Command); err == nil {
			err = freed
		}
	}
	if err != nil {
		return t, Step{Err: err}
	}
	for _, event := range events {
		t = ticket.Evolve(t, event, req.meta(c, facts.OccurredAt))
	}
	return t, Step{Changes: len(events) > 0}
}
