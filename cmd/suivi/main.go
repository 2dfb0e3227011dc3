// Command suivi is the whole product in one program: the service, the embedded
// event store alone, and the tools that speak to a running service. This package
// reads flags, builds the parts and connects them; it holds no rules.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the linker; see the Makefile.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run carries out one command line and gives the exit code: 0, 1 for an error,
// 2 for a command line that cannot be understood.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(usageError)):
		fmt.Fprintf(errOut, "suivi: %v\nTry: suivi --help\n", err)
		return 2
	}
	fmt.Fprintf(errOut, "suivi: %v\n", err)
	return 1
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "suivi",
		Short: "Suivi, the ticket tracker for support desks",
		Long: "Suivi is a ticket tracker for support desks. `suivi serve` starts it, with everything inside:\n" +
			"no server, no network. Every flag is also an environment variable: --listen is SUIVI_LISTEN.",
		Version:      version,
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return fromEnvironment(cmd, os.LookupEnv) },
		Args:              cobra.ArbitraryArgs, // so that we are the one who says what is wrong with them
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no command %q", args[0])}
			}
			return cmd.Help()
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newServeCommand(), newEventStoreCommand(), newImportCommand(), newAuditCommand(),
		newBackupCommand(), newRestoreCommand(), newProjectionsCommand(), newParkedCommand(), newBlobsCommand(), newUserCommand(), newTokenCommand(), newSecretCommand(),
		newDoctorCommand(), newBenchCommand())
	root.AddCommand(toolCommands()...)
	return root
}
