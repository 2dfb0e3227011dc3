package readapi

import (
	"context"
	"net/url"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi/lives"
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
	err := a.fromLives(ctx, actor, f, func(v lives.View, w lives.Which) {
		times := v.Times(w, now)
		report.Response, report.Resolve, report.Age = Spread(times.Response), Spread(times.Resolve), Spread(times.Age)
		for i, state := range tracker.States() {
			if times.Stays[i].N > 0 {
				report.States[state] = Spread(times.Stays[i])
			}
		}
	})
	return report, err
}
