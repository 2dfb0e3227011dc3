package readapi

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// columns reads the parameter "fields": the codes of the fields that are wanted
// as columns, parted by commas. A code that no field has is an empty column.
func (p *params) columns() []string {
	text, given := p.take("fields")
	if !given {
		return nil
	}
	codes := []string{}
	for code := range strings.SplitSeq(text, ",") {
		switch {
		case text == "":
		case !fieldCode.MatchString(code):
			p.add("fields", "bad-code", "codes of fields, as in room,kind")
		default:
			codes = append(codes, code)
		}
	}
	return codes
}

// fillColumns makes rows of the tickets: with their columns, and without the answers that
// the asker may not see.
func (a *API) fillColumns(ctx context.Context, actor domain.Actor, columns []string, tickets []ticket.Ticket) ([]Listed, error) {
	trackers, err := a.trackersOf(ctx, tickets)
	if err != nil {
		return nil, err
	}
	rows := make([]Listed, len(tickets))
	for i, t := range tickets {
		in := *trackers[t.Tracker]
		rows[i] = newListed(t.SeenAs(actor, in), in, columns)
	}
	return rows, nil
}

// trackersOf are the trackers that the tickets are in. It takes no actor: whoever
// sees a ticket obeys its tracker.
func (a *API) trackersOf(ctx context.Context, tickets []ticket.Ticket) (map[domain.TrackerKey]*tracker.Tracker, error) {
	trackers := map[domain.TrackerKey]*tracker.Tracker{}
	for _, t := range tickets {
		trackers[t.Tracker] = &tracker.Tracker{}
	}
	if len(trackers) == 0 {
		return trackers, nil
	}
	s := &statement{}
	s.add("SELECT k.key, k.document, k.version FROM trackers k WHERE k.key IN (''")
	for key := range trackers {
		s.add(", $n", key)
	}
	s.add(") LIMIT $n", len(trackers))
	var found []struct {
		Key domain.TrackerKey `db:"key"`
		trackerRow
	}
	if err := a.db.Read.SelectContext(ctx, &found, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("read the trackers of a list: %w", err)
	}
	for _, row := range found {
		t, err := a.trackerIn(row.trackerRow)
		if err != nil {
			return nil, err
		}
		trackers[row.Key] = &t
	}
	return trackers, a.whole(ctx, slices.Collect(maps.Values(trackers))...)
}

// newListed is the ticket in a list, with the answers that are columns in the tracker.
func newListed(t ticket.Ticket, in tracker.Tracker, columns []string) Listed {
	row := Listed{Ticket: t, Answers: map[string]string{}}
	for _, f := range in.Fields {
		answer, answered := t.Answers[f.Code]
		if answered && f.Listable && f.Type != tracker.Textarea && (columns == nil || slices.Contains(columns, f.Code)) {
			row.Answers[f.Code] = answer
		}
	}
	return row
}
