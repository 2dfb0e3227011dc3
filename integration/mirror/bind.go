package mirror

import (
	"context"
	"errors"
	"fmt"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
)

// bind does what the change says of prerequisites, and gives what is refused of it. These have a
// stream of their own, so they are done before the change is noted as known, by commands that are
// the same each time: after a crash in between they are found to be done.
func (m *Mirror) bind(ctx context.Context, c commands.Caller, req commands.Request, id domain.TicketID, twin ticket.Twin, change Change) ([]*domain.Error, error) {
	var refusals []*domain.Error
	for _, tie := range change.Ties {
		do, name := m.cfg.Commands.AddPrerequisite, "tie"
		if tie.Ended {
			do, name = m.cfg.Commands.RemovePrerequisite, "end of tie"
		}
		req.Command = commandOf(m.name, twin, change.ID+"\x00"+name+" "+tie.Prerequisite.Twin.ID)
		_, err := do(ctx, c, req, id, tie.Prerequisite.Ticket)
		refusal, is := errors.AsType[*domain.Error](err)
		switch {
		case err == nil:
		case is && (refusal.Kind == domain.Refused || refusal.Kind == domain.Forbidden || refusal.Kind == domain.NotFound):
			refusals = append(refusals, refusal)
		default:
			return nil, fmt.Errorf("change what %s depends on: %w", id, err)
		}
	}
	return refusals, nil
}

// ours are the ties to twins of tickets. Others are none of ours.
func (m *Mirror) ours(ctx context.Context, site string, ties []Tie) ([]Tie, error) {
	var ours []Tie
	for _, tie := range ties {
		if tie.Prerequisite.Ticket == "" {
			continue
		}
		t, err := m.cfg.Commands.Ticket(ctx, tie.Prerequisite.Ticket)
		if err != nil {
			return nil, err
		}
		if twin, has := t.Inner.Twin(m.name); has && twin.Site == site && twin.ID == tie.Prerequisite.Twin.ID {
			ours = append(ours, tie)
		}
	}
	return ours, nil
}
