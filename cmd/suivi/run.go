package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"suivi/accounts"
	"suivi/captcha"
	"suivi/commands"
	"suivi/database"
	"suivi/docs"
	"suivi/eventstore"
	"suivi/eventstore/embedded"
	"suivi/files"
	"suivi/integration"
	"suivi/integration/mirror"
	"suivi/presence"
	"suivi/projections"
	"suivi/readapi"
	"suivi/web"
	"suivi/web/ui"
)

// service is the whole of Suivi in one process: the parts that need closing, and the way in.
type service struct {
	cfg         config
	logger      *slog.Logger
	embedded    *embedded.Server // nil with --eventstore
	store       *eventstore.Store
	reads       *database.DB
	people      *database.DB
	accounts    *accounts.Accounts
	files       *files.Files
	presence    *presence.Presence
	api         *readapi.API
	commands    *commands.Handler
	projections *projections.Projections
	reactors    *integration.Reactors
	mirrors     map[string]*mirror.Mirror // by the name of the tool
	works       *mirror.Works
	demo        *demo // nil without --demo
	chores      *ui.Chores
	app         *fiber.App
}

// openService builds the parts from the outside in: stores, people, read models, commands, pages.
func openService(ctx context.Context, cfg config, logger *slog.Logger) (s *service, err error) {
	s = &service{cfg: cfg, logger: logger}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err := s.openStores(ctx); err != nil {
		return s, err
	}
	if s.accounts, err = accounts.Open(ctx, s.people); err != nil {
		return s, err
	}
	if err := s.openFiles(ctx); err != nil {
		return s, err
	}
	if s.presence, err = presence.Open(ctx, s.people, time.Now, logger); err != nil {
		return s, err
	}
	challenges, err := captcha.Open(ctx, s.people, time.Now)
	if err != nil {
		return s, err
	}
	s.projections = projections.New(s.reads, s.store, logger)
	reads := readapi.New(s.reads, s.store).WithNames(s.accounts.Names).WithContents(s.files.Content)
	s.api = reads
	s.commands = commands.New(commands.Config{
		Store: s.store, Wait: s.projections.Wait, PostedBy: reads.PostedBy, StatesInUse: reads.StatesInUse,
		Stranded: reads.Stranded, OpenByAssignee: reads.OpenByAssignee, Watched: reads.Watched, Gap: reads.Gap,
		AnswersGiven: reads.AnswersGiven, SharedBy: reads.SharedBy,
		UnknownUsers: s.accounts.Unknown, WatchDefaults: s.accounts.WatchDefaults,
		SecretDenied: s.secretDenied,
		Captcha:      challenges, Files: s.files, Site: s.cfg.site, Now: time.Now,
	})
	if err := s.openReactors(ctx); err != nil {
		return s, err
	}
	edge := edgeOf(s.projections)
	s.chores = ui.NewChores(s.choreWork())
	pages, err := ui.New(ui.Config{
		Commands: s.commands, Reads: reads, Accounts: s.accounts, Wait: edge.Wait, Built: s.projections.Built,
		Reached: s.reached, Presence: s.presence, Client: s.cfg.proxies.Client,
		StatusOf: web.StatusOf, Send: web.SendContent, Export: web.SendExport, Admin: s.administration(), Mirrors: s.pagesOfMirrors(), Docs: docs.Files(), Site: s.cfg.site.Name, MaxFile: s.files.MaxSize(),
	})
	if err != nil {
		return s, err
	}
	s.app = web.New(web.Config{
		Commands: s.commands, Reads: reads, Accounts: s.accounts, Projections: edge, Reactors: edgeOfReactors(s.reactors), Mirrors: s.edgeOfMirrors(),
		Pages: web.Pages{Routes: pages.Routes, Fail: pages.Fail},
		Ready: s.ready, Built: s.projections.Built, Logger: logger,
		Proxies: s.cfg.proxies, MaxFile: s.files.MaxSize(), CollectBlobs: func(ctx context.Context) (any, error) { return s.collectBlobs(ctx) },
	})
	return s, nil
}

// edgeOf shows the projections to the HTTP edge, which does not know them otherwise.
func edgeOf(p *projections.Projections) web.Projections {
	return web.Projections{
		Wait: func(ctx context.Context, commit, prepare uint64) error {
			return p.Wait(ctx, eventstore.Position{Commit: commit, Prepare: prepare})
		},
		News:    p.News,
		Status:  func(ctx context.Context) (any, error) { return p.Status(ctx) },
		Rebuild: p.Rebuild,
		Verify:  func(ctx context.Context, progress web.Progress) (any, error) { return p.Verify(ctx, progress) },
	}
}

