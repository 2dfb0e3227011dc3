package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// What a mirror reads, each as of now and whoever may see it.

// Whole is a ticket with all that was said on it; the zero one if there is none.
func (h *Handler) Whole(ctx context.Context, id domain.TicketID) (ticket.Whole, error) {
	var whole ticket.Whole
	for e, err := range h.cfg.Store.Read(ctx, id.Stream(), 0) {
		if errors.Is(err, eventstore.ErrStreamNotFound) {
			break
		}
		if err != nil {
			return whole, storeError("read "+id.Stream(), err)
		}
		event, meta, err := decodeTicketEvent(e)
		if err != nil {
			return whole, err
		}
		whole = whole.With(event, meta)
	}
	return whole, nil
}

// TicketSince is a ticket as of the event of the revision or later, whoever may see it:
// what this node knows of it already, if that goes so far.
func (h *Handler) TicketSince(ctx context.Context, id domain.TicketID, revision uint64) (ticket.Ticket, error) {
	f, cached, err := h.tickets.load(ctx, id.Stream(), false)
	if cached && f.version <= revision {
		f, err = h.tickets.refresh(ctx, id.Stream())
	}
	return f.state, err
}

func decodeTicketEvent(e eventstore.Recorded) (ticket.Event, domain.Meta, error) {
	var meta domain.Meta
	event, err := ticket.Decode(e.Type, e.Data)
	if err != nil {
		return nil, meta, err
	}
	if err := json.Unmarshal(e.Metadata, &meta); err != nil {
		return nil, meta, fmt.Errorf("read the metadata of %s at revision %d: %w", e.Stream, e.Revision, err)
	}
	return event, meta, nil
}

// Desk is a tracker with its fields whole; the zero one if there is none.
func (h *Handler) Desk(ctx context.Context, key domain.TrackerKey) (tracker.Tracker, error) {
	return h.desk(ctx, key)
}

// Prerequisites are what the ticket depends on directly, in the order in which they were added.
func (h *Handler) Prerequisites(ctx context.Context, id domain.TicketID) ([]domain.TicketID, error) {
	g, err := h.dependencies.refresh(ctx, dependency.Stream)
	return g.state.Prerequisites(id), err
}
