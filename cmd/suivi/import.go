package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"suivi/domain"
	"suivi/integration/helpdesk"
)

func newImportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Take over the tickets of another system, with their history",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no import from %q; there is: helpdesk", args[0])}
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newImportHelpdeskCommand())
	return cmd
}

// importFlags are the choices of an import.
type importFlags struct {
	clientFlags
	tracker string
	jobs    int
	asJSON  bool
}

// maxJobs is how many cases may be sent at the same time.
const maxJobs = 256

func newImportHelpdeskCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "helpdesk FILE",
		Short: "Import the log of a help desk, a CSV file (also gzipped)",
		Long: `Import the log of a help desk, a CSV file (also gzipped) with the columns
Case ID, Activity, Resource, Complete Timestamp and the attributes of the case.

The whole file is checked before anything is sent. Each case becomes a ticket,
each row a change of its state with the row's person and time; a row that
changes no state is kept as a comment. The people of the log get accounts with
addresses at helpdesk.example (nobody can log in with them before you give them
a token), the attributes become fields of the tracker.

Cases are sent several at a time, so that ticket numbers follow the order of the
file roughly, not exactly; --json tells which case became which ticket. Running
the same import again adds nothing; after an interruption it goes on.`,
		Args: oneArg("the file to import"),
		RunE: func(cmd *cobra.Command, args []string) error { return importHelpdesk(cmd, f, args[0]) },
	}
	f.addFlags(cmd.Flags())
	cmd.Flags().StringVar(&f.tracker, "tracker", "HELP", "key of the tracker, which is created if there is none")
	cmd.Flags().IntVar(&f.jobs, "jobs", 16, "how many cases are sent at the same time")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print the report as JSON")
	return cmd
}

func importHelpdesk(cmd *cobra.Command, f importFlags, path string) error {
	key := domain.TrackerKey(f.tracker)
	switch {
	case !key.Valid():
		return usageError{fmt.Errorf("--tracker wants a key, a capital and 1 to 9 capitals or digits, not %q", f.tracker)}
	case f.jobs < 1 || f.jobs > maxJobs:
		return usageError{fmt.Errorf("--jobs wants 1 to %d, not %d", maxJobs, f.jobs)}
	}
	log, desk, err := readHelpdesk(path)
	if err != nil {
		return fmt.Errorf("%s: %w\nNothing has been sent", path, err)
	}
	c, err := f.open()
	if err != nil {
		return err
	}
	began := time.Now()
	in := &importer{client: c, key: key, jobs: f.jobs}
	report, err := in.run(cmd.Context(), log, desk, cmd.ErrOrStderr())
	if err != nil {
		return fmt.Errorf("%w\nThe import has stopped after %d of %d steps. Run the same command again: it goes on from there",
			err, in.sent(), report.steps())
	}
	report.File, report.Seconds = path, time.Since(began).Seconds()
	if f.asJSON {
		return writeJSON(cmd.OutOrStdout(), report)
	}
	return report.write(cmd.OutOrStdout())
}

func readHelpdesk(path string) (*helpdesk.Log, helpdesk.Desk, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, helpdesk.Desk{}, err
	}
	log, err := helpdesk.Read(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, helpdesk.Desk{}, err
	}
	desk, err := helpdesk.NewDesk(log)
	return log, desk, err
}

// run sends the log and tells what has become of it.
func (in *importer) run(ctx context.Context, log *helpdesk.Log, desk helpdesk.Desk, errOut io.Writer) (*importReport, error) {
	report := newImportReport(in.key, log)
	if err := in.prepare(ctx, desk); err != nil {
		return report, err
	}
	shown := newProgress(errOut, "import "+string(in.key), int64(report.steps()))
	err := in.sendAll(ctx, log, shown)
	shown.end()
	if err != nil {
		return report, err
	}
	return report, in.account(ctx, report)
}
