package commands

import (
	"context"

	"suivi/domain"
	"suivi/domain/tracker"
)

// SetParent puts a tracker below another one, or takes it from its parent for
// the parent "". The stream of the hierarchy arbitrates: of two commands that
// would make a circle together, the later one is decided anew and refused.
func (h *Handler) SetParent(ctx context.Context, c Caller, req Request, key, parent domain.TrackerKey) (Outcome[tracker.Tracker], error) {
	if req.IfMatch != nil {
		return Outcome[tracker.Tracker]{}, domain.Errorf(domain.Invalid, "bad-if-match",
			"a parent is no part of the tracker's version; leave If-Match out")
	}
	command := tracker.ParentSet{Tracker: key, Parent: parent}
	placed, err := h.tree.execute(ctx, tracker.HierarchyStream, req, func(ctx context.Context, tree tracker.Hierarchy) ([]tracker.ParentSet, domain.Meta, error) {
		facts, err := h.parentFacts(ctx, c, command)
		if err != nil {
			return nil, domain.Meta{}, err
		}
		events, err := tracker.DecideParent(tree, command, facts)
		return events, req.meta(c, later(h.occurredAt(c), tree.UpdatedAt)), err
	})
	if err != nil {
		return Outcome[tracker.Tracker]{}, err
	}
	f, err := h.trackers.refresh(ctx, key.Stream())
	if err != nil {
		return Outcome[tracker.Tracker]{}, err
	}
	state, err := h.whole(ctx, f.state)
	state.Parent = placed.State.Parents[key]
	return Outcome[tracker.Tracker]{State: state, Version: f.version, Position: placed.Position, Replayed: placed.Replayed}, err
}

func (h *Handler) parentFacts(ctx context.Context, c Caller, command tracker.ParentSet) (tracker.ParentFacts, error) {
	facts := tracker.ParentFacts{Actor: c.Actor}
	var err error
	if facts.Child, err = h.desks.get(ctx, command.Tracker.Stream()); err != nil {
		return facts, err
	}
	if command.Parent == "" {
		facts.UsedStates, err = h.statesInUse(ctx, command.Tracker)
		return facts, err
	}
	facts.Parent, err = h.desks.get(ctx, command.Parent.Stream())
	return facts, err
}

// parentOf is the tracker's parent as of now, "" for none.
func (h *Handler) parentOf(ctx context.Context, key domain.TrackerKey) (domain.TrackerKey, error) {
	f, err := h.tree.refresh(ctx, tracker.HierarchyStream)
	return f.state.Parents[key], err
}
