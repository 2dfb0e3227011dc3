package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"suivi/integration/mirror"
)

func newMirrorProposeCommand(tool string) *cobra.Command {
	return mirrorWork("propose", "Propose how the mapping of a mirror might begin, and tell what there is to choose from",
		func(cmd *cobra.Command, c *client, tracker string, asJSON bool) error {
			var proposal mirror.Proposal
			path := "/trackers/" + url.PathEscape(tracker) + "/mirrors/" + tool + "/propose"
			if _, err := c.do(cmd.Context(), call{method: http.MethodPost, path: path}, &proposal); err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), proposal)
			}
			if err := writeJSON(cmd.OutOrStdout(), proposal.Mapping); err != nil {
				return err
			}
			return showChoices(cmd.OutOrStdout(), proposal.Choices)
		})
}

func showChoices(w io.Writer, choices map[string][]mirror.Choice) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nWHAT\tID\tNAME")
	words := make([]string, 0, len(choices))
	for word := range choices {
		words = append(words, word)
	}
	slices.Sort(words)
	for _, word := range words {
		for _, choice := range choices[word] {
			fmt.Fprintf(table, "%s\t%s\t%s\n", word, printable(choice.ID), printable(choice.Name))
		}
	}
	return table.Flush()
}
