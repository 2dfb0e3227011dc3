package mirror

import (
	"context"
	"fmt"
	"strings"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
)

// sweepLook is how often it is looked whether a sweep is due, at most.
const sweepLook = time.Minute

// sweep compares all twins with their tickets now and then, until ctx ends: no event and
// no poll tells of a twin that was deleted, or of what the tool keeps no trace of. What
// differs is due, and heard and aligned like anything else.
func (m *Mirror) sweep(ctx context.Context) {
	tick := time.NewTicker(min(m.cfg.SweepEvery, sweepLook))
	defer tick.Stop()
	for {
		if err := m.sweepAll(ctx); err != nil && ctx.Err() == nil {
			m.cfg.Logger.Warn("twins are swept later", "tool", m.name, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (m *Mirror) sweepAll(ctx context.Context) error {
	keys, err := m.cfg.Trackers(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := m.sweepIfDue(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// sweepIfDue sweeps one tracker's twins. When it was last done is kept like a cursor, so
// that neither a start of the program nor another node does it again. A mirror that is
// new has nothing to sweep for a while.
func (m *Mirror) sweepIfDue(ctx context.Context, key domain.TrackerKey) error {
	name := "sweep " + m.name + " " + string(key)
	kept, err := m.cfg.Base().Cursor(ctx, name)
	if err != nil {
		return err
	}
	now := m.cfg.Now().UTC()
	last, unknown := time.Parse(time.RFC3339Nano, kept)
	if unknown == nil && now.Sub(last) < m.cfg.SweepEvery {
		return nil
	}
	if unknown == nil {
		swept, err := m.sweepOne(ctx, key)
		if err != nil || !swept {
			return err
		}
	}
	return m.cfg.Base().SetCursor(ctx, name, now.Format(time.RFC3339Nano))
}

// sweepOne looks at one twin after another, so that people there notice nothing of it.
// Where the mirror does not work, nothing is swept.
func (m *Mirror) sweepOne(ctx context.Context, key domain.TrackerKey) (swept bool, err error) {
	place, has, err := m.find(ctx, key)
	if err != nil || !has || m.enter(ctx, &place) != nil {
		return false, err
	}
	began, differ, failures := m.cfg.Now(), 0, 0
	err = m.walk(ctx, key, func(ctx context.Context, ids []domain.TicketID) error {
		for _, id := range ids {
			found, err := m.sweepTicket(ctx, place, id)
			switch {
			case err != nil:
				return err
			case found == nil:
				failures = 0
				continue
			case found.What == failed:
				failures++
				if failures == mostFailures {
					return fmt.Errorf("twins cannot be looked at: %s", found.Error)
				}
			default:
				differ, failures = differ+1, 0
			}
			if err := m.cfg.Base().Due(ctx, m.name, found.reason(), id); err != nil {
				return err
			}
		}
		return nil
	})
	m.cfg.Logger.Debug("twins were swept", "tool", m.name, "tracker", key, "differ", differ, "took", m.cfg.Now().Sub(began))
	return err == nil, err
}

// mostFailures is after how many twins in a row that cannot be looked at a sweep is left for later.
const mostFailures = 5

// sweepTicket looks at a ticket's twin; nil: it is in step, or there is none. An import makes those.
func (m *Mirror) sweepTicket(ctx context.Context, place Place, id domain.TicketID) (*Finding, error) {
	t, err := m.cfg.Commands.Ticket(ctx, id)
	if err != nil {
		return nil, err
	}
	if twin, has := t.Inner.Twin(m.name); !has || twin.Site != place.Mirror.Site {
		return nil, nil //nolint:nilnil // nothing was found, which is the good answer
	}
	return m.lookAt(ctx, place, id, m.looking), ctx.Err()
}

// looking compares by the tool's own alignment.
func (m *Mirror) looking(ctx context.Context, place Place, twin ticket.Twin, want Wanted) ([]Drift, error) {
	return m.cfg.Tool.Align(ctx, place, Job{Twin: twin, Want: want, Look: true, Match: lookOnly, Content: m.cfg.Content})
}

// reason says why a ticket is due, for people.
func (f Finding) reason() string {
	if f.Error != "" {
		return "a sweep: " + f.Error
	}
	what := make([]string, len(f.Drifts))
	for i, d := range f.Drifts {
		what[i] = d.What
	}
	return "a sweep found that its twin differs: " + strings.Join(what, ", ")
}
