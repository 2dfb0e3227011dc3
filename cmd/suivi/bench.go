package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
)

// benchFlags are the choices of a bench.
type benchFlags struct {
	clientFlags
	database   string
	eventStore string
	scratch    string
	duration   time.Duration
	tickets    int
	write      bool
	asJSON     bool
}

func newBenchCommand() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure what users feel, beside what this machine could do at most",
		Long: `Measure what users feel: how many tickets per second are posted durably, how fast
lists and pages come, how long a new ticket takes to show, how fast read models are
rebuilt; and, in the same run, ceilings: what the disk, gRPC and HTTP do alone.

Without --server it starts a service of its own, as another process with an
empty data folder in --scratch, which is deleted afterwards; --database and
--eventstore are passed on to it, and what it writes to these servers stays there.

With --server it only reads from that service: lists. With --write, too, it
posts tickets there, in a tracker of its own which stays, with a person of its own
who looks at pages, and rebuilds the read models (beside the live ones).

With the defaults it takes about ten minutes. Nothing else should run meanwhile.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			report, err := bench(cmd.Context(), f, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if f.asJSON {
				return writeJSON(cmd.OutOrStdout(), report)
			}
			return report.write(cmd.OutOrStdout())
		},
	}
	f.addFlags(cmd.Flags())
	cmd.Flags().StringVar(&f.database, "database", "", "postgres:// URL for the service that bench starts (default: SQLite)")
	cmd.Flags().StringVar(&f.eventStore, "eventstore", "", "esdb:// connection string for the service that bench starts (default: embedded)")
	cmd.Flags().StringVar(&f.scratch, "scratch", os.TempDir(), "folder on the disk to be measured; what is made in it is deleted")
	cmd.Flags().DurationVar(&f.duration, "duration", 10*time.Second, "how long each load is measured")
	cmd.Flags().IntVar(&f.tickets, "tickets", 100_000, "how many tickets with a life there are when lists and pages are measured")
	cmd.Flags().BoolVar(&f.write, "write", false, "with --server: also post tickets there and rebuild its read models")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print it as JSON")
	return cmd
}

func (f *benchFlags) check() error {
	switch {
	case f.duration <= 0:
		return usageError{fmt.Errorf("--duration wants a time, as in 10s, not %v", f.duration)}
	case f.tickets < 1:
		return usageError{fmt.Errorf("--tickets wants a number from 1, not %d", f.tickets)}
	case f.server != "" && (f.database != "" || f.eventStore != ""):
		return usageError{errors.New("--database and --eventstore are for a service that bench starts, not for --server")}
	case f.server == "" && f.write:
		return usageError{errors.New("--write goes with --server")}
	}
	return nil
}

// bencher is a bench under way.
type bencher struct {
	benchFlags
	folder string // scratch of this run
	errOut io.Writer
	client *client
	pid    int    // of the service, if bench has started it
	heap   string // key of the tracker that bench posts to
	desk   string // key of the tracker whose tickets have lives
	report *benchReport
}

func bench(ctx context.Context, f benchFlags, errOut io.Writer) (report *benchReport, err error) {
	folder, err := os.MkdirTemp(f.scratch, "suivi-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder to measure in: %w; choose another with --scratch", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if folder, err = filepath.Abs(folder); err != nil {
		return nil, fmt.Errorf("find the folder to measure in: %w", err)
	}
	b := &bencher{benchFlags: f, folder: folder, errOut: errOut, report: &benchReport{At: time.Now().UTC(), Machine: thisMachine(folder)}}
	if err := b.ceilings(ctx); err != nil {
		return nil, fmt.Errorf("measure the ceilings: %w", err)
	}
	stop, err := b.service(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return b.report, b.measure(ctx)
}

// service finds or starts the service to be measured.
func (b *bencher) service(ctx context.Context) (stop func() error, err error) {
	if b.server != "" {
		b.report.Service = b.server
		b.client, err = b.open()
		return func() error { return nil }, err
	}
	child, err := startChild(ctx, b.benchFlags, b.folder)
	if err != nil {
		return nil, err
	}
	b.client, b.pid = child.client, child.cmd.Process.Pid
	b.report.Service = child.describe()
	return child.stop, nil
}

// measure goes from an empty service to a full one.
func (b *bencher) measure(ctx context.Context) error {
	writes := b.server == "" || b.write
	steps := []struct {
		what string
		do   func(context.Context) error
		on   bool
	}{
		{"making a tracker", b.prepare, writes},
		{"posts", b.posts, writes},
		{"filling the tracker", b.fill, writes},
		{"lists", b.lists, true},
		{"pages", b.pages, writes},
		{"posts until they show", b.visible, writes},
		{"rebuilds", b.rebuilds, writes},
	}
	b.memory("at the start")
	for _, step := range steps {
		if !step.on {
			continue
		}
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("measure %s: %w", step.what, err)
		}
		b.memory("after " + step.what)
	}
	return nil
}

// say tells what is going on.
func (b *bencher) say(format string, args ...any) {
	fmt.Fprintf(b.errOut, "bench: "+format+"\n", args...)
}

// memory notes how much memory the service has now.
func (b *bencher) memory(when string) {
	if b.pid == 0 {
		return
	}
	if bytes, ok := residentBytes(b.pid); ok {
		b.report.Memory = append(b.report.Memory, memoryNow{when, bytes})
	}
}
