package commands

import (
	"context"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// otherTrackers adds what is to be known of other trackers than the ticket's, if
// the command asks for that.
func (h *Handler) otherTrackers(ctx context.Context, facts *ticket.Facts, t ticket.Ticket, command ticket.Command) (err error) {
	var move ticket.Move
	switch c := command.(type) {
	case ticket.Move:
		move = c
	case ticket.Cascade:
		facts.Parent, err = h.parentDesk(ctx, facts.Tracker.Key)
		return err
	case ticket.RemoveFile:
		facts.Before, err = h.before(ctx, t)
		return err
	}
	if !move.To.Valid() {
		return nil
	}
	if facts.Target, err = h.desk(ctx, move.To); err != nil {
		return err
	}
	if facts.Before, err = h.before(ctx, t); err != nil {
		return err
	}
	if facts.Target.Parent, err = h.parentOf(ctx, move.To); err != nil {
		return err
	}
	facts.Tracker.Parent, err = h.parentOf(ctx, facts.Tracker.Key)
	return err
}

// before are the trackers that the ticket was in before.
func (h *Handler) before(ctx context.Context, t ticket.Ticket) ([]tracker.Tracker, error) {
	var before []tracker.Tracker
	for _, key := range t.Before {
		desk, err := h.desk(ctx, key)
		if err != nil {
			return nil, err
		}
		before = append(before, desk)
	}
	return before, nil
}

// seen is the outcome as the caller sees it. desk is the ticket's tracker, as far
// as it is known; that of a ticket that was moved is another.
func (h *Handler) seen(ctx context.Context, c Caller, out Outcome[ticket.Ticket], desk tracker.Tracker) (Outcome[ticket.Ticket], error) {
	var err error
	if desk.Key != out.State.Tracker {
		if desk, err = h.desk(ctx, out.State.Tracker); err != nil {
			return out, err
		}
	}
	var before []tracker.Tracker
	if len(out.State.Brought) > 0 {
		if before, err = h.before(ctx, out.State); err != nil {
			return out, err
		}
	}
	out.State = out.State.SeenAs(c.Actor, desk, before...)
	return out, nil
}

// destination is the tracker whose ticket it will be: the one that it moves to, or that it is in.
func destination(facts ticket.Facts) domain.TrackerKey {
	if facts.Target.Exists() {
		return facts.Target.Key
	}
	return facts.Tracker.Key
}
