package readapi

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/url"
	"strconv"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
)

// EvolutionReport is what happened to the tickets asked for, month by month.
type EvolutionReport struct {
	Zone   string  `json:"zone"` // in which months begin
	Months []Month `json:"months"`
}

// Month is what happened in a month, and what it left. The tickets are those that
// the asker sees today; what they were then is read from their changes of state.
type Month struct {
	Month      string `json:"month"`      // as in 2026-11
	New        int64  `json:"new"`        // tickets reported in it
	Resolved   int64  `json:"resolved"`   // tickets that became resolved in it, each once
	Running    int64  `json:"running"`    // tickets that were there at its end
	Unresolved int64  `json:"unresolved"` // of those, the open ones
	// Elucidation is how many percent of those that were not abandoned were resolved
	// at its end, to a tenth; nil where there were none.
	Elucidation *float64                `json:"elucidation"`
	States      map[tracker.State]int64 `json:"states"` // at its end; those without tickets are left out

	From time.Time `json:"-"` // its first moment
	To   time.Time `json:"-"` // and that of the next one
}

// The months that are asked for.
const (
	monthForm     = "2006-01"
	defaultMonths = 12
	mostMonths    = 60
)

func evolutionParams() []string {
	return append(filterParamsBut("list", "state", "from", "to", "resolvedFrom", "resolvedTo"), "until", "months", "zone")
}

// Evolution answers the parameters of GET /reports/evolution; now says which month is the last one otherwise.
func (a *API) Evolution(ctx context.Context, actor domain.Actor, query url.Values, now time.Time) (EvolutionReport, error) {
	return a.evolutionOf(ctx, actor, given(actor, query, evolutionParams()), now)
}

func (a *API) evolutionOf(ctx context.Context, actor domain.Actor, p *params, now time.Time) (EvolutionReport, error) {
	f := p.filter(allLists)
	months, zone := p.months(now)
	if err := p.err(); err != nil {
		return EvolutionReport{}, err
	}
	changes, known, err := a.changesKept(ctx, actor, f, months)
	if err == nil && !known {
		changes, err = a.changesRead(ctx, actor, f, months)
	}
	if err != nil {
		return EvolutionReport{}, fmt.Errorf("count changes by month: %w", err)
	}
	fillMonths(months, changes)
	return EvolutionReport{zone.String(), months}, nil
}

// changesRead counts by reading.
func (a *API) changesRead(ctx context.Context, actor domain.Actor, f filter, months []Month) ([]monthlyChange, error) {
	by, err := a.seeing(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	s := by.statement()
	changesByMonth(s, f, actor, by.few, months)
	var changes []monthlyChange
	err = a.db.Read.SelectContext(ctx, &changes, s.text.String(), s.args...)
	return changes, err
}

// months reads which months are asked for, and where they begin.
func (p *params) months(now time.Time) ([]Month, *time.Location) {
	zone := time.UTC
	if name, ok := p.take("zone"); ok {
		var err error
		if zone, err = time.LoadLocation(name); err != nil || name == "" || name == "Local" {
			p.add("zone", "unknown-time-zone", "a time zone as in Europe/Paris")
			zone = time.UTC
		}
	}
	now = now.In(zone)
	last := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, zone)
	if text, ok := p.take("until"); ok {
		at, err := time.ParseInLocation(monthForm, text, zone)
		if last = at; err != nil || at.Year() < 1 {
			p.add("until", "bad-month", "a month as in 2026-11")
			return nil, zone
		}
	}
	n := defaultMonths
	if text, ok := p.take("months"); ok {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 || n > mostMonths {
			p.add("months", "bad-count", "a number from 1 to "+strconv.Itoa(mostMonths))
			return nil, zone
		}
	}
	months := make([]Month, n)
	for i := range months {
		from := last.AddDate(0, i-n+1, 0)
		months[i] = Month{Month: from.Format(monthForm), From: from.UTC(), To: from.AddDate(0, 1, 0).UTC(), States: map[tracker.State]int64{}}
	}
	return months, zone
}

