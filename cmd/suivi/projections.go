package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"suivi/projections"
)

func newProjectionsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "projections",
		Short: "Look at, rebuild and verify the read models of a running service",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("projections cannot %q; there are: status, rebuild, verify", args[0])}
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newProjectionsStatusCommand(), newProjectionsRebuildCommand(), newProjectionsVerifyCommand())
	return cmd
}

func newProjectionsStatusCommand() *cobra.Command {
	var f clientFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell how far each projection is",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			list, err := projectionStatus(cmd.Context(), c)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), list)
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "NAME\tVERSION\tSTATE\tEVENTS\tBEHIND\tPOSITION\tHEAD")
			for _, p := range list {
				fmt.Fprintf(table, "%s\t%d\t%s\t%d\t%d\t%s\t%s\n", p.Name, p.Version, p.State, p.Events, p.Lag, p.Position, p.Head)
			}
			return table.Flush()
		},
	}
	f.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

func projectionStatus(ctx context.Context, c *client) ([]projections.Status, error) {
	var said struct {
		Projections []projections.Status `json:"projections"`
	}
	err := c.get(ctx, "/admin/projections", nil, &said)
	return said.Projections, err
}

func newProjectionsRebuildCommand() *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "rebuild [NAME…]",
		Short: "Build projections anew from the events, all unless named, beside the live ones",
		RunE: func(cmd *cobra.Command, names []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			if len(names) == 0 {
				list, err := projectionStatus(cmd.Context(), c)
				if err != nil {
					return err
				}
				for _, p := range list {
					names = append(names, p.Name)
				}
			}
			for _, name := range names {
				done, err := rebuild(cmd.Context(), c, name, cmd.ErrOrStderr())
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s is rebuilt from %d events\n", name, done)
			}
			return nil
		},
	}
	f.addFlags(cmd.Flags())
	return cmd
}

// rebuild rebuilds one projection and answers how many events it read.
func rebuild(ctx context.Context, c *client, name string, errOut io.Writer) (events int64, err error) {
	shown := newProgress(errOut, "rebuild "+name, 0)
	defer shown.end()
	err = longWork(ctx, c, "/admin/projections/"+url.PathEscape(name)+"/rebuild", func(done, total int64) {
		events = total
		shown.set(done, total)
	}, nil)
	return events, err
}

func newProjectionsVerifyCommand() *cobra.Command {
	var f clientFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare the read models with what the events say, and end with 1 if they differ",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			shown := newProgress(cmd.ErrOrStderr(), "verify", 0)
			var report projections.Report
			err = longWork(cmd.Context(), c, "/admin/verify", shown.set, &report)
			shown.end()
			if err != nil {
				return err
			}
			return showVerified(cmd.OutOrStdout(), report, asJSON)
		},
	}
	f.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

func showVerified(out io.Writer, report projections.Report, asJSON bool) error {
	if asJSON {
		if err := writeJSON(out, report); err != nil {
			return err
		}
	} else {
		for _, p := range report.Projections {
			verdict := "equal"
			if !p.Equal {
				verdict = "DIFFERENT"
			}
			fmt.Fprintf(out, "%-12s %s: %d rows made of %d events\n", p.Name, verdict, p.Rows, p.Events)
			for _, difference := range p.Differences {
				fmt.Fprintf(out, "             %s\n", printable(difference))
			}
		}
	}
	if !report.Equal {
		return errors.New("the read models differ from the events; `suivi projections rebuild` builds them anew")
	}
	return nil
}

// longWork posts to a route that tells its progress in lines of JSON and ends in a result or an error.
func longWork(ctx context.Context, c *client, path string, progress func(done, total int64), result any) error {
	what := call{method: http.MethodPost, path: path}
	ended := false
	err := c.stream(ctx, what, func(text []byte) error {
		var line struct {
			Done   int64           `json:"done"`
			Total  int64           `json:"total"`
			Result json.RawMessage `json:"result"`
			Error  json.RawMessage `json:"error"`
		}
		if err := json.Unmarshal(text, &line); err != nil {
			return fmt.Errorf("%s: read a line of the answer: %w", what, err)
		}
		switch {
		case line.Error != nil:
			return c.failedWork(what, line.Error)
		case line.Result != nil && result != nil:
			ended = true
			return json.Unmarshal(line.Result, result)
		case line.Result != nil:
			ended = true
		default:
			progress(line.Done, line.Total)
		}
		return nil
	})
	if err == nil && !ended {
		return fmt.Errorf("%s: the answer ended without a result; has the service been stopped?", what)
	}
	return err
}

// failedWork is the error that a stream ended in.
func (c *client) failedWork(what call, text []byte) error {
	failed := &apiError{call: what}
	if err := json.Unmarshal(text, failed); err != nil {
		return fmt.Errorf("%s: %s", what, text)
	}
	failed.todo = c.todo(failed.Status, failed.Code)
	return failed
}
