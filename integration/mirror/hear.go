package mirror

import (
	"context"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// defaultPoll is how often a tool is asked what has changed there.
const defaultPoll = 10 * time.Second

// poll has the tickets looked at whose twins have changed, until ctx ends.
func (m *Mirror) poll(ctx context.Context, hearing Hearing) {
	tick := time.NewTicker(m.cfg.PollEvery)
	defer tick.Stop()
	for {
		if err := m.pollAll(ctx, hearing); err != nil && ctx.Err() == nil {
			m.cfg.Logger.Warn("what has changed in a tool is asked again", "tool", m.name, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (m *Mirror) pollAll(ctx context.Context, hearing Hearing) error {
	keys, err := m.cfg.Trackers(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := m.pollIfBoth(ctx, hearing, key); err != nil {
			return err
		}
	}
	return nil
}

// pollIfBoth polls the mirror of a tracker that hears, and works.
func (m *Mirror) pollIfBoth(ctx context.Context, hearing Hearing, key domain.TrackerKey) error {
	place, has, err := m.find(ctx, key)
	if err != nil {
		return err
	}
	if !has || place.Mirror.Direction != tracker.BothWays || m.enter(ctx, &place) != nil {
		return nil //nolint:nilerr // those that wait for it say why
	}
	if err := m.pollOne(ctx, hearing, place); err != nil {
		m.cfg.Logger.Warn("what has changed in a mirror is asked again", "tool", m.name, "tracker", key, "error", m.judge(place, err))
	}
	return nil
}

// pollOne keeps the cursor once the tickets are noted: what is heard twice does no harm.
func (m *Mirror) pollOne(ctx context.Context, hearing Hearing, place Place) error {
	name := m.name + " " + string(place.Tracker.Key) + " " + place.Mirror.Site + " " + place.Mirror.Project
	cursor, err := m.cfg.Base().Cursor(ctx, name)
	if err != nil {
		return err
	}
	ids, next, err := hearing.Changed(ctx, place, cursor)
	if err != nil {
		return err
	}
	if err := m.open(ctx, place); err != nil {
		return err
	}
	if err := m.cfg.Base().Due(ctx, m.name, "its twin has changed", ids...); err != nil || next == cursor {
		return err
	}
	return m.cfg.Base().SetCursor(ctx, name, next)
}

// hear does to the ticket what people have done to its twin since. What somebody did
// there is done after what was done here, by the rules that hold for them here; what
// is refused is noted, and undone there by what follows.
func (m *Mirror) hear(ctx context.Context, place Place, whole *ticket.Whole, twin ticket.Twin, because cause) error {
	hearing, ok := m.cfg.Tool.(Hearing)
	if !ok || place.Mirror.Direction != tracker.BothWays {
		return nil
	}
	want, err := m.want(ctx, *whole, twin.Site)
	if err != nil {
		return err
	}
	news, err := hearing.News(ctx, place, Job{Twin: twin, Want: want, Match: m.matcher(whole.ID, twin, because), Content: m.cfg.Content})
	if err != nil {
		return err
	}
	for _, change := range news {
		if err := m.takeIn(ctx, place, whole.ID, twin, change, because); err != nil {
			return err
		}
	}
	if len(news) > 0 {
		*whole, err = m.cfg.Commands.Whole(ctx, whole.ID)
	}
	return err
}
