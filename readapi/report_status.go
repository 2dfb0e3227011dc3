package readapi

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/jmoiron/sqlx"

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

// bothShares are those by assignee and by reporter, of one moment where figures tell them.
func (a *API) bothShares(ctx context.Context, actor domain.Actor, f filter, most int) (assignees, reporters []Share, err error) {
	if f.ofAll() {
		known, err := a.fromKept(ctx, actor, f, func(tx *sqlx.Tx, k *kept) (err error) {
			if assignees, err = keptShares(ctx, tx, k, byAssignee(most), f, actor); err != nil {
				return err
			}
			reporters, err = keptShares(ctx, tx, k, byReporter(most), f, actor)
			return err
		})
		if known || err != nil {
			return assignees, reporters, err
		}
	}
	if assignees, err = a.shares(ctx, actor, f, byAssignee(most)); err != nil {
		return nil, nil, err
	}
	reporters, err = a.shares(ctx, actor, f, byReporter(most))
	return assignees, reporters, err
}

// sharing is by whom tickets are parted: how they are counted, the figures that are kept of them, and of how many people.
type sharing struct {
	columns, group string
	figure, totals string
	most           int // people that are named
}

func byAssignee(most int) sharing {
	return sharing{`SELECT t.assignee AS person, t.state, COUNT(*) AS n`, `GROUP BY t.assignee, t.state`, "assignee", "assignees", most}
}

func byReporter(most int) sharing {
	return sharing{`SELECT t.reporter AS person, t.state, COUNT(*) AS n`, `GROUP BY t.reporter, t.state`, "reporter", "reporters", most}
}

// shareRow is how many tickets of a person are in a state.
type shareRow struct {
	Person domain.UserID `db:"person"`
	Others bool          `db:"others"`
	State  tracker.State `db:"state"`
	N      int64         `db:"n"`
}

// shares are those of all people, the largest first.
func (a *API) shares(ctx context.Context, actor domain.Actor, f filter, by sharing) ([]Share, error) {
	asker, err := a.seeing(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	s := asker.statement()
	s.add(sharesHead, by.most, by.most)
	s.add(by.columns)
	f.visible(s, actor, asker.few)
	s.add(by.group)
	s.add(sharesTail, by.mostRows())
	var rows []shareRow
	if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("count tickets by person: %w", err)
	}
	return newShares(rows), nil
}

// mostRows is how many rows the shares can have.
func (by sharing) mostRows() int { return (by.most + 1) * len(tracker.States()) }

// keptShares are shares from what is kept.
func keptShares(ctx context.Context, tx *sqlx.Tx, k *kept, by sharing, f filter, actor domain.Actor) ([]Share, error) {
	if k.whole() {
		return wholeShares(ctx, tx, k, by)
	}
	s := newStatement(actor)
	s.add(sharesHead, by.most, by.most)
	s.add("SELECT g.a AS person, g.b AS state, CAST(SUM(g.n) AS BIGINT) AS n FROM figures g WHERE g.kind = $n", by.figure)
	k.in(s)
	s.add("GROUP BY g.a, g.b UNION ALL")
	s.add(by.columns)
	f.visible(s, actor, append([]any{""}, k.beside...))
	s.add(by.group)
	s.add(sharesTail, by.mostRows())
	rows, err := selectKept[shareRow](ctx, tx, s)
	return newShares(rows), err
}

// wholeShares are the shares in one tracker, or in the site: those with the most tickets, and
// what is left of all.
func wholeShares(ctx context.Context, tx *sqlx.Tx, k *kept, by sharing) ([]Share, error) {
	s := &statement{}
	s.add("SELECT g.a AS person, g.b AS state, g.n FROM (SELECT m.tracker, m.a FROM figures m")
	s.add("WHERE m.tracker = $n AND m.kind = $n ORDER BY m.n DESC, m.a LIMIT $n) most", k.trackers[0], by.totals, by.most)
	s.add("CROSS JOIN figures g WHERE g.tracker = most.tracker AND g.kind = $n AND g.a = most.a LIMIT $n", by.figure, by.mostRows())
	rows, err := selectKept[shareRow](ctx, tx, s)
	if err != nil {
		return nil, err
	}
	all, err := keptStates(ctx, tx, k, counted{figure: "state"})
	if err != nil {
		return nil, err
	}
	left := map[tracker.State]int64{}
	for _, r := range rows {
		left[r.State] -= r.N
	}
	for _, c := range all {
		if n := left[c.State] + c.N; n > 0 {
			rows = append(rows, shareRow{Others: true, State: c.State, N: n})
		}
	}
	return newShares(rows), nil
}

// newShares puts the rows of each person together.
func newShares(rows []shareRow) []Share {
	type whose struct {
		person domain.UserID
		others bool
	}
	places := map[whose]int{}
	shares := []Share{}
	for _, row := range rows {
		of := whose{row.Person, row.Others}
		i, known := places[of]
		if !known {
			i = len(shares)
			places[of] = i
			shares = append(shares, Share{User: row.Person, Others: row.Others, States: map[tracker.State]int64{}})
		}
		shares[i].States[row.State] = row.N
		shares[i].Total += row.N
	}
	slices.SortFunc(shares, compareShares)
	return shares
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
