package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/jmoiron/sqlx"

	"suivi/eventstore"
)

// liveBatch is how many events go into one transaction when they wait.
const liveBatch = 500

// errOtherVersion: the live tables are not those of this program. A newer one has
// taken over, so this one lets it.
var errOtherVersion = errors.New("the live tables are of another version of the program")

// follow applies events to the live tables as they come, until ctx ends or
// another version of the program has taken over.
func (p *Projections) follow(ctx context.Context) error {
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	router, err := message.NewRouter(message.RouterConfig{}, watermill.NopLogger{}) // we tell what matters
	if err != nil {
		return fmt.Errorf("make a router: %w", err)
	}
	subscriber := p.store.Subscriber(eventstore.SubscriberConfig{
		Filter: filter(), Resume: p.resume, MaxBatch: liveBatch,
		OnCheckpoint: func(at eventstore.Position) { p.pass(ctx, at) },
		Logger:       p.logger.With("subscriber", "projections"),
	})
	router.AddConsumerHandler("projections", "projections", subscriber, func(msg *message.Message) error { //nolint:contextcheck // a message has its own
		err := p.handle(msg)
		if errors.Is(err, errOtherVersion) {
			giveUp(err)
		}
		return err
	})
	err = router.Run(ctx)
	return errors.Join(err, subscriber.Close(), cause(ctx))
}

// cause is why follow gave up, nil if its caller wanted it.
func cause(ctx context.Context) error {
	if err := context.Cause(ctx); errors.Is(err, errOtherVersion) {
		return err
	}
	return nil
}

// resume is the position from which all projections have everything to come.
func (p *Projections) resume(ctx context.Context) (eventstore.Position, error) {
	at, err := liveCheckpoints(ctx, p.db.Read)
	if err != nil {
		return eventstore.Position{}, err
	}
	return p.common(at)
}

// common is the position that all live projections have.
func (p *Projections) common(at map[string]checkpoint) (eventstore.Position, error) {
	var least eventstore.Position
	for i, model := range models() {
		c, ok := at[model.name()]
		if !ok || c.Version != model.version() {
			return least, fmt.Errorf("%s: %w", model.name(), errOtherVersion)
		}
		if i == 0 || c.position().Compare(least) < 0 {
			least = c.position()
		}
	}
	return least, nil
}

// longestRest bounds how long projections rest between two batches.
const longestRest = 10 * time.Millisecond

// rest lets events gather, as long as the last batch took, so that under load
// transactions become fewer and larger and writers keep half of the machine. A
// full batch means that we are behind: then there is no rest.
func rest(ctx context.Context, batch int, took time.Duration) {
	if batch >= liveBatch {
		return
	}
	timer := time.NewTimer(min(took, longestRest))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// handle applies the events of a message, or tells why it stands still.
func (p *Projections) handle(msg *message.Message) error {
	began := time.Now()
	recorded, err := eventstore.Unpack(msg)
	if err == nil {
		err = p.apply(msg.Context(), recorded)
	}
	if errors.Is(err, errMoved) { // the second time it is read where it is now
		err = p.apply(msg.Context(), recorded)
	}
	switch {
	case msg.Context().Err() != nil: // we are ending; the events come again
	case err == nil:
		if p.health.runs() {
			p.logger.Info("projections go on", "after", recorded[len(recorded)-1].Position)
		}
		rest(msg.Context(), len(recorded), time.Since(began))
	case p.health.stops(err):
		p.logger.Error("projections stopped; trying again and again", "error", err)
	}
	return err
}

// apply applies the events to the live tables, in one transaction.
func (p *Projections) apply(ctx context.Context, recorded []eventstore.Recorded) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v\n%s", panicked, debug.Stack())
		}
	}()
	events, err := decodeAll(recorded)
	if err != nil {
		return err
	}
	p.applying.Lock()
	defer p.applying.Unlock()
	last := recorded[len(recorded)-1].Position
	err = within(ctx, p.db, func(tx *sqlx.Tx) error {
		at, err := liveCheckpoints(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := p.common(at); err != nil {
			return err
		}
		for _, model := range models() {
			if err := advance(ctx, tx, model, at[model.name()], events); err != nil {
				return err
			}
		}
		return p.peers.announce(ctx, tx, last)
	})
	if err != nil {
		return err
	}
	p.reached.set(last)
	return nil
}

// advance moves a checkpoint over the events that it does not have yet, and applies them.
func advance(ctx context.Context, tx *sqlx.Tx, model projection, c checkpoint, events []event) error {
	events = c.new(events)
	if len(events) == 0 {
		return nil
	}
	if err := c.move(ctx, tx, events[len(events)-1].Position, len(events)); err != nil {
		return err
	}
	if err := model.apply(ctx, tx, c.place(), events); err != nil {
		return fmt.Errorf("%s%s: %w", c.Name, c.Suffix, err)
	}
	return nil
}

// pass moves the checkpoints over a stretch of foreign events, so that a restart
// need not look at it again.
func (p *Projections) pass(ctx context.Context, to eventstore.Position) {
	p.applying.Lock()
	defer p.applying.Unlock()
	err := within(ctx, p.db, func(tx *sqlx.Tx) error {
		at, err := liveCheckpoints(ctx, tx)
		if err != nil {
			return err
		}
		for _, model := range models() {
			c, ok := at[model.name()]
			if !ok || c.position().Compare(to) >= 0 {
				continue
			}
			if err := c.move(ctx, tx, to, 0); err != nil {
				return err
			}
		}
		return p.peers.announce(ctx, tx, to)
	})
	if err != nil {
		p.logger.Log(ctx, slog.LevelDebug, "checkpoint not moved over foreign events; the next one will be", "error", err)
		return
	}
	p.reached.set(to)
}
