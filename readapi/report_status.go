package readapi

import (
	"cmp"
	"context"
	"net/url"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi/lives"
)

// StatusReport is how many of the tickets asked for are in which state: of all, by
// assignee and by reporter. Each of the three adds up to Total.
type StatusReport struct {
	Total     int64                   `json:"total"`
	Lists     map[tracker.List]int64  `json:"lists"`
	States    map[tracker.State]int64 `json:"states"` // every state is there
	Assignees []Share                 `json:"assignees"`
	Reporters []Share                 `json:"reporters"`
}

// Share is what one person has of the tickets.
type Share struct {
	User   domain.UserID           `json:"user"`             // "": nobody
	Others bool                    `json:"others,omitempty"` // all who have no share of their own in the report, put together
	Total  int64                   `json:"total"`
	States map[tracker.State]int64 `json:"states"` // those without tickets are left out
}

// mostShares is how many people a report names; those with the most tickets.
const mostShares = 100

// StatusReport answers the parameters of GET /reports/status, but for "saved". It names so many people of
// each kind at most.
func (a *API) StatusReport(ctx context.Context, actor domain.Actor, query url.Values, most int) (StatusReport, error) {
	return a.statusOf(ctx, actor, given(actor, query, filterParams()), most)
}

func (a *API) statusOf(ctx context.Context, actor domain.Actor, p *params, most int) (StatusReport, error) {
	report := StatusReport{Lists: map[tracker.List]int64{tracker.OpenList: 0, tracker.ResolvedList: 0}, States: map[tracker.State]int64{}}
	for _, state := range tracker.States() {
		report.States[state] = 0
	}
	f := p.filter("all")
	err := p.err()
	if err != nil {
		return report, err
	}
	if report.Assignees, report.Reporters, err = a.bothShares(ctx, actor, f, most); err != nil {
		return report, err
	}
	for _, share := range report.Assignees {
		for state, n := range share.States {
			report.Total += n
			report.States[state] += n
			report.Lists[state.List()] += n
		}
	}
	return report, nil
}

// bothShares are those by assignee and by reporter, of one moment.
func (a *API) bothShares(ctx context.Context, actor domain.Actor, f filter, most int) (assignees, reporters []Share, err error) {
	err = a.fromLives(ctx, actor, f, func(v lives.View, w lives.Which) {
		assigned, reported := v.Shares(w)
		assignees, reporters = largest(assigned, most), largest(reported, most)
	})
	return assignees, reporters, err
}

// largest are the shares of so many people, the largest first, and what the others have, put together.
func largest(shares []lives.Share, most int) []Share {
	slices.SortFunc(shares, func(a, b lives.Share) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Person, b.Person))
	})
	named := shares[:min(most, len(shares))]
	all := make([]Share, len(named), len(named)+1)
	for i, share := range named {
		all[i] = newShare(share)
	}
	if others := shares[len(named):]; len(others) > 0 {
		together := lives.Share{}
		for _, share := range others {
			together.Total += share.Total
			for state, n := range share.States {
				together.States[state] += n
			}
		}
		all = append(all, newShare(together))
		all[len(named)].Others = true
	}
	return all
}

func newShare(of lives.Share) Share {
	share := Share{User: of.Person, Total: of.Total, States: map[tracker.State]int64{}}
	for i, state := range tracker.States() {
		if n := of.States[i]; n > 0 {
			share.States[state] = n
		}
	}
	return share
}
