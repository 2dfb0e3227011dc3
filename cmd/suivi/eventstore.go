package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"suivi/eventstore/embedded"
)

func newEventStoreCommand() *cobra.Command {
	var cfg config
	cmd := &cobra.Command{
		Use:   "eventstore",
		Short: "Run the embedded event store alone, for any EventStoreDB client",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.access.read(cmd.Flags(), ""); err != nil {
				return err
			}
			if err := cfg.links.read(""); err != nil {
				return err
			}
			if err := cfg.makeData(); err != nil {
				return err
			}
			server, err := embedded.Open(cmd.Context(), cfg.embeddedConfig(cfg.listen, cfg.logger()))
			if err != nil {
				return err
			}
			if err := cfg.noteStore(server); err != nil {
				return errors.Join(err, server.Close())
			}
			defer cfg.forgetStore() //nolint:errcheck // who starts it again writes it anew
			fmt.Fprintf(cmd.OutOrStdout(), "event store on %s, data in %s\n", server.ConnectionString(), cfg.eventsFile())
			cfg.tellStore(cmd.OutOrStdout(), server)
			err = serveEventStore(cmd.Context(), cfg, server)
			return errors.Join(err, server.Close())
		},
	}
	cmd.AddCommand(newEventStoreUserCommand(), newEventStoreScavengeCommand())
	cfg.access.addFlags(cmd.Flags(), "")
	cfg.links.addFlag(cmd.Flags(), "")
	cmd.Flags().StringVar(&cfg.data, "data", "./data", "folder of the file events.db")
	cmd.Flags().StringVar(&cfg.listen, "listen", "127.0.0.1:2113", "address to listen on")
	cfg.addMetricsFlag(cmd.Flags())
	cmd.Flags().TextVar(&cfg.logLevel, "log-level", cfg.logLevel, "debug, info, warn or error")
	return cmd
}

// serveEventStore serves what belongs to an embedded event store beside its own
// protocol, until ctx ends or the store has failed.
func serveEventStore(ctx context.Context, cfg config, server *embedded.Server) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serveControl(ctx, cfg, server) })
	if cfg.metricsListen != "" {
		healthy := func(context.Context) error { return server.Failing() }
		group.Go(func() error { return serveMetrics(ctx, cfg.metricsListen, healthy, server) })
	}
	group.Go(func() error { return watchEventStore(ctx, server) })
	return group.Wait()
}

// watchEventStore returns when ctx ends, or with what has made the store fail for good.
func watchEventStore(ctx context.Context, server *embedded.Server) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-server.Err():
		return fmt.Errorf("the event store has failed: %w", err)
	}
}
