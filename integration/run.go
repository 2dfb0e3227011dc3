package integration

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sync/errgroup"

	"suivi/domain"
	"suivi/eventstore"
)

const (
	inFlight     = 8                // tickets whose events are reacted to at a time
	reactTimeout = 30 * time.Second // for one event
)

// runner runs one reactor.
type runner struct {
	Reactor
	cfg      Config
	logger   *slog.Logger
	position position
	health   health
	wake     chan struct{} // there may be parked work to try

	mu     sync.Mutex
	parked map[string]bool // streams of which something is parked
}

func newRunner(cfg Config, reactor Reactor) *runner {
	return &runner{Reactor: reactor, cfg: cfg, logger: cfg.Logger.With("reactor", reactor.Name), wake: make(chan struct{}, 1), parked: map[string]bool{}}
}

// now is the time as both databases keep it.
func (r *runner) now() time.Time { return r.cfg.Now().UTC().Truncate(time.Microsecond) }

// Run runs all reactors until ctx ends. Trouble does not end it: it is told
// (Status, log), and tried again.
func (r *Reactors) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, one := range r.all {
		all.Go(func() { one.run(ctx) })
	}
	all.Wait()
	return nil
}

func (r *runner) run(ctx context.Context) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = 100*time.Millisecond, 10*time.Second
	for ctx.Err() == nil {
		began := time.Now()
		err := r.lead(ctx)
		if err == nil || ctx.Err() != nil {
			continue
		}
		if time.Since(began) > time.Minute {
			pauses.Reset()
		}
		r.health.set("stopped: " + err.Error())
		r.logger.Error("reactor stopped; trying again and again", "error", err)
		pause(ctx, pauses.NextBackOff())
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// lead runs the reactor as the only process that does, as long as that is sure.
func (r *runner) lead(ctx context.Context) error {
	r.health.set("standby")
	ctx, release, err := r.cfg.DB.Lead(ctx, "suivi reactor: "+r.Name)
	if err != nil {
		return err
	}
	defer release()
	if err := r.load(ctx); err != nil {
		return err
	}
	r.health.set("running")
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return r.follow(ctx) })
	group.Go(func() error { r.retry(ctx); return nil })
	group.Go(func() error { r.beginning(ctx); return nil })
	if r.While != nil {
		group.Go(func() error { r.While(ctx); return nil })
	}
	return group.Wait()
}

// beginning has Begin done.
func (r *runner) beginning(ctx context.Context) {
	if r.Begin == nil {
		return
	}
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = 200*time.Millisecond, time.Minute
	for {
		err := r.caughtUp(ctx)
		if err == nil {
			err = r.Begin(ctx)
		}
		if err == nil || ctx.Err() != nil {
			return
		}
		if domain.KindOf(err) != domain.Unavailable {
			r.logger.Warn("the reactor's beginning is tried again", "error", err)
		}
		pause(ctx, pauses.NextBackOff())
	}
}

// caughtUp waits until the reactor has heard what there is now.
func (r *runner) caughtUp(ctx context.Context) error {
	head, err := r.cfg.Store.Head(ctx, r.filter())
	for err == nil && r.position.get().Compare(head) < 0 {
		pause(ctx, savedEvery)
		err = ctx.Err()
	}
	return err
}

// follow hands the events to the reactor as they come, until ctx ends.
func (r *runner) follow(ctx context.Context) error {
	router, err := message.NewRouter(message.RouterConfig{}, watermill.NopLogger{}) // we tell what matters
	if err != nil {
		return fmt.Errorf("make a router: %w", err)
	}
	subscriber := r.cfg.Store.Subscriber(eventstore.SubscriberConfig{
		Filter: r.filter(), Resume: r.resume, MaxInFlight: inFlight,
		OnAcked: r.position.move, OnCheckpoint: r.position.move, Logger: r.logger,
	})
	router.AddConsumerHandler(r.Name, r.Name, subscriber, r.handle)
	var saving sync.WaitGroup
	ended, stop := context.WithCancel(context.WithoutCancel(ctx))
	saving.Go(func() { r.keepSaving(ended) })
	err = router.Run(ctx)
	err = errors.Join(err, subscriber.Close())
	stop()
	saving.Wait()
	return err
}

// handle takes one event. It is an error only when it could not even be parked:
// then it comes again.
func (r *runner) handle(msg *message.Message) error {
	recorded, err := eventstore.Unpack(msg)
	if err != nil {
		return err
	}
	for _, event := range recorded {
		if err := r.take(msg.Context(), event); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) take(ctx context.Context, event eventstore.Recorded) error {
	if !strings.HasPrefix(event.Stream, ticketStreams) {
		return r.aside(ctx, event)
	}
	waits, err := r.waits(ctx, event)
	if waits || err != nil {
		return err
	}
	err = r.react(ctx, event, false)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil: // we are ending; the event comes again
		return err
	}
	return r.park(ctx, event, err)
}

// react has the reactor do its work, and makes an error of a panic.
func (r *runner) react(ctx context.Context, event eventstore.Recorded, again bool) (err error) {
	defer func() { err = errors.Join(err, caught(recover())) }()
	e, err := decode(event)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, reactTimeout)
	defer cancel()
	e.Again = again
	return r.React(ctx, e)
}

// aside tells the reactor of an event that is no ticket's.
func (r *runner) aside(ctx context.Context, event eventstore.Recorded) (err error) {
	defer func() { err = errors.Join(err, caught(recover())) }()
	ctx, cancel := context.WithTimeout(ctx, reactTimeout)
	defer cancel()
	if err := r.Aside(ctx, event); err != nil {
		r.holdsUp(event, err)
		return err
	}
	return nil
}

func (r *runner) holdsUp(event eventstore.Recorded, why error) {
	r.logger.Error("an event holds the reactor up; it is tried again and again", "stream", event.Stream, "event", event.Type, "position", event.Position, "error", why)
}

// caught is the error of a panic, if there was one: recover's answer.
func caught(panicked any) error {
	if panicked == nil {
		return nil
	}
	return fmt.Errorf("panic: %v\n%s", panicked, debug.Stack())
}
