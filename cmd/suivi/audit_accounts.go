package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"suivi/accounts"
	"suivi/domain"
)

// accountsFlags are the choices of an audit of the accounts.
type accountsFlags struct {
	auditFlags

	person, kind, source, from, to string
	limit                          int
}

func newAuditAccountsCommand() *cobra.Command {
	var f accountsFlags
	cmd := &cobra.Command{
		Use:   "accounts",
		Short: "Print what was done in the accounts, by whom and to whom, the last first",
		Long: "Print what was done in the accounts of a running service: people invited, changed and disabled, passwords, tokens, sign-ins,\n" +
			"secrets of tools, settings of the site. The last first. It is for administrators.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return auditAccounts(cmd, f) },
	}
	f.addFlags(cmd.Flags())
	flags := cmd.Flags()
	flags.StringVar(&f.person, "person", "", "only what this person did, or what was done to them: an e-mail address or an id")
	flags.StringVar(&f.kind, "kind", "", "only deeds of these kinds, with commas between, as in signed-in,sign-in-failed")
	flags.StringVar(&f.source, "source", "", "only what came this way: api, web, command-line or system")
	flags.StringVar(&f.from, "from", "", "only from this moment on: a day, or a time as in 2026-11-23T20:15:00Z")
	flags.StringVar(&f.to, "to", "", "only before this moment")
	flags.IntVar(&f.limit, "limit", 100, "how many at most")
	return cmd
}

// shownDeed is a deed as GET /admin/deeds tells it.
type shownDeed struct {
	ID     string            `json:"id"`
	At     time.Time         `json:"at"`
	Kind   accounts.DeedKind `json:"kind"`
	Person domain.UserID     `json:"person,omitempty"`
	By     domain.UserID     `json:"by,omitempty"`
	Via    domain.UserID     `json:"via,omitempty"`
	Token  string            `json:"token,omitempty"`
	Source domain.Source     `json:"source"`
	Times  int64             `json:"times"`
	About  accounts.About    `json:"about"`
	Words  string            `json:"words"`
}

func auditAccounts(cmd *cobra.Command, f accountsFlags) error {
	if f.limit < 1 {
		return usageError{fmt.Errorf("--limit wants a number from 1, not %d", f.limit)}
	}
	c, french, err := f.open()
	if err != nil {
		return err
	}
	query, err := f.query(cmd.Context(), c)
	if err != nil {
		return err
	}
	deeds, err := readDeeds(cmd.Context(), c, query, f.limit, french)
	if err != nil {
		return err
	}
	if f.asJSON {
		return writeJSON(cmd.OutOrStdout(), deeds)
	}
	people := map[domain.UserID]bool{}
	for _, d := range deeds {
		people[d.Person], people[d.By], people[d.Via] = true, true, true
	}
	delete(people, "")
	names, err := namesOf(cmd.Context(), c, people)
	if err != nil {
		return err
	}
	return writeDeeds(cmd.OutOrStdout(), deeds, names)
}

// query is what the flags ask for.
func (f accountsFlags) query(ctx context.Context, c *client) (url.Values, error) {
	query := url.Values{}
	for name, moment := range map[string]string{"from": f.from, "to": f.to} {
		if moment == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			at, err = time.Parse(time.DateOnly, moment)
		}
		if err != nil {
			return nil, usageError{fmt.Errorf("--%s wants a day or a time as in 2026-11-23T20:15:00Z, not %q", name, moment)}
		}
		query.Set(name, at.Format(time.RFC3339))
	}
	for name, text := range map[string]string{"kind": f.kind, "source": f.source, "person": f.person} {
		if text != "" {
			query.Set(name, text)
		}
	}
	if !strings.Contains(f.person, "@") {
		return query, nil
	}
	var found struct {
		People []struct {
			ID domain.UserID `json:"id"`
		} `json:"people"`
	}
	if err := c.get(ctx, "/people", url.Values{"email": {f.person}}, &found); err != nil {
		return nil, err
	}
	if len(found.People) == 0 {
		return nil, fmt.Errorf("nobody has the e-mail address %s", f.person)
	}
	query.Set("person", string(found.People[0].ID))
	return query, nil
}

func readDeeds(ctx context.Context, c *client, query url.Values, most int, french bool) ([]shownDeed, error) {
	language := map[bool]string{true: "fr", false: "en"}[french]
	deeds := []shownDeed{}
	for {
		query.Set("limit", strconv.Itoa(min(most-len(deeds), accounts.MaxPage)))
		var page struct {
			Deeds []shownDeed `json:"deeds"`
			Next  string      `json:"next"`
		}
		_, err := c.do(ctx, call{method: http.MethodGet, path: "/admin/deeds", query: query, headers: map[string]string{"Accept-Language": language}}, &page)
		if err != nil {
			return nil, err
		}
		deeds = append(deeds, page.Deeds...)
		if page.Next == "" || len(deeds) >= most {
			return deeds, nil
		}
		query.Set("cursor", page.Next)
	}
}

func writeDeeds(out io.Writer, deeds []shownDeed, names map[domain.UserID]string) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WHEN\tWHO\tWHOM\tWHAT")
	name := func(id domain.UserID, none string) string {
		switch {
		case id == "":
			return none
		case names[id] == "":
			return string(id)
		}
		return printable(names[id])
	}
	for _, d := range deeds {
		who := name(d.By, string(d.Source))
		if d.Via != "" {
			who += " (" + name(d.Via, "") + ")"
		}
		if d.Token != "" {
			who += " " + d.Token
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", moment(d.At), who, name(d.Person, "-"), printable(d.Words))
	}
	return table.Flush()
}
