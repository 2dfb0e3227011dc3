package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
)

// bind does what the change says of prerequisites. These have a stream of their own, so they
// are done before the change is noted as known, by commands that are the same each time: after a crash in
// between they are found to be done. What is refused is noted with the change. A tie to something that
// is no ticket's twin is none of ours.
func (m *Mirror) bind(ctx context.Context, c commands.Caller, place Place, id domain.TicketID, twin ticket.Twin, change Change, command *ticket.TakeIn, because string) error {
	for _, tie := range change.Ties {
		ours, err := m.isTwin(ctx, place, tie.Prerequisite)
		if err != nil {
			return err
		}
		if !ours {
			continue
		}
		if tie.Part != "" { // it is known, so that it goes if it is not to be
			command.Parts = append(slices.Clip(command.Parts), ticket.Part{ID: tie.Part})
		}
		if command.Refusal != nil {
			continue
		}
		do, name := m.cfg.Commands.AddPrerequisite, "tie"
		if tie.Ended {
			do, name = m.cfg.Commands.RemovePrerequisite, "end of tie"
		}
		req := commands.Request{Command: commandOf(m.name, twin, change.ID+"\x00"+name+" "+tie.Prerequisite.Twin.ID), Cause: because}
		_, err = do(ctx, c, req, id, tie.Prerequisite.Ticket)
		refusal, is := errors.AsType[*domain.Error](err)
		switch {
		case err == nil:
		case is && (refusal.Kind == domain.Refused || refusal.Kind == domain.Forbidden || refusal.Kind == domain.NotFound):
			command.Refusals = append(slices.Clip(command.Refusals), refusal)
		default:
			return fmt.Errorf("change what %s depends on: %w", id, err)
		}
	}
	return nil
}

// isTwin tells whether the ticket is here, and has that twin.
func (m *Mirror) isTwin(ctx context.Context, place Place, n Neighbour) (bool, error) {
	if n.Ticket == "" {
		return false, nil
	}
	t, err := m.cfg.Commands.Ticket(ctx, n.Ticket)
	if err != nil {
		return false, err
	}
	twin, has := t.Inner.Twin(m.name)
	return has && twin.Site == place.Mirror.Site && twin.ID == n.Twin.ID, nil
}
