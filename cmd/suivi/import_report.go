package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration/helpdesk"
	"suivi/web"
)

// importReport accounts for every row of the file.
type importReport struct {
	File    string                      `json:"file"`
	Tracker domain.TrackerKey           `json:"tracker"`
	Plan    helpdesk.Tally              `json:"plan"`
	Steps   map[helpdesk.Kind]stepCount `json:"steps"`
	Now     map[tracker.State]int       `json:"now"` // the tracker's tickets by state, from GET /tickets/counts
	Seconds float64                     `json:"seconds"`
	Tickets map[string]domain.TicketID  `json:"tickets"` // by case
}

func newImportReport(key domain.TrackerKey, log *helpdesk.Log) *importReport {
	return &importReport{Tracker: key, Plan: helpdesk.Count(log)}
}

// steps is how many requests the whole log takes.
func (r *importReport) steps() int {
	sum := 0
	for _, n := range r.Plan.Steps {
		sum += n
	}
	return sum
}

// account fills in what was sent and what the service's lists show by now. It
// is an error when what was answered is not what the file asked for.
func (in *importer) account(ctx context.Context, r *importReport) error {
	in.mu.Lock()
	r.Steps, r.Tickets = in.sentBy, in.tickets
	last := in.last
	in.mu.Unlock()
	for kind, planned := range r.Plan.Steps {
		if sent := r.Steps[kind].Sent; sent != planned {
			return fmt.Errorf("of %d steps %q the service has answered %d", planned, kind, sent)
		}
	}
	if r.Plan.Rows != r.Plan.Changes+r.Plan.Kept {
		return fmt.Errorf("%d rows, but %d state changes and %d comments", r.Plan.Rows, r.Plan.Changes, r.Plan.Kept)
	}
	var now struct {
		States map[tracker.State]int `json:"states"`
	}
	_, err := in.client.do(ctx, call{
		method: http.MethodGet, path: "/tickets/counts", query: url.Values{"tracker": {string(in.key)}},
		headers: map[string]string{web.HeaderAfter: last.String()},
	}, &now)
	r.Now = now.States
	return err
}

func (r *importReport) write(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "%s → tracker %s, %v\n\n", r.File, r.Tracker, time.Duration(r.Seconds*float64(time.Second)).Round(time.Millisecond))
	fmt.Fprintf(table, "rows read\t%d\t\n", r.Plan.Rows)
	fmt.Fprintf(table, "= rows that change the state\t%d\t\n", r.Plan.Changes)
	fmt.Fprintf(table, "+ rows kept as comments\t%d\t\n\n", r.Plan.Kept)
	fmt.Fprintf(table, "\tin all\tnew\twere there already\t\n")
	for _, kind := range helpdesk.Kinds() {
		n := r.Steps[kind]
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t\n", stepName(kind), n.Sent, n.Sent-n.Again, n.Again)
	}
	fmt.Fprintf(table, "\nstate\tby the file\tin the tracker now\t\n")
	for _, state := range tracker.States() {
		if r.Plan.Final[state] != 0 || r.Now[state] != 0 {
			fmt.Fprintf(table, "%s\t%d\t%d\t\n", state, r.Plan.Final[state], r.Now[state])
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\nEvery row is accounted for: %d = %d + %d. %d changes of state name their activity in a comment.\n",
		r.Plan.Rows, r.Plan.Changes, r.Plan.Kept, r.Plan.Named)
	return err
}

func stepName(kind helpdesk.Kind) string {
	switch kind {
	case helpdesk.Post:
		return "tickets posted"
	case helpdesk.Edit:
		return "edits of answers"
	case helpdesk.Assign:
		return "assignments"
	case helpdesk.State:
		return "state changes"
	case helpdesk.Comment:
		return "comments kept"
	}
	return string(kind)
}

// writeJSON prints a report for programs.
func writeJSON(out io.Writer, report any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}
