package readapi

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
)

// TimesReport is how long the tickets asked for took.
type TimesReport struct {
	// Response is from the report to the first comment, or change of state, by somebody
	// else than the reporter. That somebody has seen the ticket, which opens it, is no response.
	Response Spread `json:"response"`
	// Resolve is from the report to when the ticket became resolved for the last time, of
	// those that are resolved now.
	Resolve Spread `json:"resolve"`
	// Age is from the report to now, of those that are open.
	Age Spread `json:"age"`
	// States are how long tickets stayed in a state before they left it, each stay by itself.
	States map[tracker.State]Spread `json:"states"` // those that no ticket has left are left out
}

// Spread is of so many durations the median and the 90th percentile, in whole
// seconds: the smallest one that half of them, or nine in ten, do not exceed.
type Spread struct {
	N      int64 `json:"n"`
	Median int64 `json:"median"`
	P90    int64 `json:"p90"`
}

// Times answers the parameters of GET /reports/times, but for "saved".
func (a *API) Times(ctx context.Context, actor domain.Actor, query url.Values, now time.Time) (TimesReport, error) {
	return a.timesOf(ctx, actor, given(actor, query, filterParams()), now)
}

func (a *API) timesOf(ctx context.Context, actor domain.Actor, p *params, now time.Time) (TimesReport, error) {
	report := TimesReport{States: map[tracker.State]Spread{}}
	f := p.filter(allLists)
	if err := p.err(); err != nil {
		return report, err
	}
	rows, known, err := a.spreadsKept(ctx, actor, f, now)
	if err == nil && !known {
		rows, err = a.spreadsRead(ctx, actor, f, now)
	}
	if err != nil {
		return report, fmt.Errorf("measure times: %w", err)
	}
	for _, row := range rows {
		spread := Spread{row.N, max(row.Median, 0), max(row.P90, 0)} // imported clocks may run backwards
		switch row.Of {
		case ofResponse:
			report.Response = spread
		case ofResolve:
			report.Resolve = spread
		case ofAge:
			report.Age = spread
		default:
			report.States[tracker.State(row.Of)] = spread
		}
	}
	return report, nil
}

// spreadRow is the spread of what has lasted.
type spreadRow struct {
	Of             string
	N, Median, P90 int64
}

// spreadsRead measures by reading all durations of the tickets asked for.
func (a *API) spreadsRead(ctx context.Context, actor domain.Actor, f filter, now time.Time) ([]spreadRow, error) {
	by, err := a.seeing(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	s := by.statement()
	durations(s, f, actor, by.few)
	rows, err := a.db.Read.QueryxContext(ctx, s.text.String(), s.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	lasted := map[string][]int64{}
	for rows.Next() {
		var of string
		var seconds int64
		if err := rows.Scan(&of, &seconds); err != nil {
			return nil, err
		}
		lasted[of] = append(lasted[of], seconds)
	}
	for i, reported := range lasted[ofAge] {
		lasted[ofAge][i] = now.Unix() - reported
	}
	var spreads []spreadRow
	for of, all := range lasted {
		slices.Sort(all)
		n := int64(len(all))
		spreads = append(spreads, spreadRow{of, n, all[(n+1)/2-1], all[(9*n+9)/10-1]})
	}
	return spreads, rows.Err()
}

// What is measured, beside stays in states.
const (
	ofResponse = "*response"
	ofResolve  = "*resolve"
	ofAge      = "*age"
)

// durations reads how long what has lasted that is over, of the tickets that the filter asks for; of those that are open when
// they were reported, as *age.
func durations(s *statement, f filter, actor domain.Actor, few []any) {
	s.add("WITH seen AS (SELECT t.id, t.list, t.reported_at")
	f.visible(s, actor, few)
	// CROSS JOIN as in visible.go.
	s.add(") SELECT d.what, d.seconds FROM seen CROSS JOIN durations d WHERE d.ticket = seen.id")
	s.add("UNION ALL SELECT $n, "+s.dialect.Epoch("reported_at")+" FROM seen WHERE list = $n LIMIT $n", ofAge, tracker.OpenList, mostDurations)
}

// mostDurations is more than any site has.
const mostDurations = 100_000_000
