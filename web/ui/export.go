package ui

import (
	"context"
	"slices"

	"suivi/domain"
	"suivi/readapi"
)

// exportList answers GET …/tickets.csv: the list of the address with the columns that
// its page has, in words, on one table.
func exportList(p *page) error {
	key := domain.TrackerKey(p.path("key"))
	a := p.asked(key)
	a.query.Del("cursor")
	in, err := p.listTracker(key)
	if err != nil {
		return err
	}
	frame, around, err := p.frame("", "")
	if err != nil {
		return err
	}
	query, err := a.reads()
	if err != nil {
		return err
	}
	columns, _, err := a.columnsOf(in, around, frame.Queries)
	if err != nil {
		return err
	}
	columns = slices.DeleteFunc(columns, func(c column) bool { return c.Name == "rank" })
	layout := readapi.Layout{Cells: func(ctx context.Context, tickets []readapi.Listed) ([][]string, error) {
		rows, err := p.rows(ctx, tickets, in, around, columns)
		if err != nil {
			return nil, err
		}
		table := make([][]string, len(rows))
		for i, r := range rows {
			table[i] = []string{string(r.ID), r.Summary}
			for _, c := range r.Cells {
				table[i] = append(table[i], c.text(tickets[i], p.zone))
			}
		}
		return table, nil
	}}
	for _, c := range columns {
		layout.Head = append(layout.Head, c.Label)
	}
	export, err := p.cfg.Reads.Export(p.ctx(), p.actor(), query, layout)
	if err != nil {
		return err
	}
	return p.cfg.Export(p.c, export)
}
