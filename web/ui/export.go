package ui

import (
	"context"
	"time"

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
	_, around, err := p.frame("", "")
	if err != nil {
		return err
	}
	query, err := a.reads()
	if err != nil {
		return err
	}
	layout := readapi.Layout{Cells: func(ctx context.Context, tickets []readapi.Listed) ([][]string, error) {
		rows, err := p.rows(ctx, tickets, in, around)
		if err != nil {
			return nil, err
		}
		table := make([][]string, len(rows))
		for i, r := range rows {
			table[i] = []string{string(r.ID), r.Summary, r.State.Label}
			table[i] = append(table[i], r.Cells...)
			table[i] = append(table[i], r.Assignee.Name, tickets[i].UpdatedAt.In(p.zone).Format(time.DateTime))
		}
		return table, nil
	}}
	for _, c := range a.columns(in) {
		if c.Name != "rank" {
			layout.Head = append(layout.Head, c.Label)
		}
	}
	export, err := p.cfg.Reads.Export(p.ctx(), p.actor(), query, layout)
	if err != nil {
		return err
	}
	return p.cfg.Export(p.c, export)
}
