package integration

import (
	"context"
	"fmt"
	"sync"

	"suivi/eventstore"
)

// mostLag is how far Status counts.
const mostLag = 10_000

// Status is how a reactor is doing.
type Status struct {
	Name     string `json:"name"`
	Position string `json:"position"` // what came up to here is done, or parked
	Head     string `json:"head"`     // of the event store: its last event of a ticket
	Lag      uint64 `json:"lag"`      // events that it has still to hear; counted up to 10000
	Parked   int    `json:"parked"`   // events; of a reactor that passes over, tickets
	Due      int    `json:"due"`      // tickets that are looked at again soon, though nothing of them has failed
	// State is starting, running, standby (another process runs it), or "stopped: " and why.
	State string `json:"state"`
}

// health is how a runner is doing. Its zero value is starting.
type health struct {
	mu    sync.Mutex
	state string
}

func (h *health) set(state string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state = state
}

func (h *health) get() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state == "" {
		return "starting"
	}
	return h.state
}

// Status tells how each reactor is doing, in this process's eyes. A position is
// saved now and then, so that the lag may be a little less.
func (r *Reactors) Status(ctx context.Context) ([]Status, error) {
	head, err := r.cfg.Store.Head(ctx, eventstore.Filter{StreamPrefixes: []string{ticketStreams}})
	if err != nil {
		return nil, err
	}
	all := make([]Status, len(r.all))
	for i, one := range r.all {
		at, err := one.checkpoint(ctx)
		if err != nil {
			return nil, err
		}
		lag, err := r.cfg.Store.Count(ctx, at, one.filter(), mostLag)
		if err != nil {
			return nil, err
		}
		all[i] = Status{Name: one.Name, Position: at.String(), Head: head.String(), Lag: lag, State: one.health.get()}
		var rows struct {
			Parked int `db:"parked"`
			Due    int `db:"due"`
		}
		err = r.cfg.DB.Read.GetContext(ctx, &rows, `SELECT COUNT(*) - COUNT(CASE WHEN tries = 0 AND reason <> $2 THEN 1 END) AS parked,
				COUNT(CASE WHEN tries = 0 AND reason <> $2 THEN 1 END) AS due
			FROM parked WHERE reactor = $1 AND resolved_at IS NULL`, one.Name, behind)
		if err != nil {
			return nil, fmt.Errorf("count what %s has parked: %w", one.Name, err)
		}
		all[i].Parked, all[i].Due = rows.Parked, rows.Due
	}
	return all, nil
}
