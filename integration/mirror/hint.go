package mirror

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration"
)

// Prompter is a Hearing whose site tells by itself that something has changed there.
type Prompter interface {
	Hearing
	// Signed tells whether it was the site that sent the body: whoever has the key.
	Signed(key integration.Secret, header func(name string) string, body []byte) bool
}

// hookSecret is what the name of the secret with which a site signs its hints has behind
// that of the secret with which Suivi signs in there.
const hookSecret = "-hook"

// ForHints tells whether the secret of the name is a site's, to sign hints with.
func ForHints(name string) bool { return strings.HasSuffix(name, hookSecret) }

// The pauses round a poll for a hint. A tool may tell times to the second: what was changed within the
// one that was just listed is seen by a second poll.
const (
	restAfterHint = 300 * time.Millisecond
	onceMoreAfter = 3 * time.Second
)

// hints are the trackers whose mirrors are to be polled now.
type hints struct {
	mu   sync.Mutex
	keys map[domain.TrackerKey]bool
	some chan struct{} // holds one thing while there are any
}

func newHints() hints {
	return hints{keys: map[domain.TrackerKey]bool{}, some: make(chan struct{}, 1)}
}

func (h *hints) add(key domain.TrackerKey) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keys[key] = true
	select {
	case h.some <- struct{}{}:
	default: // somebody will look anyway
	}
}

func (h *hints) take() []domain.TrackerKey {
	h.mu.Lock()
	defer h.mu.Unlock()
	keys := slices.Sorted(maps.Keys(h.keys))
	clear(h.keys)
	return keys
}

// Hint hears from a site that something has changed there, and has its mirror polled now
// (Heed). Nothing else of what it says is believed. Who has not signed it is Unauthenticated, and is not
// told whether there is such a mirror.
func (m *Mirror) Hint(ctx context.Context, key domain.TrackerKey, header func(name string) string, body []byte) error {
	place, signing, err := m.hooked(ctx, key)
	if err != nil && domain.KindOf(err) != domain.NotFound && domain.KindOf(err) != domain.Refused {
		return err
	}
	known := err == nil
	if !known {
		signing = integration.NewSecret(rand.Text()) // it takes as long
	}
	prompter, ok := m.cfg.Tool.(Prompter)
	if !ok || !prompter.Signed(signing, header, body) || !known {
		return ErrNotSigned()
	}
	if place.Mirror.Direction == tracker.BothWays {
		m.hints.add(key)
	}
	return nil
}

// ErrNotSigned is what is told to who sends a hint that nobody has signed, whatever else is wrong.
func ErrNotSigned() error {
	return domain.Errorf(domain.Unauthenticated, "not-signed", "there is no such hook, or the request is not signed with its key")
}

func (m *Mirror) hooked(ctx context.Context, key domain.TrackerKey) (Place, integration.Secret, error) {
	place, err := m.mirrored(ctx, key)
	if err != nil {
		return place, integration.Secret{}, err
	}
	signing, _, err := m.cfg.Base().SecretFor(ctx, place.Mirror.Secret+hookSecret, place.Tracker.Key, place.Mirror.Site)
	return place, signing, err
}

// Heed polls what hints tell of until ctx ends, in whatever process they arrive: polls of several
// at a time only tell the same twice. Many hints become one poll, and one that comes during a poll another one.
func (m *Mirror) Heed(ctx context.Context) {
	hearing, hears := m.cfg.Tool.(Hearing)
	if !hears {
		return
	}
	again := map[domain.TrackerKey]bool{}
	late := time.NewTimer(onceMoreAfter)
	defer late.Stop()
	for {
		var keys []domain.TrackerKey
		select {
		case <-ctx.Done():
			return
		case <-late.C:
			keys = slices.Sorted(maps.Keys(again))
			clear(again)
		case <-m.hints.some:
			keys = m.hints.take()
			for _, key := range keys {
				again[key] = true
			}
			late.Reset(onceMoreAfter)
		}
		for _, key := range keys {
			if err := m.pollIfBoth(ctx, hearing, key); err != nil && ctx.Err() == nil {
				m.cfg.Logger.Warn("what a hint tells of is found by a later poll", "tool", m.name, "tracker", key, "error", err)
			}
		}
		if len(keys) > 0 && rest(ctx, restAfterHint) != nil {
			return
		}
	}
}
