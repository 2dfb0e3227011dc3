package main

import (
	"context"
	"maps"
	"slices"

	"suivi/domain"
	"suivi/integration"
	"suivi/integration/mirror"
	"suivi/web/ui"
)

// pagesOfMirrors shows the mirrors to the pages.
func (s *service) pagesOfMirrors() ui.Mirrors {
	return ui.Mirrors{
		Tools: slices.Sorted(maps.Keys(s.mirrors)),
		Form: func(tool string) (mirror.Form, error) {
			m, err := s.mirror(tool)
			if err != nil {
				return mirror.Form{}, err
			}
			return m.Form()
		},
		Secrets: s.reactors.Secrets, SecretsFor: s.secretsFor,
		SetSecret: func(ctx context.Context, secret integration.KeptSecret, value string, by domain.By) error {
			_, err := s.setSecret(ctx, secret, value, by)
			return err
		},
		AllowSecret: func(ctx context.Context, name string, trackers []domain.TrackerKey, by domain.By) error {
			_, err := s.allowSecret(ctx, name, trackers, by)
			return err
		},
		RemoveSecret: s.reactors.RemoveSecret,
		Projects:     s.mirrorProjects, Propose: s.proposeMirror, Check: s.checkMirror,
		State: s.mirrorState,
		States: func(ctx context.Context, tool string) ([]mirror.State, error) {
			status, err := s.mirrorStatus(ctx, tool)
			return status.Mirrors, err
		},
		Order: func(ctx context.Context, tool string, key domain.TrackerKey, kind string, by domain.UserID) error {
			_, err := s.works.Order(ctx, tool, key, kind, by)
			return err
		},
		Cancel: s.cancelMirrorWork, Retry: s.retryMirror, Resolve: s.resolveMirror,
		Replay: func(ctx context.Context, tool string, key domain.TrackerKey) error {
			_, err := s.replayMirror(ctx, tool, key)
			return err
		},
		ParkedOf: s.parkedOf,
	}
}

// parkedOf is what is parked of the ticket, of all tools.
func (s *service) parkedOf(ctx context.Context, id domain.TicketID) ([]integration.Parked, error) {
	var all []integration.Parked
	for _, tool := range slices.Sorted(maps.Keys(s.mirrors)) {
		parked, err := s.reactors.ParkedOf(ctx, tool, id)
		if err != nil {
			return nil, err
		}
		all = append(all, parked...)
	}
	return all, nil
}
