package commands

import (
	"context"
	"maps"
	"slices"

	"suivi/domain"
	"suivi/domain/library"
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
		t, err := h.whole(ctx, t)
		if err != nil {
			return nil, domain.Meta{}, err
		}
		facts, err := h.trackerFacts(ctx, c, t, key, command)
		if err != nil {
			return nil, domain.Meta{}, err
		}
		t.Parent = parent
		events, err := tracker.Decide(t, command, facts)
		return events, req.meta(c, later(h.occurredAt(c), t.UpdatedAt)), err
	})
	out.State.Parent = parent
	if err != nil {
		return out, err
	}
	if _, configure := command.(tracker.Configure); configure {
		if out, err = h.migrateAfter(ctx, out); err != nil {
			return out, err
		}
	}
	out.State, err = h.whole(ctx, out.State)
	return out, err
}

// whole is the tracker with the library's definitions in the fields that it shares.
func (h *Handler) whole(ctx context.Context, t tracker.Tracker) (tracker.Tracker, error) {
	if !t.UsesShared() {
		return t, nil
	}
	shared, err := h.shared.get(ctx, library.Stream)
	return t.With(shared), err
}

func (h *Handler) trackerFacts(ctx context.Context, c Caller, t tracker.Tracker, key domain.TrackerKey, command tracker.Command) (tracker.Facts, error) {
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
	case tracker.SetMirror:
		facts.UnknownUsers, err = h.unknown(ctx, append(slices.Collect(maps.Keys(command.Mirror.People)), command.Mirror.Actor))
		if err == nil && h.cfg.SecretDenied != nil {
			facts.SecretDenied, err = h.cfg.SecretDenied(ctx, command.Mirror.Secret, key)
		}
	case tracker.SetField:
		return h.fieldFacts(ctx, facts, t, command.Field)
	}
	return facts, err
}

// fieldFacts adds what is to be known when the tracker's field is set.
func (h *Handler) fieldFacts(ctx context.Context, facts tracker.Facts, t tracker.Tracker, f tracker.Field) (tracker.Facts, error) {
	var err error
	if f.Shared {
		if facts.Shared, err = h.shared.get(ctx, library.Stream); err != nil {
			return facts, err
		}
		f = facts.Shared[f.Code].Field
	}
	if lost, replaced := t.Replaced(f); replaced {
		facts.UsedOptions, facts.Answered, err = h.answersGiven(ctx, []domain.TrackerKey{t.Key}, f.Code, lost)
	}
	return facts, err
}

// statesInUse asks the read models once they have every ticket written so far.
func (h *Handler) statesInUse(ctx context.Context, key domain.TrackerKey) ([]tracker.State, error) {
	if err := h.caughtUp(ctx, "ticket-"); err != nil {
		return nil, err
	}
	return h.cfg.StatesInUse(ctx, key)
}

// answersGiven likewise.
func (h *Handler) answersGiven(ctx context.Context, in []domain.TrackerKey, code string, options []string) ([]string, bool, error) {
	if err := h.caughtUp(ctx, "ticket-"); err != nil {
		return nil, false, err
	}
	return h.cfg.AnswersGiven(ctx, in, code, options)
}

// caughtUp waits until the read models have what the streams held when it was called.
func (h *Handler) caughtUp(ctx context.Context, streams ...string) error {
	head, err := h.cfg.Store.Head(ctx, eventstore.Filter{StreamPrefixes: streams})
	if err != nil {
		return storeError("read the head", err)
	}
	return h.cfg.Wait(ctx, head)
}
