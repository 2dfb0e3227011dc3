package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"suivi/eventstore/embedded"
)

func newEventStoreCommand() *cobra.Command {
	var cfg config
	cmd := &cobra.Command{
		Use:   "eventstore",
		Short: "Run the embedded event store alone, for any EventStoreDB client",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.makeData(); err != nil {
				return err
			}
			logger := cfg.logger()
			server, err := embedded.Open(cmd.Context(), embedded.Config{Path: cfg.eventsFile(), Listen: cfg.listen, Logger: logger})
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "event store on %s, data in %s\n", server.ConnectionString(), cfg.eventsFile())
			select {
			case <-cmd.Context().Done():
				return server.Close()
			case err := <-server.Err():
				_ = server.Close() // its failure is what there is to tell
				return fmt.Errorf("the event store has failed: %w", err)
			}
		},
	}
	cmd.Flags().StringVar(&cfg.data, "data", "./data", "folder of the file events.db")
	cmd.Flags().StringVar(&cfg.listen, "listen", "127.0.0.1:2113", "address to listen on")
	cmd.Flags().TextVar(&cfg.logLevel, "log-level", cfg.logLevel, "debug, info, warn or error")
	return cmd
}
