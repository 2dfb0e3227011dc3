package main

import (
	"context"
	"strings"

	"suivi/domain"
	"suivi/eventstore"
	"suivi/web/ui"
)

// administration shows pages what administrators look after, which they do not know otherwise.
func (s *service) administration() ui.Administration {
	return ui.Administration{
		Models: s.readModels, Reactors: s.reactorsShown, Parked: s.reactors.Parked,
		Retry: func(ctx context.Context, id string) error {
			_, err := s.reactors.Retry(ctx, id)
			return err
		},
		Resolve: func(ctx context.Context, id string, by domain.UserID) error {
			_, err := s.reactors.Resolve(ctx, id, by)
			return err
		},
		Store: func(ctx context.Context) error {
			_, err := s.store.Head(ctx, eventstore.Filter{})
			return err
		},
		Chores: s.chores,
	}
}

// choreWork is what administrators order on pages.
func (s *service) choreWork() ui.ChoreWork {
	return ui.ChoreWork{
		Rebuild: s.projections.Rebuild,
		Verify: func(ctx context.Context, progress func(done, total uint64)) ([]ui.VerifiedModel, error) {
			report, err := s.projections.Verify(ctx, progress)
			var all []ui.VerifiedModel
			for _, p := range report.Projections {
				all = append(all, ui.VerifiedModel{Name: p.Name, Events: p.Events, Rows: p.Rows, Differences: p.Differences})
			}
			return all, err
		},
		Collect: func(ctx context.Context) (ui.Collected, error) {
			done, err := s.collectBlobs(ctx)
			return ui.Collected{Uploads: done.Uploads, Blobs: done.Blobs}, err
		},
	}
}

func (s *service) readModels(ctx context.Context) ([]ui.ReadModel, error) {
	all, err := s.projections.Status(ctx)
	if err != nil {
		return nil, err
	}
	models := make([]ui.ReadModel, len(all))
	for i, p := range all {
		state, why := stopped(p.State)
		models[i] = ui.ReadModel{Name: p.Name, Version: p.Version, Events: p.Events, Lag: p.Lag, State: state, Why: why}
	}
	return models, nil
}

// stopped parts "stopped: why".
func stopped(state string) (name, why string) {
	name, why, _ = strings.Cut(state, ": ")
	return name, why
}

func (s *service) reactorsShown(ctx context.Context) ([]ui.Reactor, error) {
	all, err := s.reactors.Status(ctx)
	if err != nil {
		return nil, err
	}
	reactors := make([]ui.Reactor, len(all))
	for i, r := range all {
		state, why := stopped(r.State)
		reactors[i] = ui.Reactor{Name: r.Name, Lag: r.Lag, Parked: r.Parked, State: state, Why: why}
	}
	return reactors, nil
}