// monthlyChange is how many tickets went from one state to another in a month.
// From is "" for new tickets, and resolvedOnce for those that became resolved, each once.
type monthlyChange struct {
	Month int           `db:"month"` // from 1; 0: before
	From  string        `db:"from_state"`
	To    tracker.State `db:"to_state"`
	N     int64         `db:"n"`
}

// resolvedOnce is in place of a state.
const resolvedOnce = "*"

// changesByMonth counts, in one statement and so of one moment, the reports of new
// tickets, which are all posted first, and their changes of state.
func changesByMonth(s *statement, f filter, actor domain.Actor, few []any, months []Month) {
	end := months[len(months)-1].To
	s.add("WITH seen AS (SELECT t.id, t.reported_at")
	f.visible(s, actor, few)
	s.add(") SELECT month, from_state, to_state, COUNT(*) AS n FROM (SELECT")
	inMonth(s, "reported_at", months)
	s.add("AS month, '' AS from_state, $n AS to_state FROM seen WHERE reported_at < $n", string(tracker.Posted), end)
	s.add("UNION ALL SELECT")
	inMonth(s, "h.occurred_at", months)
	s.add("AS month, h.from_state, h.to_state FROM seen JOIN state_changes h ON h.ticket = seen.id WHERE h.occurred_at < $n", end)
	s.add("UNION ALL SELECT month, $n, to_state FROM (SELECT DISTINCT", resolvedOnce)
	inMonth(s, "h.occurred_at", months)
	s.add("AS month, h.ticket, $n AS to_state FROM seen JOIN state_changes h ON h.ticket = seen.id WHERE h.occurred_at < $n", string(tracker.Resolved), end)
	becameResolved(s)
	s.add(") r) c GROUP BY month, from_state, to_state LIMIT $n", 10_000)
}

// inMonth is which of the months the time is in, from 1; 0 before them.
func inMonth(s *statement, column string, months []Month) {
	s.add("CASE")
	for i, month := range months {
		s.add("WHEN "+column+" < $n THEN "+strconv.Itoa(i), month.From)
	}
	s.add("ELSE " + strconv.Itoa(len(months)) + " END")
}

// becameResolved adds the condition that the change h led from the open list to the resolved one.
func becameResolved(s *statement) {
	var open, resolved []tracker.State
	for _, state := range tracker.States() {
		if state.List() == tracker.OpenList {
			open = append(open, state)
		} else {
			resolved = append(resolved, state)
		}
	}
	within(s, "AND h.from_state", open)
	within(s, "AND h.to_state", resolved)
}

func fillMonths(months []Month, changes []monthlyChange) {
	byMonth := make([][]monthlyChange, len(months)+1)
	for _, c := range changes {
		byMonth[c.Month] = append(byMonth[c.Month], c)
	}
	states := map[tracker.State]int64{}
	for i, all := range byMonth {
		var created, resolved int64
		for _, c := range all {
			switch c.From {
			case resolvedOnce:
				resolved += c.N
				continue
			case "":
				created += c.N
			default:
				states[tracker.State(c.From)] -= c.N
			}
			states[c.To] += c.N
		}
		if i > 0 {
			months[i-1].New, months[i-1].Resolved = created, resolved
			months[i-1].leave(states)
		}
	}
}

// leave notes what there was at the month's end.
func (m *Month) leave(states map[tracker.State]int64) {
	m.States = maps.Clone(states)
	maps.DeleteFunc(m.States, func(_ tracker.State, n int64) bool { return n == 0 })
	for state, n := range m.States {
		m.Running += n
		if state.List() == tracker.OpenList {
			m.Unresolved += n
		}
	}
	if wanted := m.Running - m.States[tracker.Abandoned]; wanted > 0 {
		m.Elucidation = new(math.Round(float64(wanted-m.Unresolved)*1000/float64(wanted)) / 10)
	}
}
