package main

import (
	"context"
	"slices"

	"suivi/domain"
	"suivi/integration"
	"suivi/integration/mirror"
)

// mirrorSite is what who configures a tracker is told of a secret.
type mirrorSite struct {
	Secret string `json:"secret"`
	Site   string `json:"site"`
}

func (s *service) mirrorSites(ctx context.Context, key domain.TrackerKey) ([]mirrorSite, error) {
	kept, err := s.secretsFor(ctx, key)
	sites := make([]mirrorSite, len(kept))
	for i, one := range kept {
		sites[i] = mirrorSite{one.Name, one.Site}
	}
	return sites, err
}

// secretsFor are those that the tracker's mirrors can be made with.
func (s *service) secretsFor(ctx context.Context, key domain.TrackerKey) ([]integration.KeptSecret, error) {
	kept, err := s.reactors.SecretsFor(ctx, key)
	return slices.DeleteFunc(kept, func(one integration.KeptSecret) bool { return mirror.ForHints(one.Name) }), err
}

func (s *service) setSecret(ctx context.Context, secret integration.KeptSecret, value string, by domain.By) (integration.KeptSecret, error) {
	if err := s.knownTrackers(ctx, secret.Trackers); err != nil {
		return integration.KeptSecret{}, err
	}
	return s.reactors.SetSecret(ctx, secret, integration.NewSecret(value), by)
}

func (s *service) allowSecret(ctx context.Context, name string, trackers []domain.TrackerKey, by domain.By) (integration.KeptSecret, error) {
	if err := s.knownTrackers(ctx, trackers); err != nil {
		return integration.KeptSecret{}, err
	}
	return s.reactors.AllowSecret(ctx, name, trackers, by)
}

// knownTrackers keeps a slip of the pen from shutting everybody out.
func (s *service) knownTrackers(ctx context.Context, keys []domain.TrackerKey) error {
	var problems domain.Problems
	for _, key := range keys {
		switch desk, err := s.commands.Desk(ctx, key); {
		case domain.KindOf(err) == domain.NotFound || err == nil && !desk.Exists():
			problems.Add("trackers", "unknown-tracker", "there is no tracker %q", key)
		case err != nil:
			return err
		}
	}
	return problems.Err()
}

// secretDenied is for commands, which are made before the reactors are open, and asked later.
func (s *service) secretDenied(ctx context.Context, name string, key domain.TrackerKey) (bool, error) {
	return s.reactors.SecretDenied(ctx, name, key)
}
