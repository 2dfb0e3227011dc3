package readapi

import (
	"context"
	"fmt"
	"net/url"
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
	Of     string `db:"of_what"`
	N      int64  `db:"n"`
	Median int64  `db:"median"`
	P90    int64  `db:"p90"`
}

// spreadsRead measures by reading.
func (a *API) spreadsRead(ctx context.Context, actor domain.Actor, f filter, now time.Time) ([]spreadRow, error) {
	by, err := a.seeing(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	s := by.statement()
	seenLives(s, f, actor, by.few)
	s.add(spreadsHead)
	durations(s, now)
	s.add(") d) p GROUP BY of_what LIMIT $n", len(tracker.States())+3)
	var rows []spreadRow
	err = a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...)
	return rows, err
}

// What is measured, beside stays in states.
const (
	ofResponse = "*response"
	ofResolve  = "*resolve"
	ofAge      = "*age"
)

// spreadsHead takes the percentiles of durations that are numbered by size.
const spreadsHead = `SELECT of_what, MAX(n) AS n, MAX(CASE WHEN place = (n + 1) / 2 THEN seconds END) AS median,
	MAX(CASE WHEN place = (9 * n + 9) / 10 THEN seconds END) AS p90 FROM (
SELECT of_what, seconds, ROW_NUMBER() OVER (PARTITION BY of_what ORDER BY seconds) AS place, COUNT(*) OVER (PARTITION BY of_what) AS n FROM (`

// seenLives names the tickets whose durations are asked for.
func seenLives(s *statement, f filter, actor domain.Actor, few []any) {
	s.add("WITH seen AS (SELECT t.id, t.list, t.reporter, t.reported_at")
	f.visible(s, actor, few)
	s.add(")")
}

// durations are all that has lasted of the tickets that are seen.
func durations(s *statement, now time.Time) {
	epoch := s.dialect.Epoch
	s.add("SELECT $n AS of_what, first - "+epoch("reported_at")+" AS seconds FROM (", ofResponse)
	firstResponses(s)
	s.add(") r WHERE first IS NOT NULL UNION ALL SELECT $n, last - "+epoch("reported_at")+" FROM (SELECT seen.reported_at, (", ofResolve)
	s.add("SELECT MAX(" + epoch("h.occurred_at") + ") FROM state_changes h WHERE h.ticket = seen.id")
	becameResolved(s)
	s.add(") AS last FROM seen WHERE seen.list = $n) r WHERE last IS NOT NULL", tracker.ResolvedList)
	s.add("UNION ALL SELECT $n, $n - "+epoch("reported_at")+" FROM seen WHERE list = $n", ofAge, now.Unix(), tracker.OpenList)
	s.add("UNION ALL SELECT h.from_state, " + epoch("h.occurred_at") + " - " +
		epoch("COALESCE(LAG(h.occurred_at) OVER (PARTITION BY h.ticket ORDER BY h.version), seen.reported_at)") +
		" FROM seen JOIN state_changes h ON h.ticket = seen.id")
}

// firstResponses are when each ticket was first answered; NULL where it was not.
func firstResponses(s *statement) {
	epoch := s.dialect.Epoch
	s.add(`SELECT reported_at, CASE WHEN said IS NULL OR moved < said THEN moved ELSE said END AS first FROM (SELECT seen.reported_at, (`)
	s.add(`SELECT MIN(` + epoch("c.occurred_at") + `) FROM comments c
	WHERE c.ticket = seen.id AND c.author <> seen.reporter AND c.occurred_at >= seen.reported_at) AS said, (`)
	s.add(`SELECT MIN(`+epoch("h.occurred_at")+`) FROM state_changes h
	WHERE h.ticket = seen.id AND h.actor <> seen.reporter AND NOT (h.from_state = $n AND h.to_state = $n)) AS moved FROM seen) b`, tracker.Posted, tracker.Open)
}
