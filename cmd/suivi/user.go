package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"suivi/accounts"
	"suivi/domain"
)

func newUserCommand() *cobra.Command {
	cfg := config{logLevel: slog.LevelWarn}
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Add, list, disable and invite people, and set their passwords",
		Long: "Add, list, disable and invite people, and set their passwords. It works on the accounts database\n" +
			"itself, so it needs no token and also helps when no administrator can sign in.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cfg.addFlags(cmd.PersistentFlags())
	cmd.AddCommand(newPersonAddCommand(&cfg), newPersonListCommand(&cfg),
		newPersonDisableCommand(&cfg, "disable", "Sign a person out everywhere, end their tokens, and let them in no more", true),
		newPersonDisableCommand(&cfg, "enable", "Let a person in again; they sign in anew", false),
		newPersonPasswordCommand(&cfg), newPersonInviteCommand(&cfg))
	return cmd
}

// personFlags are what is said of a new person.
func personFlags(cmd *cobra.Command, p *accounts.Person) {
	flags := cmd.Flags()
	flags.StringVar(&p.Name, "name", "", "name (default: the e-mail address)")
	flags.StringVar(&p.Language, "language", "", "fr or en (default: their browser's)")
	flags.StringVar(&p.TimeZone, "time-zone", "", "as in Europe/Paris (default: UTC)")
	flags.BoolVar(&p.Admin, "admin", false, "makes them an administrator of the whole site")
}

// operator is who works on the databases themselves.
func operator() domain.By { return domain.By{Source: domain.SourceCommandLine} }

func named(p accounts.Person, email string) accounts.Person {
	p.Email = email
	if p.Name == "" {
		p.Name = email
	}
	return p
}

func newPersonAddCommand(cfg *config) *cobra.Command {
	var p accounts.Person
	cmd := &cobra.Command{
		Use:   "add EMAIL",
		Short: "Make an account and print its id; `user password`, `user invite` or `token create` let its person in",
		Args:  oneArg("the e-mail address of the new person"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAccounts(cmd.Context(), *cfg, func(people *accounts.Accounts) error {
				made, err := people.Create(cmd.Context(), operator(), named(p, args[0]))
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), made.ID)
				return err
			})
		},
	}
	personFlags(cmd, &p)
	return cmd
}

func newPersonListCommand(cfg *config) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List all people",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAccounts(cmd.Context(), *cfg, func(people *accounts.Accounts) error {
				return listPeople(cmd.Context(), people, cmd.OutOrStdout())
			})
		},
	}
}

func listPeople(ctx context.Context, people *accounts.Accounts, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tE-MAIL\tNAME\tADMIN\tSIGNS IN\tSINCE")
	page, err := people.People(ctx, "", accounts.MaxPage)
	for err == nil && len(page) > 0 {
		for _, p := range page {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", p.ID, p.Email, p.Name, yes(p.Admin), signsIn(p), day(p.CreatedAt))
		}
		page, err = people.People(ctx, page[len(page)-1].ID, accounts.MaxPage)
	}
	if err != nil {
		return err
	}
	return table.Flush()
}

func yes(so bool) string {
	if so {
		return "yes"
	}
	return "-"
}

func signsIn(p accounts.Person) string {
	switch {
	case p.Disabled:
		return "disabled"
	case p.HasPassword:
		return "password"
	}
	return "-"
}

func newPersonDisableCommand(cfg *config, verb, short string, disabled bool) *cobra.Command {
	return &cobra.Command{
		Use:   verb + " EMAIL",
		Short: short,
		Args:  oneArg("the person's e-mail address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withPerson(cmd, *cfg, args[0], func(people *accounts.Accounts, p accounts.Person) error {
				_, err := people.UpdatePerson(cmd.Context(), operator(), p.ID, accounts.Changes{Disabled: &disabled})
				return err
			})
		},
	}
}

func newPersonPasswordCommand(cfg *config) *cobra.Command {
	return &cobra.Command{
		Use:   "password EMAIL",
		Short: "Give a person another password; it is asked for, or read from the standard input",
		Args:  oneArg("the person's e-mail address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withPerson(cmd, *cfg, args[0], func(people *accounts.Accounts, p accounts.Person) error {
				password, err := newPassword(cmd)
				if err != nil {
					return err
				}
				return people.ReplacePassword(cmd.Context(), operator(), p.ID, password)
			})
		},
	}
}

func newPersonInviteCommand(cfg *config) *cobra.Command {
	var p accounts.Person
	cmd := &cobra.Command{
		Use:   "invite EMAIL",
		Short: "Print the secret of a link by which a person gives themselves a password",
		Long: "Print the secret of a link by which a person gives themselves a password. Who has no account gets\n" +
			"one. The secret is shown only this once, good once, and ends the one before it.",
		Args: oneArg("the person's e-mail address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAccounts(cmd.Context(), *cfg, func(people *accounts.Accounts) error {
				there, err := people.ByEmail(cmd.Context(), args[0])
				if domain.KindOf(err) == domain.NotFound {
					there, err = named(p, args[0]), nil
				}
				if err != nil {
					return err
				}
				invitation, secret, err := people.Invite(cmd.Context(), operator(), there)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.ErrOrStderr(), "For %s, good until %s:\n", invitation.Person.Email, invitation.ExpiresAt.Local().Format(time.DateTime))
				_, err = fmt.Fprintln(cmd.OutOrStdout(), secret)
				return err
			})
		},
	}
	personFlags(cmd, &p)
	return cmd
}

func withPerson(cmd *cobra.Command, cfg config, email string, do func(*accounts.Accounts, accounts.Person) error) error {
	return withAccounts(cmd.Context(), cfg, func(people *accounts.Accounts) error {
		p, err := people.ByEmail(cmd.Context(), email)
		if err != nil {
			return err
		}
		return do(people, p)
	})
}
