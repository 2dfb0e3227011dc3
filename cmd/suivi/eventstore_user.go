package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"suivi/eventstore/embedded"
)

// userTimeout bounds one command on users.
const userTimeout = 30 * time.Second

func newEventStoreUserCommand() *cobra.Command {
	cfg := config{logLevel: slog.LevelWarn}
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Manage the users of an embedded event store that is served with --auth",
		Long: "Manage the users of an embedded event store that is served with --auth.\n\n" +
			"With --data it works on the store in that folder. While the store is served it asks the server, as the\n" +
			"user admin with the password in " + adminPasswordVariable + " or in DATA/eventstore-admin.password.\n" +
			"While it is not, it needs no password, and so also helps who has lost the administrator's.\n" +
			"With --eventstore it works on a server elsewhere, with the login and password of the connection string.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := cmd.PersistentFlags()
	flags.StringVar(&cfg.data, "data", "./data", "folder of the event store")
	flags.StringVar(&cfg.eventStore, "eventstore", "", "esdb://ADMIN:PASSWORD@HOST:PORT?tlsCaFile=FILE of a server elsewhere")
	cmd.AddCommand(newUserAddCommand(&cfg), newUserPasswordCommand(&cfg), newUserListCommand(&cfg),
		newUserChangeCommand(&cfg, "enable", "Let a user in again", (*embedded.Users).Enable),
		newUserChangeCommand(&cfg, "disable", "Keep a user out from the next call on", (*embedded.Users).Disable),
		newUserChangeCommand(&cfg, "delete", "End a user; the name can be taken anew", (*embedded.Users).Delete))
	return cmd
}

func newUserAddCommand(cfg *config) *cobra.Command {
	var name string
	var groups []string
	cmd := &cobra.Command{
		Use:   "add LOGIN",
		Short: "Make a user; the password is asked for, or read from the standard input",
		Args:  oneArg("the login of the new user"),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := newPassword(cmd)
			if err != nil {
				return err
			}
			user := embedded.User{Login: args[0], FullName: name, Groups: groups}
			return withUsers(cmd, *cfg, func(ctx context.Context, users *embedded.Users) error { return users.Add(ctx, user, password) })
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "full name")
	cmd.Flags().StringSliceVar(&groups, "group", nil, "group that the user is in; $admins may do everything, $ops operates the server")
	return cmd
}

func newUserPasswordCommand(cfg *config) *cobra.Command {
	return &cobra.Command{
		Use:   "password LOGIN",
		Short: "Give a user another password; it is asked for, or read from the standard input",
		Args:  oneArg("the user's login"),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := newPassword(cmd)
			if err != nil {
				return err
			}
			err = withUsers(cmd, *cfg, func(ctx context.Context, users *embedded.Users) error {
				return users.SetPassword(ctx, args[0], password)
			})
			if err != nil || cfg.eventStore != "" {
				return err
			}
			return forgetPassword(cmd.OutOrStdout(), cfg.passwordFile(args[0]))
		},
	}
}

// forgetPassword removes the file of a first password, which is of no more use.
func forgetPassword(out io.Writer, file string) error {
	if _, there := readLine(file); !there {
		return nil
	}
	if err := os.Remove(file); err != nil {
		return fmt.Errorf("remove the old password: %w", err)
	}
	fmt.Fprintf(out, "removed %s: the password in it is the old one\n", file)
	return nil
}

func newUserChangeCommand(cfg *config, verb, short string, change func(*embedded.Users, context.Context, string) error) *cobra.Command {
	return &cobra.Command{
		Use:   verb + " LOGIN",
		Short: short,
		Args:  oneArg("the user's login"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withUsers(cmd, *cfg, func(ctx context.Context, users *embedded.Users) error { return change(users, ctx, args[0]) })
		},
	}
}

func newUserListCommand(cfg *config) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the users",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withUsers(cmd, *cfg, func(ctx context.Context, users *embedded.Users) error {
				all, err := users.List(ctx)
				if err != nil {
					return err
				}
				table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(table, "LOGIN\tNAME\tGROUPS\tSTATE")
				for _, u := range all {
					state := "enabled"
					if u.Disabled {
						state = "disabled"
					}
					fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", u.Login, u.FullName, strings.Join(u.Groups, ","), state)
				}
				return table.Flush()
			})
		},
	}
}

// withUsers connects to the server that the flags name, or opens the store itself
// when none serves it.
func withUsers(cmd *cobra.Command, cfg config, do func(context.Context, *embedded.Users) error) error {
	ctx, cancel := context.WithTimeout(cmd.Context(), userTimeout)
	defer cancel()
	if err := cfg.check(); err != nil {
		return err
	}
	if cfg.eventStore != "" {
		return withConnection(ctx, cfg.eventStore, do)
	}
	if _, err := os.Stat(cfg.eventsFile()); err != nil {
		return fmt.Errorf("there is no event store in %s: %w; name its folder with --data", cfg.data, err)
	}
	cfg.access = storeAccess{auth: true, tls: true}
	server, err := embedded.Open(ctx, cfg.embeddedConfig("127.0.0.1:0", cfg.logger()))
	if err != nil {
		connection, running := readLine(cfg.storeFile())
		if !running {
			return fmt.Errorf("%w; if it is served there, it is without --auth and has no users", err)
		}
		return withRunning(ctx, cfg, connection, do)
	}
	return errors.Join(withConnection(ctx, server.OwnConnectionString(), do), server.Close())
}

// withRunning asks the server on this machine as its administrator.
func withRunning(ctx context.Context, cfg config, connection string, do func(context.Context, *embedded.Users) error) error {
	password := os.Getenv(adminPasswordVariable)
	if password == "" {
		var ok bool
		if password, ok = readLine(cfg.passwordFile(embedded.AdminLogin)); !ok {
			return fmt.Errorf("the administrator's password is not in %s: put it in %s, or stop the server and try again",
				cfg.passwordFile(embedded.AdminLogin), adminPasswordVariable)
		}
	}
	at, err := url.Parse(connection)
	if err != nil {
		return fmt.Errorf("read %s: %w", cfg.storeFile(), err)
	}
	at.User = url.UserPassword(embedded.AdminLogin, password)
	return withConnection(ctx, at.String(), do)
}

func withConnection(ctx context.Context, connection string, do func(context.Context, *embedded.Users) error) error {
	users, err := embedded.OpenUsers(connection)
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, users), users.Close())
}

// newPassword asks twice on a terminal and reads one line elsewhere, so that no
// process list shows it.
func newPassword(cmd *cobra.Command) (string, error) {
	in, isFile := cmd.InOrStdin().(*os.File)
	if !isFile || !isTerminal(in) {
		return firstLine(cmd.InOrStdin())
	}
	var typed [2]string
	for i, prompt := range []string{"New password: ", "Again: "} {
		fmt.Fprint(cmd.ErrOrStderr(), prompt)
		text, err := term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(cmd.ErrOrStderr())
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		typed[i] = string(text)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two passwords are not the same; nothing was changed")
	}
	return typed[0], nil
}

func firstLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, 1<<16)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New("the password is read from the standard input, which has none")
	}
	return line, nil
}
