package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

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

func newMirrorImportCommand(tool string) *cobra.Command {
	var dryRun bool
	cmd := mirrorWork("import", "Have the twins of all tickets of a tracker made and brought into step",
		func(cmd *cobra.Command, c *client, tracker string, asJSON bool) error {
			if dryRun {
				return lookAtMirror(cmd, c, mirrorPath(tool, tracker, "look"), asJSON)
			}
			return orderMirror(cmd, c, tool, tracker)
		})
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only tell what would be done")
	return cmd
}

func newMirrorReconcileCommand(tool string) *cobra.Command {
	var repair bool
	cmd := mirrorWork("reconcile", "Tell in what twins differ from the tickets of a tracker; end with 1 if they do",
		func(cmd *cobra.Command, c *client, tracker string, asJSON bool) error {
			if repair {
				return orderMirror(cmd, c, tool, tracker)
			}
			return lookAtMirror(cmd, c, mirrorPath(tool, tracker, "look"), asJSON)
		})
	cmd.Flags().BoolVar(&repair, "repair", false, "have all brought into step")
	return cmd
}

func newMirrorVerifyCommand(tool string) *cobra.Command {
	return mirrorWork("verify", "Hold all twins against the tickets of a tracker by other means; end with 1 if they differ",
		func(cmd *cobra.Command, c *client, tracker string, asJSON bool) error {
			return lookAtMirror(cmd, c, mirrorPath(tool, tracker, "verify"), asJSON)
		})
}

func mirrorPath(tool, tracker, work string) string {
	return "/admin/mirrors/" + tool + "/" + url.PathEscape(tracker) + "/" + work
}

func lookAtMirror(cmd *cobra.Command, c *client, path string, asJSON bool) error {
	shown := newProgress(cmd.ErrOrStderr(), "look", 0)
	var report mirror.Report
	err := longWork(cmd.Context(), c, path, shown.set, &report)
	shown.end()
	if err != nil {
		return err
	}
	if asJSON {
		err = writeJSON(cmd.OutOrStdout(), report)
	} else {
		showReport(cmd.OutOrStdout(), report)
	}
	if err == nil && report.InStep < report.Tickets {
		err = fmt.Errorf("%d of %d tickets are not in step", report.Tickets-report.InStep, report.Tickets)
	}
	return err
}

func showReport(out io.Writer, r mirror.Report) {
	for _, f := range r.Found {
		fmt.Fprintf(out, "%s %s %s %s\n", f.Ticket, f.What, printable(f.Twin), printable(f.Error))
		for _, d := range f.Drifts {
			fmt.Fprintf(out, "    %s: %q, should be %q %s\n", printable(d.What), d.Found, d.Want, printable(d.Why))
		}
	}
	if r.More {
		fmt.Fprintln(out, "… and more")
	}
	fmt.Fprintf(out, "%d tickets: %d in step, %d without a twin, %d whose twin is not known, %d whose twin differs, %d that could not be looked at\n",
		r.Tickets, r.InStep, r.Create, r.Link, r.Change, r.Failed)
}

// orderMirror orders an import and shows how it goes until nothing is due any more.
func orderMirror(cmd *cobra.Command, c *client, tool, tracker string) error {
	var ordered mirrorOrder
	if err := longWork(cmd.Context(), c, mirrorPath(tool, tracker, "import"), func(int64, int64) {}, &ordered); err != nil {
		return err
	}
	shown := newProgress(cmd.ErrOrStderr(), "import", int64(ordered.Tickets))
	defer shown.end()
	status, err := awaitMirror(cmd.Context(), c, tool, func(due int) { shown.set(max(int64(ordered.Tickets-due), 0), int64(ordered.Tickets)) })
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d tickets were brought into step; %d events are parked, %d twins differ\n", ordered.Tickets, status.Reactor.Parked, len(status.Drifts))
	if status.Reactor.Parked > 0 {
		return errors.New("some of it waits; suivi parked list tells why")
	}
	return nil
}

// awaitMirror waits until nothing of the tool is due any more.
func awaitMirror(ctx context.Context, c *client, tool string, shown func(due int)) (mirrorStatus, error) {
	tick := time.NewTicker(dueEvery)
	defer tick.Stop()
	for {
		var status mirrorStatus
		if err := c.get(ctx, "/admin/mirrors/"+tool, nil, &status); err != nil {
			return status, err
		}
		shown(status.Reactor.Due)
		if status.Reactor.Due == 0 {
			return status, nil
		}
		select {
		case <-ctx.Done():
			return status, ctx.Err()
		case <-tick.C:
		}
	}
}

// dueEvery is how often a command asks how many tickets are still due.
const dueEvery = 500 * time.Millisecond

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
	fmt.Fprintf(out, "%s: %s, %d events behind, %d tickets due, %d events parked\n", s.Tool, printable(s.Reactor.State), s.Reactor.Lag, s.Reactor.Due, s.Reactor.Parked)
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
