package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

func newAuditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Show how something was, and what has happened to it",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no audit of %q; there are: ticket, accounts, verify, checkpoint", args[0])}
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newAuditTicketCommand(), newAuditAccountsCommand(), newAuditVerifyCommand(), newAuditCheckpointCommand())
	return cmd
}

// auditFlags are the choices of every audit.
type auditFlags struct {
	clientFlags
	lang   string
	asJSON bool
}

func (f *auditFlags) addFlags(flags *pflag.FlagSet) {
	f.clientFlags.addFlags(flags)
	flags.StringVar(&f.lang, "lang", "", "fr or en (default: as LC_ALL, LC_MESSAGES or LANG say)")
	flags.BoolVar(&f.asJSON, "json", false, "print it as JSON")
}

// open makes the client, and tells whether it is to speak French.
func (f *auditFlags) open() (c *client, french bool, err error) {
	if french, err = speaksFrench(f.lang, os.LookupEnv); err != nil {
		return nil, false, err
	}
	c, err = f.clientFlags.open()
	return c, french, err
}

// ticketFlags are the choices of an audit of a ticket.
type ticketFlags struct {
	auditFlags

	at string
}

func newAuditTicketCommand() *cobra.Command {
	var f ticketFlags
	cmd := &cobra.Command{
		Use:   "ticket ID",
		Short: "Print a ticket as it is or was, and its history up to then",
		Args:  oneArg("the id of a ticket, as in HELP-12"),
		RunE:  func(cmd *cobra.Command, args []string) error { return auditTicket(cmd, f, args[0]) },
	}
	f.addFlags(cmd.Flags())
	cmd.Flags().StringVar(&f.at, "at", "", "the moment: a time as in 2026-11-23T20:15:00Z, or a version number (default: now)")
	return cmd
}

func auditTicket(cmd *cobra.Command, f ticketFlags, text string) error {
	id, err := domain.ParseTicketID(text)
	if err != nil {
		return usageError{fmt.Errorf("%q is not the id of a ticket, as in HELP-12", text)}
	}
	if err := checkMoment(f.at); err != nil {
		return err
	}
	c, french, err := f.open()
	if err != nil {
		return err
	}
	a, err := readAudit(cmd.Context(), c, id, f.at, french)
	if err != nil {
		return err
	}
	if f.asJSON {
		return writeJSON(cmd.OutOrStdout(), a)
	}
	return a.write(cmd.OutOrStdout(), french)
}

func checkMoment(at string) error {
	if at == "" {
		return nil
	}
	version, err := strconv.ParseUint(at, 10, 64)
	if err == nil && version > 0 {
		return nil
	}
	if _, err := time.Parse(time.RFC3339, at); err != nil {
		return usageError{fmt.Errorf("--at wants a time as in 2026-11-23T20:15:00Z, or a version from 1, not %q", at)}
	}
	return nil
}

// speaksFrench chooses the language as POSIX says: LC_ALL before LC_MESSAGES before LANG.
func speaksFrench(lang string, lookup func(string) (string, bool)) (bool, error) {
	switch lang {
	case "fr", "en":
		return lang == "fr", nil
	case "":
	default:
		return false, usageError{fmt.Errorf("--lang wants fr or en, not %q", lang)}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value, _ := lookup(name); value != "" {
			return strings.HasPrefix(strings.ToLower(value), "fr"), nil
		}
	}
	return false, nil
}

// audit is what is told of a ticket.
type audit struct {
	Ticket  ticket.Ticket            `json:"ticket"`
	History []auditEntry             `json:"history"`
	People  map[domain.UserID]string `json:"people"` // names, as far as the asker may know them
	tracker tracker.Tracker
	latest  uint64 // version of the ticket now
}

// readAudit asks for the ticket at the moment and for what made it so.
func readAudit(ctx context.Context, c *client, id domain.TicketID, at string, french bool) (*audit, error) {
	a := &audit{}
	query := url.Values{}
	if at != "" {
		query.Set("at", at)
	}
	if err := c.get(ctx, "/tickets/"+string(id), query, &a.Ticket); err != nil {
		return nil, err
	}
	if err := a.readHistory(ctx, c, id, french); err != nil {
		return nil, err
	}
	if err := c.get(ctx, "/trackers/"+string(a.Ticket.Tracker), nil, &a.tracker); err != nil {
		return nil, err
	}
	names, err := namesOf(ctx, c, a.mentioned())
	a.People = names
	return a, err
}

// readHistory keeps the events up to the ticket's version: those that made it what is shown.
func (a *audit) readHistory(ctx context.Context, c *client, id domain.TicketID, french bool) error {
	language := map[bool]string{true: "fr", false: "en"}[french]
	query := url.Values{"limit": {"200"}}
	for {
		var page struct {
			History []auditEntry `json:"history"`
			Next    string       `json:"next"`
		}
		_, err := c.do(ctx, call{
			method: http.MethodGet, path: "/tickets/" + string(id) + "/history", query: query,
			headers: map[string]string{"Accept-Language": language},
		}, &page)
		if err != nil {
			return err
		}
		a.History = append(a.History, page.History...)
		if page.Next == "" {
			break
		}
		query.Set("cursor", page.Next)
	}
	if n := len(a.History); n > 0 {
		a.latest = a.History[n-1].Version
	}
	a.History = slices.DeleteFunc(a.History, func(e auditEntry) bool { return e.Version > a.Ticket.Version })
	return nil
}

// namesOf finds the names of people. Only administrators may know them; the others see ids.
func namesOf(ctx context.Context, c *client, missing map[domain.UserID]bool) (map[domain.UserID]string, error) {
	names := map[domain.UserID]string{}
	query := url.Values{"limit": {"200"}}
	for len(missing) > 0 {
		var page struct {
			People []struct {
				ID   domain.UserID `json:"id"`
				Name string        `json:"name"`
			} `json:"people"`
			Next string `json:"next"`
		}
		err := c.get(ctx, "/people", query, &page)
		if hasCode(err, "admin-only") {
			return names, nil
		}
		if err != nil {
			return nil, err
		}
		for _, p := range page.People {
			if missing[p.ID] {
				names[p.ID] = p.Name
				delete(missing, p.ID)
			}
		}
		if page.Next == "" {
			break
		}
		query.Set("cursor", page.Next)
	}
	return names, nil
}
