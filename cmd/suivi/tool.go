package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"suivi/integration/mirror"
)

// newToolCommand is for what is done with the mirrors in one tool, whose name is the command's.
func newToolCommand(tool string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   tool,
		Short: "Look after the twins that tickets of a running service have in " + tool,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("%s cannot %q; there are: check, import, propose, reconcile, status, park, verify", tool, args[0])}
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newMirrorCheckCommand(tool), newMirrorProposeCommand(tool), newMirrorImportCommand(tool), newMirrorReconcileCommand(tool),
		newMirrorVerifyCommand(tool), newMirrorStatusCommand(tool), newMirrorParkCommand(tool))
	return cmd
}

// toolCommands are those of all tools.
func toolCommands() []*cobra.Command {
	var all []*cobra.Command
	for _, tool := range mirrorTools(nil) {
		all = append(all, newToolCommand(tool.Name()))
	}
	return all
}

// mirrorWork is a command on the mirror of one tracker.
func mirrorWork(use, short string, work func(cmd *cobra.Command, c *client, tracker string, asJSON bool) error) *cobra.Command {
	var f clientFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: use + " TRACKER", Short: short, Args: oneArg("the key of a tracker"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			return work(cmd, c, args[0], asJSON)
		},
	}
	f.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

func newMirrorCheckCommand(tool string) *cobra.Command {
	return mirrorWork("check", "Tell what keeps a mirror from working, and how to mend it; end with 1 if anything does",
		func(cmd *cobra.Command, c *client, tracker string, asJSON bool) error {
			var list struct {
				Problems []mirror.Problem `json:"problems"`
			}
			path := "/trackers/" + url.PathEscape(tracker) + "/mirrors/" + tool + "/check"
			if _, err := c.do(cmd.Context(), call{method: http.MethodPost, path: path}, &list); err != nil {
				return err
			}
			if asJSON {
				if err := writeJSON(cmd.OutOrStdout(), list.Problems); err != nil {
					return err
				}
			} else {
				showProblems(cmd.OutOrStdout(), list.Problems)
			}
			if len(list.Problems) > 0 {
				return errors.New("the mirror cannot work like this")
			}
			return nil
		})
}

func showProblems(out io.Writer, problems []mirror.Problem) {
	for _, p := range problems {
		fmt.Fprintf(out, "%s: %s (%s)\n", printable(p.Where), printable(p.Detail), printable(p.Code))
		if p.Mend != "" {
			fmt.Fprintf(out, "    %s\n", printable(p.Mend))
		}
	}
	if len(problems) == 0 {
		fmt.Fprintln(out, "nothing keeps it from working")
	}
}

func newMirrorStatusCommand(tool string) *cobra.Command {
	var f clientFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status", Short: "Tell how the mirrors stand, how far they are, and in what twins differ", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			var status mirrorStatus
			if err := c.get(cmd.Context(), "/admin/mirrors/"+tool, nil, &status); err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), status)
			}
			return showMirrors(cmd.OutOrStdout(), status)
		},
	}
	f.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

func showMirrors(out io.Writer, s mirrorStatus) error {
	fmt.Fprintf(out, "%s: %s, %d events behind, %d tickets due, %d tickets parked\n", s.Tool, printable(s.Reactor.State), s.Reactor.Lag, s.Reactor.Due, s.Reactor.Parked)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TRACKER\tSITE\tPROJECT\tDIRECTION\tPAUSED\tTWINS")
	for _, m := range s.Mirrors {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%t\t%d\n", m.Tracker, printable(m.Mirror.Site), printable(m.Mirror.Project), m.Mirror.Direction, m.Mirror.Paused, m.Twins)
	}
	if len(s.Drifts) > 0 {
		fmt.Fprintln(table, "\nTICKET\tWHAT\tFOUND\tWANTED\tWHY")
	}
	for _, d := range s.Drifts {
		for _, one := range d.Drifts {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", d.Ticket, printable(one.What), printable(one.Found), printable(one.Want), printable(one.Why))
		}
	}
	return table.Flush()
}

func newMirrorParkCommand(tool string) *cobra.Command {
	var f clientFlags
	var retry bool
	cmd := &cobra.Command{
		Use: "park", Short: "List what is parked of the mirrors, and why", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			var list reactorList
			if err := c.get(cmd.Context(), "/admin/parked", nil, &list); err != nil {
				return err
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tTICKET\tEVENT\tTRIES\tNEXT\tREASON")
			for _, p := range list.Parked {
				if p.Reactor != tool {
					continue
				}
				if retry {
					if _, err := dealWithParked(cmd.Context(), c, p.ID, "retry"); err != nil {
						return err
					}
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\n", p.ID, p.Ticket, p.Event, p.Tries, moment(p.RetryAt), printable(p.Reason))
			}
			return table.Flush()
		},
	}
	f.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&retry, "retry", false, "have all of it tried at once")
	return cmd
}
