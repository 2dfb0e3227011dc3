package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"suivi/integration"
)

func newSecretCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secret",
		Short: "Look after what a running service signs in with in other tools",
		Long: "Look after what a running service signs in with in other tools. A secret is kept under a name, for one site,\n" +
			"in the database of accounts. It is shown to nobody again; a mirror names it.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("secret cannot %q; there are: list, set, allow, remove", args[0])}
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newSecretListCommand(), newSecretSetCommand(), newSecretAllowCommand(), newSecretRemoveCommand())
	return cmd
}

func newSecretListCommand() *cobra.Command {
	var f clientFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Tell which secrets there are, for which site, and when they were set",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			var list struct {
				Secrets []integration.KeptSecret `json:"secrets"`
			}
			if err := c.get(cmd.Context(), "/admin/secrets", nil, &list); err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), list.Secrets)
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "NAME\tSITE\tTRACKERS\tSET\tBY")
			for _, s := range list.Secrets {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", s.Name, printable(s.Site), allowed(s), moment(s.SetAt), s.SetBy)
			}
			return table.Flush()
		},
	}
	f.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

func newSecretSetCommand() *cobra.Command {
	var f clientFlags
	var site string
	var trackers []string
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Keep a secret for a site; it is asked for, or read from the standard input",
		Args:  oneArg("the secret's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if site == "" {
				return usageError{errors.New("--site says to which site it may be sent, as in https://redmine.example.org")}
			}
			c, err := f.open()
			if err != nil {
				return err
			}
			value, err := newPassword(cmd)
			if err != nil {
				return err
			}
			var kept integration.KeptSecret
			body := map[string]any{"site": site, "value": value}
			if cmd.Flags().Changed("tracker") {
				body["trackers"] = trackers
			}
			if _, err := c.do(cmd.Context(), call{method: http.MethodPut, path: secretPath(args[0]), body: body}, &kept); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is kept for %s\n", kept.Name, printable(kept.Site))
			return nil
		},
	}
	f.addFlags(cmd.Flags())
	cmd.Flags().StringVar(&site, "site", "", "base URL of the site that it may be sent to")
	cmd.Flags().StringSliceVar(&trackers, "tracker", nil, "key of a tracker that may use it, again for each; without it as it was, at first any")
	return cmd
}

func newSecretAllowCommand() *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "allow NAME [TRACKER…]",
		Short: "Say which trackers may use a secret; none named: any. What may no longer use it waits",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("secret allow wants the secret's name, and the keys of the trackers")}
			}
			c, err := f.open()
			if err != nil {
				return err
			}
			var kept integration.KeptSecret
			body := map[string][]string{"trackers": append([]string{}, args[1:]...)}
			if _, err := c.do(cmd.Context(), call{method: http.MethodPatch, path: secretPath(args[0]), body: body}, &kept); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s may be used by %s\n", kept.Name, allowed(kept))
			return nil
		},
	}
	f.addFlags(cmd.Flags())
	return cmd
}

// allowed is which trackers may use the secret.
func allowed(s integration.KeptSecret) string {
	if len(s.Trackers) == 0 {
		return "any"
	}
	keys := make([]string, len(s.Trackers))
	for i, key := range s.Trackers {
		keys[i] = string(key)
	}
	return strings.Join(keys, ",")
}

func secretPath(name string) string { return "/admin/secrets/" + url.PathEscape(name) }

func newSecretRemoveCommand() *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Forget a secret; what needs it waits from then on",
		Args:  oneArg("the secret's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			_, err = c.do(cmd.Context(), call{method: http.MethodDelete, path: secretPath(args[0])}, nil)
			return err
		},
	}
	f.addFlags(cmd.Flags())
	return cmd
}
