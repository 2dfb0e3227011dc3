package readapi

import (
	"context"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// Of how long things lasted it is kept how many did so for about as long: in coarse classes, and in
// fine ones. These lead to the few durations among which the one of a percentile is, to the second.
// Of open tickets the moments of their reports are kept likewise, instead of ages, which grow.

// spreadsKept measures by what is kept, if that tells: then known.
func (a *API) spreadsKept(ctx context.Context, actor domain.Actor, f filter, now time.Time) (rows []spreadRow, known bool, err error) {
	if !f.ofAll() {
		return nil, false, nil
	}
	known, err = a.fromKept(ctx, actor, f, func(tx *sqlx.Tx, k *kept) (err error) {
		m := measure{ctx: ctx, tx: tx, kept: k}
		if err := m.readBeside(a, actor, f); err != nil {
			return err
		}
		rows, err = m.spreads(now)
		return err
	})
	return rows, known, err
}

// measure is a look at durations.
type measure struct {
	ctx    context.Context //nolint:containedctx // it lives as long as the look
	tx     *sqlx.Tx
	kept   *kept
	beside map[string][]int64 // of the tickets beside what is kept, sorted
}

// readBeside reads the durations of the few tickets that are not kept. Of open ones: when they were reported.
func (m *measure) readBeside(a *API, actor domain.Actor, f filter) error {
	m.beside = map[string][]int64{}
	if len(m.kept.beside) == 0 {
		return nil
	}
	s := newStatement(actor)
	s.dialect = a.db.Dialect
	durations(s, f, actor, m.kept.beside)
	rows, err := selectKept[struct {
		What    string `db:"what"`
		Seconds int64  `db:"seconds"`
	}](m.ctx, m.tx, s)
	for _, row := range rows {
		m.beside[row.What] = append(m.beside[row.What], row.Seconds)
	}
	for _, all := range m.beside {
		slices.Sort(all)
	}
	return err
}

func (m *measure) spreads(now time.Time) ([]spreadRow, error) {
	by := durationSteps()
	all, err := m.alike(by[0].kind)
	if err != nil {
		return nil, err
	}
	counts := map[string][]alike{}
	for _, c := range all {
		counts[c.What] = append(counts[c.What], c)
	}
	for what := range m.beside {
		counts[what] = append(counts[what], alike{What: what}) // so that it is there
	}
	delete(counts, ofAge)
	var rows []spreadRow
	for what, some := range counts {
		row := spreadRow{Of: what, N: m.total(what, some)}
		if row.Median, err = m.nth(what, some, by, (row.N+1)/2); err != nil {
			return nil, err
		}
		if row.P90, err = m.nth(what, some, by, (9*row.N+9)/10); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	age, err := m.ages(now)
	return append(rows, age), err
}

// ages are those of open tickets: the oldest are those that were reported first.
func (m *measure) ages(now time.Time) (spreadRow, error) {
	by := ageSteps()
	counts, err := m.alike(by[0].kind)
	row := spreadRow{Of: ofAge, N: m.total(ofAge, counts)}
	if err != nil || row.N == 0 {
		return row, err
	}
	median, err := m.nth(ofAge, counts, by, row.N+1-(row.N+1)/2)
	if err != nil {
		return row, err
	}
	p90, err := m.nth(ofAge, counts, by, row.N+1-(9*row.N+9)/10)
	row.Median, row.P90 = now.Unix()-median, now.Unix()-p90
	return row, err
}

func (m *measure) total(what string, counts []alike) int64 {
	n := int64(len(m.beside[what]))
	for _, c := range counts {
		n += c.N
	}
	return n
}

// nth is the value at the place among those of the counts, by ever narrower steps.
func (m *measure) nth(what string, counts []alike, by []step, place int64) (int64, error) {
	values := m.beside[what]
	var from, to int64
	for i, step := range by {
		if i > 0 {
			var err error
			if counts, err = m.alikeWithin(step, what, from, to); err != nil {
				return 0, err
			}
			values = slices.DeleteFunc(slices.Clone(values), func(v int64) bool { return v < from || v >= to })
		}
		var class int64
		class, place = step.find(counts, values, place)
		from, to = step.begin(class), step.begin(class+1)
	}
	if to == from+1 {
		return from, nil
	}
	values = slices.DeleteFunc(slices.Clone(values), func(v int64) bool { return v < from || v >= to })
	return m.among(what, from, to, values, place)
}

// alike are the counts of all classes of the kind.
func (m *measure) alike(kind string) ([]alike, error) {
	s := &statement{}
	s.add("SELECT g.a, g.at, CAST(SUM(g.n) AS BIGINT) AS n FROM figures g WHERE g.kind = $n", kind)
	m.kept.in(s)
	s.add("GROUP BY g.a, g.at LIMIT $n", mostFolded)
	return selectKept[alike](m.ctx, m.tx, s)
}

// alikeWithin are the counts of the classes between two values.
func (m *measure) alikeWithin(by step, what string, from, to int64) ([]alike, error) {
	if what == ofAge {
		what = "" // there is nothing else of its kind
	}
	s := &statement{}
	s.add("SELECT g.a, g.at, CAST(SUM(g.n) AS BIGINT) AS n FROM figures g WHERE g.kind = $n AND g.a = $n AND g.at >= $n AND g.at < $n", by.kind, what, by.class(from), by.class(to))
	m.kept.in(s)
	s.add("GROUP BY g.a, g.at LIMIT $n", mostFolded)
	return selectKept[alike](m.ctx, m.tx, s)
}

// among is the value at the place among the durations between two of them, and some more values.
func (m *measure) among(what string, from, to int64, values []int64, place int64) (int64, error) {
	skip := max(place-1-int64(len(values)), 0) // however small the values are, these come before
	s := &statement{}
	s.add("SELECT d.seconds FROM durations d WHERE d.what = $n AND d.seconds >= $n AND d.seconds < $n", what, from, to)
	if !slices.Contains(m.kept.trackers, "") {
		within(s, "AND d.tracker", m.kept.trackers)
	}
	s.add("ORDER BY d.seconds LIMIT $n OFFSET $n", len(values)+1, skip)
	found, err := selectKept[int64](m.ctx, m.tx, s)
	if err != nil {
		return 0, err
	}
	found = append(found, values...)
	slices.Sort(found)
	return found[min(place-1-skip, int64(len(found))-1)], nil
}
