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
	if f.ofAll() {
		known, err := a.fromKept(ctx, actor, f, func(tx *sqlx.Tx, k *kept) (err error) {
			assignees, reporters, err = keptShares(ctx, tx, k, actor, f, most)
			return err
		})
		if known || err != nil {
			return assignees, reporters, err
		}
	}
	by, err := a.seeing(ctx, actor, f)
	if err != nil {
		return nil, nil, err
	}
	s := by.statement()
	whose(s, f, actor, by.few)
	assigned, reported := tally{}, tally{}
	if err := countWhose(ctx, a.db.Read, s, assigned, reported); err != nil {
		return nil, nil, err
	}
	return assigned.shares(most), reported.shares(most), nil
}

// whose reads of each ticket whose it is, and its state. They are counted here: the databases would sort them, twice.
func whose(s *statement, f filter, actor domain.Actor, few []any) {
	s.add("SELECT t.assignee, t.reporter, t.state")
	f.visible(s, actor, few)
}

// countWhose counts the tickets that whose reads.
func countWhose(ctx context.Context, db sqlx.QueryerContext, s *statement, assignees, reporters tally) error {
	rows, err := db.QueryContext(ctx, s.text.String(), s.args...)
	if err != nil {
		return fmt.Errorf("count tickets by person: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var assignee, reporter domain.UserID
		var state tracker.State
		if err := rows.Scan(&assignee, &reporter, &state); err != nil {
			return fmt.Errorf("count tickets by person: %w", err)
		}
		assignees.add(assignee, state, 1)
		reporters.add(reporter, state, 1)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("count tickets by person: %w", err)
	}
	return nil
}

// tally is how many tickets people have in which state.
type tally map[domain.UserID]*Share

func (t tally) add(person domain.UserID, state tracker.State, n int64) {
	share, known := t[person]
	if !known {
		share = &Share{User: person, States: map[tracker.State]int64{}}
		t[person] = share
	}
	share.Total += n
	share.States[state] += n
}

// shares are those of so many people, the largest first, and what the others have, put together.
func (t tally) shares(most int) []Share {
	shares := make([]Share, 0, len(t))
	for _, share := range t {
		shares = append(shares, *share)
	}
	slices.SortFunc(shares, compareShares)
	if len(shares) <= most {
		return shares
	}
	others := tally{}
	for _, share := range shares[most:] {
		for state, n := range share.States {
			others.add("", state, n)
		}
	}
	together := *others[""]
	together.Others = true
	return append(shares[:most:most], together)
}

// keptShares are shares from what is kept.
func keptShares(ctx context.Context, tx *sqlx.Tx, k *kept, actor domain.Actor, f filter, most int) (assignees, reporters []Share, err error) {
	if k.whole() {
		if assignees, err = wholeShares(ctx, tx, k, "assignee", "assignees", most); err != nil {
			return nil, nil, err
		}
		reporters, err = wholeShares(ctx, tx, k, "reporter", "reporters", most)
		return assignees, reporters, err
	}
	of, by := tally{}, tally{}
	for figure, counts := range map[string]tally{"assignee": of, "reporter": by} {
		s := &statement{}
		s.add("SELECT g.a AS person, g.b AS state, g.n FROM figures g WHERE g.kind = $n", figure)
		k.in(s)
		rows, err := selectKept[shareRow](ctx, tx, s)
		if err != nil {
			return nil, nil, err
		}
		for _, row := range rows {
			counts.add(row.Person, row.State, row.N)
		}
	}
	s := newStatement(actor)
	whose(s, f, actor, append([]any{""}, k.beside...))
	if err := countWhose(ctx, tx, s, of, by); err != nil {
		return nil, nil, err
	}
	return of.shares(most), by.shares(most), nil
}

// shareRow is how many tickets of a person are in a state.
type shareRow struct {
	Person domain.UserID `db:"person"`
	State  tracker.State `db:"state"`
	N      int64         `db:"n"`
}

// wholeShares are the shares in one tracker, or in the site: those with the most tickets, and
// what is left of all.
func wholeShares(ctx context.Context, tx *sqlx.Tx, k *kept, figure, totals string, most int) ([]Share, error) {
	s := &statement{}
	s.add("SELECT g.a AS person, g.b AS state, g.n FROM (SELECT m.tracker, m.a FROM figures m")
	s.add("WHERE m.tracker = $n AND m.kind = $n ORDER BY m.n DESC, m.a LIMIT $n) most", k.trackers[0], totals, most)
	s.add("CROSS JOIN figures g WHERE g.tracker = most.tracker AND g.kind = $n AND g.a = most.a LIMIT $n", figure, most*len(tracker.States()))
	rows, err := selectKept[shareRow](ctx, tx, s)
	if err != nil {
		return nil, err
	}
	all, err := keptStates(ctx, tx, k, counted{figure: "state"})
	if err != nil {
		return nil, err
	}
	named, left := tally{}, map[tracker.State]int64{}
	for _, r := range rows {
		named.add(r.Person, r.State, r.N)
		left[r.State] -= r.N
	}
	shares, others := named.shares(most), tally{}
	for _, c := range all {
		if n := left[c.State] + c.N; n > 0 {
			others.add("", c.State, n)
		}
	}
	if together, some := others[""]; some {
		together.Others = true
		shares = append(shares, *together)
	}
	return shares, nil
}

// compareShares puts the largest first.
func compareShares(a, b Share) int {
	return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.User, b.User))
}
