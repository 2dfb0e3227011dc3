package main

import (
	"context"

	"github.com/jmoiron/sqlx"

	"suivi/accounts"
	"suivi/domain"
	"suivi/integration"
	"suivi/integration/cascade"
	"suivi/integration/mirror"
	"suivi/web"
)

// openReactors makes all reactors. What they keep lies with the accounts: like those it is never rebuilt.
func (s *service) openReactors(ctx context.Context) (err error) {
	reactors := []integration.Reactor{cascade.New(cascade.Config{Commands: s.commands, Broken: s.brokenCascades})}
	s.mirrors = s.newMirrors()
	s.works = mirror.NewWorks(s.mirrors, func() mirror.WorkBase { return s.reactors })
	for _, m := range s.mirrors {
		reactors = append(reactors, m.Reactor())
	}
	s.reactors, err = integration.Open(ctx, integration.Config{DB: s.people, Store: s.store, Logger: s.logger, Record: s.recordSecret}, reactors...)
	return err
}

// brokenCascades is known once the read models have all that is in the store now.
func (s *service) brokenCascades(ctx context.Context) ([]domain.TicketID, error) {
	if err := s.caughtUp(ctx, "ticket-"); err != nil {
		return nil, err
	}
	return s.api.BrokenCascades(ctx)
}

// edgeOfReactors shows the reactors to the HTTP edge.
func edgeOfReactors(r *integration.Reactors) web.Reactors {
	return web.Reactors{
		Status:  func(ctx context.Context) (any, error) { return r.Status(ctx) },
		Parked:  func(ctx context.Context) (any, error) { return r.Parked(ctx) },
		Retry:   func(ctx context.Context, id string) (any, error) { return r.Retry(ctx, id) },
		Resolve: func(ctx context.Context, id string, by domain.UserID) (any, error) { return r.Resolve(ctx, id, by) },
	}
}

// recordSecret has the accounts record what is done with a secret for another tool.
func (s *service) recordSecret(ctx context.Context, tx *sqlx.Tx, d integration.SecretDeed) error {
	deed := accounts.Deed{Kind: accounts.SecretSet, By: d.By, About: accounts.About{Secret: d.Kept.Name, Site: d.Kept.Site, Trackers: d.Kept.Trackers}}
	switch d.Done {
	case integration.SecretSet:
	case integration.SecretAllowed:
		deed.Kind = accounts.SecretAllowed
	case integration.SecretRemoved:
		deed.Kind = accounts.SecretRemoved
	}
	return s.accounts.Record(ctx, tx, deed)
}
