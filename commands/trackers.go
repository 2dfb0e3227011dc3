package commands

import (
	"context"
	"maps"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// ChangeTracker carries out a command on a tracker, its creation included.
func (h *Handler) ChangeTracker(ctx context.Context, c Caller, req Request, key domain.TrackerKey, command tracker.Command) (Outcome[tracker.Tracker], error) {
	parent, err := h.parentOf(ctx, key)
	if err != nil {
		return Outcome[tracker.Tracker]{}, err
	}
	out, err := h.trackers.execute(ctx, key.Stream(), req, func(ctx context.Context, t tracker.Tracker) ([]tracker.Event, domain.Meta, error) {
		if _, create := command.(tracker.Create); !create && !t.Exists() {
			return nil, domain.Meta{}, domain.ErrNoTracker(key)
		}
		facts, err := h.trackerFacts(ctx, c, key, command)
		if err != nil {
			return nil, domain.Meta{}, err
		}
		t.Parent = parent
		events, err := tracker.Decide(t, command, facts)
		return events, req.meta(c, later(h.occurredAt(c), t.UpdatedAt)), err
	})
	out.State.Parent = parent
	if _, configure := command.(tracker.Configure); !configure || err != nil {
		return out, err
	}
	return h.migrateAfter(ctx, out)
}

func (h *Handler) trackerFacts(ctx context.Context, c Caller, key domain.TrackerKey, command tracker.Command) (tracker.Facts, error) {
	facts := tracker.Facts{Actor: c.Actor}
	var err error
	switch command := command.(type) {
	case tracker.Create:
		facts.UnknownUsers, err = h.unknown(ctx, slices.Collect(maps.Keys(command.Members)))
	case tracker.SetMember:
		facts.UnknownUsers, err = h.unknown(ctx, []domain.UserID{command.User})
	case tracker.Configure:
		if command.States != nil || command.Mode != nil || len(command.Migrate) > 0 {
			facts.UsedStates, err = h.statesInUse(ctx, key)
		}
	}
	return facts, err
}

// caughtUp waits until the read models have every ticket written so far.
func (h *Handler) caughtUp(ctx context.Context) error {
	head, err := h.cfg.Store.Head(ctx, eventstore.Filter{StreamPrefixes: []string{"ticket-"}})
	if err != nil {
		return storeError("read the head", err)
	}
	return h.cfg.Wait(ctx, head)
}

func (h *Handler) statesInUse(ctx context.Context, key domain.TrackerKey) ([]tracker.State, error) {
	if err := h.caughtUp(ctx); err != nil {
		return nil, err
	}
	return h.cfg.StatesInUse(ctx, key)
}
