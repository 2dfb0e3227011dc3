package mirror

import (
	"context"
	"time"

	"suivi/domain"
)

// Imported is what came of an import.
type Imported struct {
	Tickets int `json:"tickets"` // that it was for
	Failed  int `json:"failed"`  // that are parked; they are tried again
}

// Import has the reactor bring the twins of all tickets of the tracker into step, on whatever
// node it runs, as fast as it can, and waits until each was brought into step or has failed
// at it: twins are made where there are none. What is due stays so when ctx ends.
func (m *Mirror) Import(ctx context.Context, key domain.TrackerKey, progress func(done, total uint64)) (Imported, error) {
	began := m.cfg.Now()
	ordered := map[domain.TicketID]bool{}
	err := m.walk(ctx, key, func(ctx context.Context, ids []domain.TicketID) error {
		for _, id := range ids {
			ordered[id] = true
		}
		return m.cfg.Base().Due(ctx, m.name, "it is imported or repaired", ids...)
	})
	if err == nil {
		err = m.cfg.Base().Hurry(ctx, m.name) // what has failed at earlier events is in the way of these
	}
	for err == nil {
		asked := time.Now()
		due, failed, wrong := m.left(ctx, ordered, began)
		if wrong != nil {
			return Imported{}, wrong
		}
		progress(uint64(len(ordered)-due), uint64(len(ordered)))
		if due == 0 {
			return Imported{len(ordered), failed}, nil
		}
		err = rest(ctx, max(importLook, 10*time.Since(asked)))
	}
	return Imported{}, err
}

// importLook is how often it is looked at how far an import is.
const importLook = 500 * time.Millisecond

// left counts the tickets that are still to be looked at, and those that have failed since.
func (m *Mirror) left(ctx context.Context, ordered map[domain.TicketID]bool, since time.Time) (due, failed int, err error) {
	waiting, err := m.cfg.Base().Waiting(ctx, m.name, since)
	for id, hasFailed := range waiting {
		switch {
		case !ordered[id]:
		case hasFailed:
			failed++
		default:
			due++
		}
	}
	return due, failed, err
}

func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
