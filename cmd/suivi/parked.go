package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"suivi/integration"
)

func newParkedCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "parked",
		Short: "Look at what the reactors of a running service have failed at, and have it tried again",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("parked cannot %q; there are: list, retry, resolve", args[0])}
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newParkedListCommand(),
		newParkedDeedCommand("retry", "Have parked work tried at once, with what waits of the same ticket", "%s of %s is tried again by the reactor %s\n"),
		newParkedDeedCommand("resolve", "Say that nothing more is to be done about parked work; what waits behind it goes on", "%s of %s is resolved; the reactor %s leaves it\n"))
	return cmd
}

// reactorList is the answer of GET /admin/parked.
type reactorList struct {
	Reactors []integration.Status `json:"reactors"`
	Parked   []integration.Parked `json:"parked"`
}

func newParkedListCommand() *cobra.Command {
	var f clientFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Tell how far each reactor is, and what is parked",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			var list reactorList
			if err := c.get(cmd.Context(), "/admin/parked", nil, &list); err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), list)
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "REACTOR\tSTATE\tBEHIND\tPARKED\tPOSITION\tHEAD")
			for _, r := range list.Reactors {
				fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\t%s\n", r.Name, printable(r.State), r.Lag, r.Parked, r.Position, r.Head)
			}
			if len(list.Parked) > 0 {
				fmt.Fprintln(table, "\nID\tREACTOR\tTICKET\tEVENT\tTRIES\tNEXT\tREASON")
			}
			for _, p := range list.Parked {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", p.ID, p.Reactor, p.Ticket, p.Event, p.Tries, moment(p.RetryAt), printable(p.Reason))
			}
			return table.Flush()
		},
	}
	f.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

// newParkedDeedCommand is for what is done with each piece of parked work by its id.
func newParkedDeedCommand(deed, short, said string) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   deed + " ID…",
		Short: short,
		RunE: func(cmd *cobra.Command, ids []string) error {
			if len(ids) == 0 {
				return usageError{fmt.Errorf("name what to %s by its id; suivi parked list tells the ids", deed)}
			}
			c, err := f.open()
			if err != nil {
				return err
			}
			for _, id := range ids {
				parked, err := dealWithParked(cmd.Context(), c, id, deed)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), said, parked.Event, parked.Ticket, parked.Reactor)
			}
			return nil
		},
	}
	f.addFlags(cmd.Flags())
	return cmd
}

func dealWithParked(ctx context.Context, c *client, id, deed string) (integration.Parked, error) {
	var parked integration.Parked
	_, err := c.do(ctx, call{method: http.MethodPost, path: "/admin/parked/" + url.PathEscape(id) + "/" + deed}, &parked)
	return parked, err
}
