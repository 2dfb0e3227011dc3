package projections

import (
	"context"

	"suivi/eventstore"
)

// mostLag is how far Status counts.
const mostLag = 10_000

// Status is how a projection is doing.
type Status struct {
	Name     string `json:"name"`
	Version  int    `json:"version"`  // of the live tables, 0 if there are none yet
	Position string `json:"position"` // up to here it has the events
	Head     string `json:"head"`     // of the event store: its last event of ours
	Lag      uint64 `json:"lag"`      // events that it has not yet; counted up to 10000
	Events   int64  `json:"events"`   // that its rows are made of
	// State is starting, running, standby (another process projects), rebuilding,
	// or "stopped: " and why.
	State string `json:"state"`
}

// Status tells how each projection is doing, in this process's eyes.
func (p *Projections) Status(ctx context.Context) ([]Status, error) {
	if err := p.prepare(ctx); err != nil {
		return nil, err
	}
	at, err := liveCheckpoints(ctx, p.db.Read)
	if err != nil {
		return nil, err
	}
	head, err := p.store.Head(ctx, filter())
	if err != nil {
		return nil, err
	}
	lags := map[eventstore.Position]uint64{}
	var all []Status
	for _, name := range names(models()) {
		c := at[name]
		lag, counted := lags[c.position()]
		if !counted {
			if lag, err = p.store.Count(ctx, c.position(), filter(), mostLag); err != nil {
				return nil, err
			}
			lags[c.position()] = lag
		}
		all = append(all, Status{name, c.Version, c.position().String(), head.String(), lag, c.Events, p.health.of(name)})
	}
	return all, nil
}