// reached is the position that the read models have, as feeds have it; "": it is not known yet.
func (s *service) reached() string {
	if at := s.projections.Reached(); !at.IsZero() {
		return at.String()
	}
	return ""
}

// ready tells why the service cannot work now: it needs its read models and its event store.
func (s *service) ready(ctx context.Context) error {
	if err := s.projections.Built(); err != nil {
		return err
	}
	_, err := s.store.Head(ctx, eventstore.Filter{})
	return err
}

func (s *service) openStores(ctx context.Context) error {
	connection := s.cfg.eventStore
	var err error
	if connection == "" {
		if s.embedded, err = embedded.Open(ctx, s.cfg.embeddedConfig(s.cfg.storeListen, s.logger)); err != nil {
			return err
		}
		if err := s.cfg.noteStore(s.embedded); err != nil {
			return err
		}
		connection = s.embedded.OwnConnectionString()
	}
	if s.store, err = eventstore.Open(connection, s.logger); err != nil {
		return err
	}
	readURL, err := s.cfg.readURL()
	if err != nil {
		return err
	}
	if s.reads, err = database.Open(ctx, database.Config{URL: readURL, Logger: s.logger}); err != nil {
		return err
	}
	s.people, err = openAccountsDB(ctx, s.cfg, s.logger)
	return err
}

func openAccountsDB(ctx context.Context, cfg config, logger *slog.Logger) (*database.DB, error) {
	url, err := cfg.accountsURL()
	if err != nil {
		return nil, err
	}
	return database.Open(ctx, database.Config{URL: url, Durable: true, Logger: logger})
}

// close ends the parts in the order opposite to openService.
func (s *service) close() error {
	var errs []error
	if s.people != nil {
		errs = append(errs, s.people.Close())
	}
	if s.reads != nil {
		errs = append(errs, s.reads.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if s.embedded != nil {
		errs = append(errs, s.cfg.forgetStore(), s.embedded.Close())
	}
	return errors.Join(errs...)
}

// serve runs projections and the HTTP server until ctx ends or one of them fails.
// Requests under way are finished first.
func (s *service) serve(ctx context.Context, listener net.Listener) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.projections.Run(ctx) })
	group.Go(func() error { s.api.Follow(ctx, s.logger); return nil })
	group.Go(func() error { return s.reactors.Run(ctx) })
	group.Go(func() error { return s.chores.Run(ctx) })
	group.Go(func() error { return s.works.Run(ctx) })
	for _, m := range s.mirrors {
		group.Go(func() error { m.Heed(ctx); return nil })
	}
	group.Go(func() error { return s.presence.Run(ctx) })
	group.Go(func() error { return s.app.Listener(listener) })
	group.Go(func() error { return s.finishMigrations(ctx) })
	group.Go(func() error { return s.keepCollecting(ctx) })
	var parts []prometheus.Collector
	if s.embedded != nil {
		parts = append(parts, s.embedded)
		group.Go(func() error { return serveControl(ctx, s.cfg, s.embedded) })
		group.Go(func() error { return watchEventStore(ctx, s.embedded) })
	}
	if s.demo != nil {
		group.Go(func() error { return s.fillDemo(ctx, listener) })
	}
	if s.cfg.metricsListen != "" {
		group.Go(func() error { return serveMetrics(ctx, s.cfg.metricsListen, s.ready, parts...) })
	}
	group.Go(func() error {
		<-ctx.Done()
		return s.app.ShutdownWithTimeout(shutdownTimeout)
	})
	return group.Wait()
}

// shutdownTimeout bounds how long requests under way may take once the service is told to stop.
const shutdownTimeout = 10 * time.Second

// welcome makes the first administrator and writes their token to the data folder.
// While no administrator has a password it also makes a set-up code, for the
// terminal alone: who can read it may take the site.
func (s *service) welcome(ctx context.Context) (setupCode string, err error) {
	_, token, created, err := s.accounts.EnsureAdmin(ctx)
	if err != nil {
		return "", err
	}
	if created {
		if err := writeSecret(s.cfg.tokenFile(), token); err != nil {
			return "", fmt.Errorf("keep the first administrator's token: %w; make another with `suivi token create`", err)
		}
		s.logger.Info("made the first administrator; their API token is in a file only you can read", "file", s.cfg.tokenFile())
	}
	if s.cfg.demo {
		if s.demo, err = openDemo(s.cfg); err != nil {
			return "", err
		}
		if err := s.demo.seat(ctx, s.accounts); err != nil {
			return "", err
		}
	}
	return s.accounts.SetupCode(ctx)
}

// writeSecret writes a file that its owner alone can read, whole or not at all.
func writeSecret(path, text string) error {
	draft := path + ".new"
	if err := os.WriteFile(draft, []byte(text+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(draft, path)
}
