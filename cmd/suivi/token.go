package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"suivi/accounts"
)

func newTokenCommand() *cobra.Command {
	cfg := config{logLevel: slog.LevelWarn}
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke API tokens",
		Long: "Make, list and revoke API tokens. It works on the accounts database itself, so it needs no token\n" +
			"and also helps who has lost the administrator's.",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cfg.addFlags(cmd.PersistentFlags())
	cmd.AddCommand(newTokenCreateCommand(&cfg), newTokenListCommand(&cfg), newTokenRevokeCommand(&cfg))
	return cmd
}

func newTokenCreateCommand(cfg *config) *cobra.Command {
	var email, label, scope string
	var expires time.Duration
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make a token for a person and print it; it is shown only this once",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAccounts(cmd.Context(), *cfg, func(people *accounts.Accounts) error {
				person, err := personOf(cmd.Context(), people, email)
				if err != nil {
					return err
				}
				var until time.Time
				if expires > 0 {
					until = time.Now().Add(expires)
				}
				plain, _, err := people.IssueToken(cmd.Context(), operator(), accounts.Token{Person: person.ID, Label: label, Scope: accounts.Scope(scope), ExpiresAt: until})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), plain)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&email, "email", "", "e-mail address of the person (default: the first administrator)")
	cmd.Flags().StringVar(&label, "label", "command line", "what the token is for")
	cmd.Flags().StringVar(&scope, "scope", string(accounts.ScopeAdmin), "what it is good for: read, write (no administration) or admin (all that the person may)")
	cmd.Flags().DurationVar(&expires, "expires", 0, "how long it is valid, as in 720h (0: until revoked)")
	return cmd
}

func newTokenListCommand(cfg *config) *cobra.Command {
	var email string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List a person's tokens",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAccounts(cmd.Context(), *cfg, func(people *accounts.Accounts) error {
				person, err := personOf(cmd.Context(), people, email)
				if err != nil {
					return err
				}
				tokens, err := people.Tokens(cmd.Context(), person.ID)
				if err != nil {
					return err
				}
				table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(table, "ID\tLABEL\tSCOPE\tCREATED\tEXPIRES\tLAST USED")
				for _, t := range tokens {
					fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Label, t.Scope, day(t.CreatedAt), day(t.ExpiresAt), day(t.LastUsedAt))
				}
				return table.Flush()
			})
		},
	}
	cmd.Flags().StringVar(&email, "email", "", "e-mail address of the person (default: the first administrator)")
	return cmd
}

// day writes a time for a table; "-" for none.
func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}

func newTokenRevokeCommand(cfg *config) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID",
		Short: "End a token, at the latest one second from now",
		Args:  oneArg("the token's id, as `suivi token list` shows it"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAccounts(cmd.Context(), *cfg, func(people *accounts.Accounts) error {
				return people.RevokeToken(cmd.Context(), operator(), args[0])
			})
		},
	}
}

// personOf finds who has the e-mail address; "": the first administrator.
func personOf(ctx context.Context, people *accounts.Accounts, email string) (accounts.Person, error) {
	if email == "" {
		return people.Administrator(ctx)
	}
	return people.ByEmail(ctx, email)
}

func withAccounts(ctx context.Context, cfg config, do func(*accounts.Accounts) error) error {
	if err := cfg.check(); err != nil {
		return err
	}
	db, err := openAccountsDB(ctx, cfg, cfg.logger())
	if err != nil {
		return err
	}
	people, err := accounts.Open(ctx, db)
	if err == nil {
		err = do(people)
	}
	return errors.Join(err, db.Close())
}
