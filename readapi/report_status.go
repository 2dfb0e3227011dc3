package readapi

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
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

// sharesHead and sharesTail surround the tickets by person and state. The people
// are put in order and the small ones together where the rows are, so that a site
// with many reporters costs no more to answer.
const (
	sharesHead = `SELECT person, others, state, CAST(SUM(n) AS BIGINT) AS n FROM (
SELECT CASE WHEN place <= $n THEN person ELSE '' END AS person, CASE WHEN place <= $n THEN 0 ELSE 1 END AS others, state, n FROM (
SELECT person, state, n, DENSE_RANK() OVER (ORDER BY total DESC, person) AS place FROM (
SELECT person, state, n, SUM(n) OVER (PARTITION BY person) AS total FROM (`
	sharesTail = `) a) b) c) d GROUP BY person, others, state LIMIT $n`
)

// StatusReport answers the parameters of GET /reports/status, but for "saved".
func (a *API) StatusReport(ctx context.Context, actor domain.Actor, query url.Values) (StatusReport, error) {
	return a.statusOf(ctx, actor, given(actor, query, filterParams()))
}

func (a *API) statusOf(ctx context.Context, actor domain.Actor, p *params) (StatusReport, error) {
	report := StatusReport{Lists: map[tracker.List]int64{tracker.OpenList: 0, tracker.ResolvedList: 0}, States: map[tracker.State]int64{}}
	for _, state := range tracker.States() {
		report.States[state] = 0
	}
	f := p.filter("all")
	err := p.err()
	if err != nil {
		return report, err
	}
	if report.Assignees, err = a.shares(ctx, actor, f, `SELECT t.assignee AS person, t.state, COUNT(*) AS n`, `GROUP BY t.assignee, t.state`); err != nil {
		return report, err
	}
	if report.Reporters, err = a.shares(ctx, actor, f, `SELECT t.reporter AS person, t.state, COUNT(*) AS n`, `GROUP BY t.reporter, t.state`); err != nil {
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

// shares are those of all people by the column that the fragments name, the largest first.
func (a *API) shares(ctx context.Context, actor domain.Actor, f filter, columns, group string) ([]Share, error) {
	few, err := a.visibleFew(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	s, err := a.searching(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	s.add(sharesHead, mostShares, mostShares)
	s.add(columns)
	f.visible(s, actor, few)
	s.add(group)
	s.add(sharesTail, (mostShares+1)*len(tracker.States()))
	var rows []struct {
		Person domain.UserID `db:"person"`
		Others bool          `db:"others"`
		State  tracker.State `db:"state"`
		N      int64         `db:"n"`
	}
	if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("count tickets by person: %w", err)
	}
	shares := []Share{}
	for _, row := range rows {
		i := slices.IndexFunc(shares, func(s Share) bool { return s.User == row.Person && s.Others == row.Others })
		if i < 0 {
			i = len(shares)
			shares = append(shares, Share{User: row.Person, Others: row.Others, States: map[tracker.State]int64{}})
		}
		shares[i].States[row.State] = row.N
		shares[i].Total += row.N
	}
	slices.SortFunc(shares, compareShares)
	return shares, nil
}

// compareShares puts the largest first, and those put together last.
func compareShares(a, b Share) int {
	if a.Others != b.Others {
		if a.Others {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.User, b.User))
}
