package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newServeCommand() *cobra.Command {
	var cfg config
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Start Suivi",
		Long: "Start Suivi. Without further flags everything is embedded: events, read models and accounts are\n" +
			"files in --data. --eventstore and --database switch to servers.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.access.read(cmd.Flags(), "eventstore-"); err != nil {
				return err
			}
			if err := cfg.links.read("eventstore-"); err != nil {
				return err
			}
			if err := cfg.check(); err != nil {
				return err
			}
			return serve(cmd.Context(), cfg, cmd)
		},
	}
	cfg.addFlags(cmd.Flags())
	cfg.addMetricsFlag(cmd.Flags())
	cfg.addSiteFlags(cmd.Flags())
	cfg.addMaxFileFlag(cmd.Flags())
	cfg.addProxyFlag(cmd.Flags())
	cfg.addMirrorFlags(cmd.Flags())
	cfg.access.addFlags(cmd.Flags(), "eventstore-")
	cfg.links.addFlag(cmd.Flags(), "eventstore-")
	cmd.Flags().StringVar(&cfg.storeListen, "eventstore-listen", "127.0.0.1:0", "address that the embedded event store listens on (port 0: any)")
	cmd.Flags().StringVar(&cfg.listen, "listen", "127.0.0.1:8080", "address to listen on")
	cmd.Flags().BoolVar(&cfg.demo, "demo", false, "fill an empty --data with the log of a real help desk and people to sign in as, to look around")
	return cmd
}

// giveHeadroom lets memory grow to three times what is in use before it is collected, unless GOGC says otherwise: for
// some 60 MiB at 100,000 tickets pages take a fifth less of the processor (docs/performance.md).
func giveHeadroom() {
	const percent = 200
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

func serve(ctx context.Context, cfg config, cmd *cobra.Command) error {
	if err := cfg.makeData(); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.listen)
	if err != nil {
		return fmt.Errorf("%w; is Suivi already running? choose another address with --listen", err)
	}
	giveHeadroom()
	s, err := openService(ctx, cfg, cfg.logger())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	setupCode, err := s.welcome(ctx)
	if err != nil {
		return errors.Join(err, listener.Close(), s.close())
	}
	url := baseURL(listener.Addr())
	if err := os.WriteFile(cfg.urlFile(), []byte(url+"\n"), 0o600); err != nil {
		return errors.Join(fmt.Errorf("note the address: %w", err), listener.Close(), s.close())
	}
	fmt.Fprintf(cmd.OutOrStdout(), "Suivi serves on %s, data in %s\n", url, cfg.data)
	if _, err := os.Stat(cfg.tokenFile()); err == nil {
		fmt.Fprintf(cmd.OutOrStdout(), "The administrator's API token is in %s\n", cfg.tokenFile())
	}
	if setupCode != "" {
		fmt.Fprintf(cmd.OutOrStdout(), "No administrator has a password yet. Open %[1]s/setup?code=%[2]s, or %[1]s with the set-up code %[2]s\n", url, setupCode)
	}
	if s.demo != nil {
		s.demo.tell(cmd.OutOrStdout())
	}
	if s.embedded != nil {
		cfg.tellStore(cmd.OutOrStdout(), s.embedded)
	}
	err = s.serve(ctx, listener)
	return errors.Join(err, forget(cfg, url), s.close())
}

// forget removes the note of our address, unless another service has put its own there.
func forget(cfg config, url string) error {
	if runningServer(cfg) != url {
		return nil
	}
	return os.Remove(cfg.urlFile())
}
