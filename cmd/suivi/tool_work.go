package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"suivi/integration"
	"suivi/integration/mirror"
)

func newMirrorImportCommand(tool string) *cobra.Command {
	var dryRun bool
	cmd := mirrorWork("import", "Have the twins of all tickets of a tracker made and brought into step; end with 1 if any failed",
		func(cmd *cobra.Command, c *client, tracker string, asJSON bool) error {
			if dryRun {
				return compareMirror(cmd, c, ordering{tool, tracker, mirror.LookWork}, asJSON)
			}
			return importMirror(cmd, c, tool, tracker, asJSON)
		})
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only tell what would be done")
	return cmd
}

func newMirrorReconcileCommand(tool string) *cobra.Command {
	var repair bool
	cmd := mirrorWork("reconcile", "Tell in what twins differ from the tickets of a tracker; end with 1 if they do",
		func(cmd *cobra.Command, c *client, tracker string, asJSON bool) error {
			if repair {
				return importMirror(cmd, c, tool, tracker, asJSON)
			}
			return compareMirror(cmd, c, ordering{tool, tracker, mirror.LookWork}, asJSON)
		})
	cmd.Flags().BoolVar(&repair, "repair", false, "have all brought into step")
	return cmd
}

func newMirrorVerifyCommand(tool string) *cobra.Command {
	return mirrorWork("verify", "Hold all twins against the tickets of a tracker by other means; end with 1 if they differ",
		func(cmd *cobra.Command, c *client, tracker string, asJSON bool) error {
			return compareMirror(cmd, c, ordering{tool, tracker, mirror.VerifyWork}, asJSON)
		})
}

// compareMirror orders a comparison and shows what it has found.
func compareMirror(cmd *cobra.Command, c *client, o ordering, asJSON bool) error {
	var report mirror.Report
	_, err := o.carriedOut(cmd, c, &report)
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

// importMirror orders an import and tells what came of it.
func importMirror(cmd *cobra.Command, c *client, tool, tracker string, asJSON bool) error {
	var done mirror.Imported
	state, err := ordering{tool, tracker, mirror.ImportWork}.carriedOut(cmd, c, &done)
	if err != nil {
		return err
	}
	if asJSON {
		err = writeJSON(cmd.OutOrStdout(), done)
	} else {
		fmt.Fprintf(cmd.OutOrStdout(), "%d tickets were brought into step, %d are parked; %d twins differ\n", done.Tickets-done.Failed, done.Failed, len(state.Drifts))
	}
	if err == nil && done.Failed > 0 {
		err = fmt.Errorf("some of it waits; suivi %s park tells why", tool)
	}
	return err
}

// ordering is a long work that is ordered on a mirror.
type ordering struct{ tool, tracker, kind string }

func (o ordering) path() string {
	return "/trackers/" + url.PathEscape(o.tracker) + "/mirrors/" + o.tool
}

// carriedOut orders the work, shows how far it is until it has ended, and reads what came of it
// into result; the state is the mirror's after it. When ctx ends before it, the work is ended.
func (o ordering) carriedOut(cmd *cobra.Command, c *client, result any) (mirror.State, error) {
	ctx := cmd.Context()
	var work integration.Work
	if _, err := c.do(ctx, call{method: http.MethodPost, path: o.path() + "/work", body: map[string]string{"kind": o.kind}}, &work); err != nil {
		return mirror.State{}, err
	}
	shown := newProgress(cmd.ErrOrStderr(), o.kind, 0)
	state, err := o.await(ctx, c, work.ID, shown)
	shown.end()
	switch {
	case ctx.Err() != nil:
		return state, o.stop(ctx, c)
	case err != nil:
		return state, err
	case state.Work.Failure != "":
		return state, fmt.Errorf("%s of %s was ended: %s", o.kind, o.tracker, state.Work.Failure)
	case state.Work.Result == nil:
		return state, errors.New("it is done; what it has found is for who may see all tickets of the tracker and internal notes")
	}
	if err := json.Unmarshal(state.Work.Result, result); err != nil {
		return state, fmt.Errorf("read what came of it: %w", err)
	}
	return state, nil
}

// workEvery is how often a command asks how far a work is.
const workEvery = 500 * time.Millisecond

// await waits until the work has ended.
func (o ordering) await(ctx context.Context, c *client, id string, shown *progress) (mirror.State, error) {
	tick := time.NewTicker(workEvery)
	defer tick.Stop()
	for {
		var state mirror.State
		err := c.get(ctx, o.path()+"/status", nil, &state)
		switch {
		case err != nil:
			return state, err
		case state.Work == nil || state.Work.ID != id:
			return state, errors.New("it has ended, and another work goes on there by now: what came of it is no longer known")
		case !state.Work.Running():
			return state, nil
		}
		shown.set(int64(state.Work.Done), int64(state.Work.Total))
		select {
		case <-ctx.Done():
			return state, ctx.Err()
		case <-tick.C:
		}
	}
}

// stopFor is how long somebody who has given up waits for the work to be ended.
const stopFor = 5 * time.Second

// stop ends the work, for who waits no longer for it. The error says so.
func (o ordering) stop(ctx context.Context, c *client) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopFor)
	defer cancel()
	_, err := c.do(ctx, call{method: http.MethodDelete, path: o.path() + "/work"}, nil)
	switch {
	case hasCode(err, "work-not-found"): // it has just ended
	case err != nil:
		return fmt.Errorf("stopped waiting; the work goes on: %w", err)
	}
	if o.kind == mirror.ImportWork {
		return fmt.Errorf("stopped; tickets that are due already are brought into step all the same: suivi %s status tells how many are left", o.tool)
	}
	return errors.New("stopped; nothing was changed")
}
