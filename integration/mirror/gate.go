package mirror

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"suivi/domain"
	"suivi/integration"
)

// A mirror that does not work as a whole is asked again after firstProbe, then after twice as
// long each time, up to lastProbe.
const (
	firstProbe = 2 * time.Second
	lastProbe  = time.Minute
)

// gates are the mirrors that do not work.
type gates struct {
	mu  sync.Mutex
	all map[domain.TrackerKey]*gate
}

// gate is a mirror that does not work. Nobody passes but one now and then, who tries.
type gate struct {
	why   error
	stamp string // of the configuration that it is about
	until time.Time
	pause time.Duration
}

// pass tells why nobody may pass now, if so.
func (m *Mirror) pass(place Place) error {
	m.gates.mu.Lock()
	defer m.gates.mu.Unlock()
	g := m.gates.all[place.Tracker.Key]
	switch {
	case g == nil:
		return nil
	case g.stamp != place.stamp: // it is another mirror by now
		delete(m.gates.all, place.Tracker.Key)
		return nil
	}
	if wait := g.until.Sub(m.cfg.Now()); wait > 0 {
		return integration.LaterError{Err: g.why, Pause: wait}
	}
	g.until = m.cfg.Now().Add(g.pause) // this one tries, the others go on waiting
	return nil
}

// shut notes that the mirror does not work.
func (m *Mirror) shut(place Place, why error) error {
	m.gates.mu.Lock()
	defer m.gates.mu.Unlock()
	g := m.gates.all[place.Tracker.Key]
	if g == nil || g.stamp != place.stamp {
		g = &gate{stamp: place.stamp, pause: firstProbe / 2} //nolint:mnd // it is doubled below
		m.gates.all[place.Tracker.Key] = g
		m.cfg.Logger.Warn("a mirror does not work; its tickets wait", "tool", m.name, "tracker", place.Tracker.Key, "error", why)
	}
	g.why, g.pause = why, min(2*g.pause, lastProbe)
	g.until = m.cfg.Now().Add(g.pause)
	return integration.LaterError{Err: why, Pause: g.pause}
}

// open notes that the mirror works. What waited for it is tried at once.
func (m *Mirror) open(ctx context.Context, place Place) error {
	m.gates.mu.Lock()
	g := m.gates.all[place.Tracker.Key]
	delete(m.gates.all, place.Tracker.Key)
	m.gates.mu.Unlock()
	if g == nil {
		return nil
	}
	m.cfg.Logger.Info("a mirror works again", "tool", m.name, "tracker", place.Tracker.Key)
	return m.cfg.Base().Hurry(ctx, m.name)
}

// Stopped tells why the tracker's mirror does not work as a whole; "" where it does, as
// far as this process knows: the one that runs the reactor.
func (m *Mirror) Stopped(key domain.TrackerKey) (why string) {
	m.gates.mu.Lock()
	defer m.gates.mu.Unlock()
	if g := m.gates.all[key]; g != nil {
		return g.why.Error()
	}
	return ""
}

// stampOf tells one configuration from another.
func stampOf(place Place, secretSet time.Time) (string, error) {
	data, err := json.Marshal(place.Mirror) //nolint:gosec // it has the name of a secret, not one
	return string(data) + secretSet.Format(time.RFC3339Nano), err
}
