package projections

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"suivi/domain"
	"suivi/eventstore"
)

// Run builds what is missing or of another version, then keeps all read models
// up to date until ctx ends. Trouble does not end it: it is told (Status, log),
// and tried again. It is an error only if the database cannot be prepared at all.
func (p *Projections) Run(ctx context.Context) error {
	if err := p.prepare(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // ended before it began
		}
		return err
	}
	var listening sync.WaitGroup
	defer listening.Wait()
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = 100*time.Millisecond, 10*time.Second
	for ctx.Err() == nil {
		var err error
		if !p.built.Load() {
			if err = p.upToDate(ctx); err == nil {
				p.built.Store(true) // before, positions may be of tables that are thrown away
				listening.Go(func() { p.peers.listen(ctx, func(at eventstore.Position) { p.hear(ctx, at) }) })
			}
		}
		if p.built.Load() {
			pauses.Reset()
			err = p.lead(ctx)
		}
		if err != nil && ctx.Err() == nil {
			p.stop(ctx, err, pauses.NextBackOff())
		}
	}
	return nil
}

// Built is nil once Run has found or made tables of this program's version, which
// it does first of all; until then nobody may read them, and it is
// domain.Unavailable, "read-models-building". It is cheap.
func (p *Projections) Built() error {
	if p.built.Load() {
		return nil
	}
	return domain.Errorf(domain.Unavailable, "read-models-building", "the lists are being built from the events; try again soon")
}

// stop tells of trouble and waits a while.
func (p *Projections) stop(ctx context.Context, err error, pause time.Duration) {
	if p.health.stops(err) {
		p.logger.Error("projections stopped; trying again and again", "error", err)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// upToDate builds what has to be built before the tables can be followed.
func (p *Projections) upToDate(ctx context.Context) error {
	release, err := p.peers.lockBuilds(ctx, next)
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	defer release()
	at, err := liveCheckpoints(ctx, p.db.Read)
	if err != nil {
		return err
	}
	head, err := p.store.Head(ctx, eventstore.Filter{})
	if err != nil {
		return err
	}
	missing := p.outdated(at)
	for _, m := range models() {
		if at[m.name()].position().Compare(head) > 0 {
			p.logger.Warn("the read models are ahead of the event store, which must be another one or an older copy; building them anew",
				"projection", m.name(), "position", at[m.name()].position(), "head", head)
			missing = models()
			break
		}
	}
	if len(missing) > 0 {
		if err := p.rebuild(ctx, missing, nil); err != nil {
			return fmt.Errorf("build: %w", err)
		}
	}
	p.reached.reset()
	p.hear(ctx, eventstore.Position{})
	return nil
}

// outdated is the projections that have no live tables of this program's version.
func (p *Projections) outdated(at map[string]checkpoint) []projection {
	var missing []projection
	for _, m := range models() {
		if c, ok := at[m.name()]; !ok || c.Version != m.version() {
			missing = append(missing, m)
		}
	}
	return missing
}

// lead follows as the only process that does, as long as that is sure.
func (p *Projections) lead(ctx context.Context) error {
	p.health.waits()
	leading, release, err := p.peers.lead(ctx)
	if err != nil {
		return err
	}
	defer release()
	p.health.runs()
	return p.follow(leading)
}

// hear notes how far the live tables are, as another process says; a zero
// position means to look.
func (p *Projections) hear(ctx context.Context, at eventstore.Position) {
	if at.IsZero() {
		var err error
		if at, err = p.resume(ctx); err != nil {
			return // not built yet, or the next look tells
		}
	}
	p.reached.set(at)
}
