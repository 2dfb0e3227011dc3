package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// benchReport is all that a bench has found.
type benchReport struct {
	At       time.Time   `json:"at"`
	Machine  machine     `json:"machine"`
	Service  string      `json:"service"`
	Ceilings []load      `json:"ceilings"`
	Posts    []load      `json:"posts"`
	Tickets  int         `json:"tickets"`  // when lists were measured
	CaughtUp float64     `json:"caughtUp"` // seconds from the last of many posts until the read models had all
	Lists    []load      `json:"lists"`
	Pages    []load      `json:"pages"`
	Visible  []load      `json:"visible"` // from the answer of a post until it is in the list
	Rebuilds []rebuilt   `json:"rebuilds"`
	Memory   []memoryNow `json:"memory"`
}

// rebuilt is one projection built anew.
type rebuilt struct {
	Name      string  `json:"name"`
	Events    int64   `json:"events"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"perSecond"`
}

// memoryNow is the service's memory at some moment.
type memoryNow struct {
	When  string `json:"when"`
	Bytes uint64 `json:"bytes"`
}

func (r *benchReport) write(out io.Writer) error {
	m := r.Machine
	fmt.Fprintf(out, "%s, %d cores, %.1f GiB, %s, %s, %s\n", m.CPU, m.Cores, float64(m.Memory)/(1<<30), m.Disk, m.System, m.Go)
	fmt.Fprintf(out, "%s, %s\n\n", r.Service, r.At.Format(time.RFC3339))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WHAT\tCLIENTS\t/S\tP50 MS\tP99 MS\tMAX MS\tFAILED")
	section := func(name string, loads []load) {
		if len(loads) > 0 {
			fmt.Fprintf(table, "%s\t\t\t\t\t\t\n", name)
		}
		for _, l := range loads {
			fmt.Fprintf(table, "  %s\t%d\t%.0f\t%.2f\t%.2f\t%.2f\t%d\n", l.What, l.Clients, l.PerSecond, l.P50, l.P99, l.Max, l.Failed)
		}
	}
	section("Ceilings of this machine", r.Ceilings)
	section("Posts, durable when answered", r.Posts)
	section(fmt.Sprintf("Lists, with %d tickets", r.Tickets), r.Lists)
	section("Pages, to the last byte, for who may see all", r.Pages)
	section("From a post's answer until it shows, under 100 posts/s", r.Visible)
	if err := table.Flush(); err != nil {
		return err
	}
	return r.writeRest(out)
}

func (r *benchReport) writeRest(out io.Writer) error {
	if r.CaughtUp > 0 {
		fmt.Fprintf(out, "\nRead models had all tickets %.2f s after the last post.\n", r.CaughtUp)
	}
	for _, b := range r.Rebuilds {
		fmt.Fprintf(out, "Rebuild of %s: %d events in %.2f s, %.0f events/s.\n", b.Name, b.Events, b.Seconds, b.PerSecond)
	}
	for _, m := range r.Memory {
		fmt.Fprintf(out, "Memory of the service %s: %.0f MiB.\n", m.When, float64(m.Bytes)/(1<<20))
	}
	_, err := fmt.Fprintln(out)
	return err
}
