package readapi

import (
	"context"
	"maps"
	"math"
	"net/url"
	"strconv"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi/lives"
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
	mostMonths    = lives.MostMonths
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
	begin := make([]time.Time, 0, len(months)+1)
	for _, m := range months {
		begin = append(begin, m.From)
	}
	begin = append(begin, months[len(months)-1].To)
	err := a.fromLives(ctx, actor, f, func(v lives.View, w lives.Which) { fillMonths(months, v.Months(w, begin)) })
	return EvolutionReport{zone.String(), months}, err
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

// fillMonths notes what has happened before the months, and in each of them.
func fillMonths(months []Month, happened []lives.Month) {
	states := map[tracker.State]int64{}
	for i, all := range happened {
		for state, n := range all.States {
			states[tracker.States()[state]] += n
		}
		if i > 0 {
			months[i-1].New, months[i-1].Resolved = all.New, all.Resolved
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
