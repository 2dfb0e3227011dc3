package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"suivi/eventstore/embedded/eventlog"
)

func newEventStoreScavengeCommand() *cobra.Command {
	cfg := config{logLevel: slog.LevelWarn}
	cmd := &cobra.Command{
		Use:   "scavenge",
		Short: "Take away for good what nobody can read any more",
		Long: "Take away for good the events that are hidden: by $maxCount, $maxAge or $tb, by the deletion of\n" +
			"their stream or its end. It works on a running service (writers hardly notice) and on one that is\n" +
			"stopped. The file does not shrink: its free space is used again; `suivi backup` makes a small copy.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p := newProgress(cmd.ErrOrStderr(), "scavenge: streams", 0)
			done, err := scavenge(cmd, cfg, p.set)
			p.end()
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d streams looked at; %d events taken away, %d bytes of them\n", done.Streams, done.Events, done.Bytes)
			return nil
		},
	}
	cmd.Flags().StringVar(&cfg.data, "data", "./data", "folder of the file events.db")
	return cmd
}

// scavenge asks the service that has the log open, or does it itself.
func scavenge(cmd *cobra.Command, cfg config, progress eventlog.Progress) (_ eventlog.Scavenged, err error) {
	if err := cfg.hasEvents(); err != nil {
		return eventlog.Scavenged{}, err
	}
	inUse, err := eventlog.InUse(cfg.eventsFile())
	if err != nil {
		return eventlog.Scavenged{}, err
	}
	if inUse {
		return orderScavenge(cmd.Context(), cfg, progress)
	}
	log, err := eventlog.Open(cmd.Context(), eventlog.Config{Path: cfg.eventsFile(), Logger: cfg.logger()})
	if err != nil {
		return eventlog.Scavenged{}, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	return log.Scavenge(cmd.Context(), progress)
}
