package main

import (
	"context"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration"
	"suivi/integration/mirror"
	"suivi/readapi"
)

// mirrorState is that of one tracker; whole: with what tells of single tickets.
func (s *service) mirrorState(ctx context.Context, tool string, in tracker.Tracker, whole bool) (mirror.State, error) {
	m, has := in.Mirror(tool)
	if !has {
		return mirror.State{}, domain.Errorf(domain.NotFound, "mirror-not-found", "%s has no mirror of the tool %q", in.Key, tool)
	}
	status, err := s.toolStatus(ctx, tool)
	if err != nil {
		return mirror.State{}, err
	}
	twins, err := s.api.Twins(ctx, in.Key, tool)
	if err != nil {
		return mirror.State{}, err
	}
	states, err := s.judged(ctx, status, []readapi.Mirrored{{Tracker: in.Key, Mirror: m, Twins: twins}})
	if err != nil {
		return mirror.State{}, err
	}
	if !whole {
		return states[0].Discreet(), nil
	}
	return states[0], nil
}

// judged puts to each mirror what is parked, due and different of its tracker's tickets.
func (s *service) judged(ctx context.Context, status mirrorStatus, all []readapi.Mirrored) ([]mirror.State, error) {
	unsettled, err := s.reactors.Unsettled(ctx, status.Tool)
	if err != nil {
		return nil, err
	}
	var ids []domain.TicketID
	for _, p := range unsettled {
		ids = append(ids, p.Ticket)
	}
	for _, d := range status.Drifts {
		ids = append(ids, d.Ticket)
	}
	trackers, err := s.api.WhereTicketsAre(ctx, ids)
	if err != nil {
		return nil, err
	}
	_, stoppedBy := stopped(status.Reactor.State)
	states := make([]mirror.State, len(all))
	for i, one := range all {
		state := mirror.State{Tracker: one.Tracker, Mirror: one.Mirror, Twins: one.Twins, Parked: []integration.Parked{}, Drifts: []integration.Drifted{}}
		for _, p := range unsettled {
			switch {
			case trackers[p.Ticket] != one.Tracker:
			case p.Due():
				state.Due++
			default:
				state.Parked = append(state.Parked, p)
			}
		}
		for _, d := range status.Drifts {
			if trackers[d.Ticket] == one.Tracker {
				state.Drifts = append(state.Drifts, d)
			}
		}
		if state.Work, err = s.lastWork(ctx, status.Tool, one.Tracker); err != nil {
			return nil, err
		}
		why := stoppedBy
		if why == "" {
			why = s.mirrors[status.Tool].Stopped(one.Tracker)
		}
		state.Judge(status.Reactor, why)
		states[i] = state
	}
	return states, nil
}

// lastWork is the last work on the mirror; nil: there was none.
func (s *service) lastWork(ctx context.Context, tool string, key domain.TrackerKey) (*integration.Work, error) {
	work, err := s.reactors.LastWork(ctx, tool, key)
	switch {
	case domain.KindOf(err) == domain.NotFound:
		return nil, nil //nolint:nilnil // there need not be one
	case err != nil:
		return nil, err
	}
	return &work, nil
}
