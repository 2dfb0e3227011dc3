package mirror

import (
	"context"
	"fmt"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/integration"
)

// Place is where twins are: one tracker's mirror, and what Suivi signs in with there.
type Place struct {
	Tracker tracker.Tracker // with all its fields and labels
	Mirror  tracker.Mirror
	Secret  integration.Secret
	stamp   string
}

// find is the mirror of the tracker, if it has one.
func (m *Mirror) find(ctx context.Context, key domain.TrackerKey) (Place, bool, error) {
	desk, err := m.cfg.Commands.Desk(ctx, key)
	if err != nil {
		return Place{}, false, err
	}
	mirror, has := desk.Mirror(m.name)
	return Place{Tracker: desk, Mirror: mirror}, has, nil
}

// enter signs in at the place, or tells why nobody can now.
func (m *Mirror) enter(ctx context.Context, place *Place) error {
	secret, set, wrong := m.cfg.Base().SecretFor(ctx, place.Mirror.Secret, place.Tracker.Key, place.Mirror.Site)
	if wrong != nil && domain.KindOf(wrong) != domain.Refused {
		return wrong
	}
	place.Secret = secret
	var err error
	if place.stamp, err = stampOf(*place, set); err != nil {
		return err
	}
	if err := m.pass(*place); err != nil {
		return err
	}
	if place.Mirror.Paused {
		wrong = fmt.Errorf("the mirror of %s in %s is paused", place.Tracker.Key, m.name)
	}
	if wrong != nil {
		return m.shut(*place, wrong)
	}
	return nil
}

// judge is the error of a call to the tool as the base is to take it, without the secret.
func (m *Mirror) judge(place Place, err error) error {
	if err == nil {
		return nil
	}
	said := hushed{place.Secret.Redact(err.Error()), err}
	switch {
	case IsMisconfigured(err):
		return m.shut(place, said)
	case IsUnfit(err):
		return integration.LaterError{Err: said, Pause: unfitPause}
	}
	return said
}

// unfitPause is after how long a ticket that a person has to do something about is tried again.
const unfitPause = 10 * time.Minute

// hushed is an error in words that hold no secret.
type hushed struct {
	words string
	error
}

func (e hushed) Error() string { return e.words }

func (e hushed) Unwrap() error { return e.error }

func hushDrifts(place Place, drifts []Drift) []Drift {
	for i, d := range drifts {
		drifts[i] = Drift{What: place.Secret.Redact(d.What), Want: place.Secret.Redact(d.Want), Found: place.Secret.Redact(d.Found), Why: place.Secret.Redact(d.Why)}
	}
	return drifts
}

// former is the mirror that a twin belongs to which the ticket has left behind.
func (m *Mirror) former(ctx context.Context, whole ticket.Whole, twin ticket.Twin) (Place, bool, error) {
	for _, key := range append([]domain.TrackerKey{whole.Tracker}, whole.Before...) {
		place, has, err := m.find(ctx, key)
		if err != nil || has && place.Mirror.Site == twin.Site {
			return place, has, err
		}
	}
	return Place{}, false, nil
}
