package eventstore

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/ThreeDotsLabs/watermill/message"
)

const (
	// How long the server may take to confirm a subscription.
	confirmWithin = 10 * time.Second
	// Of this many events the server considers, and of so many windows it tells a
	// checkpoint. Its defaults mean a checkpoint every 32 events.
	searchWindow       = 2000
	checkpointInterval = 5
	// Events taken over ahead of their delivery, at least, so that the server need not be waited for.
	readAhead = 128

	firstReconnect = 100 * time.Millisecond
	lastReconnect  = 10 * time.Second
)

var errNothingMore = errors.New("the server ended the subscription")

// subscription is one call of Subscribe: run takes events over from the server, one
// lane per message in flight delivers them.
type subscription struct {
	store    *Store
	config   SubscriberConfig
	logger   *slog.Logger
	stream   string // the only one to deliver, if config.ByTopic
	messages chan *message.Message
	lanes    []*lane
	seed     maphash.Seed
	progress *progress

	last Position // of the last event or checkpoint taken over
}

func newSubscription(store *Store, config SubscriberConfig, topic string, from Position) *subscription {
	s := &subscription{
		store:    store,
		config:   config,
		logger:   config.Logger.With("topic", topic),
		messages: make(chan *message.Message),
		seed:     maphash.MakeSeed(),
		progress: newProgress(config),
		last:     from,
	}
	if config.ByTopic {
		s.stream = topic
		s.config.Filter = Filter{StreamPrefixes: []string{topic}}
	}
	for range config.MaxInFlight {
		s.lanes = append(s.lanes, newLane(s))
	}
	return s
}

// run subscribes, again and again, until ctx ends.
func (s *subscription) run(ctx context.Context) {
	var delivering sync.WaitGroup
	for _, lane := range s.lanes {
		delivering.Go(func() { lane.run(ctx) })
	}
	pauses := newBackoff(firstReconnect, lastReconnect)
	for {
		err := s.follow(ctx, pauses.Reset)
		if ctx.Err() != nil {
			break
		}
		pause := pauses.NextBackOff()
		s.logger.Warn("subscription lost; subscribing anew", "error", err, "after", s.last, "pause", pause)
		if !sleep(ctx, pause) {
			break
		}
	}
	delivering.Wait()
	close(s.messages)
}

// follow is one subscription at the server, until it drops. It reports the first sign of life.
func (s *subscription) follow(ctx context.Context, alive func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	entered, err := s.store.enter(ctx)
	if err != nil {
		return err
	}
	defer func() { entered.leave(err) }()

	impatience := time.AfterFunc(confirmWithin, cancel)
	defer impatience.Stop()
	//nolint:contextcheck // entered is ctx
	events, err := entered.conn.client.SubscribeToAll(entered, esdb.SubscribeToAllOptions{
		From:               after(s.last),
		MaxSearchWindow:    searchWindow,
		CheckpointInterval: checkpointInterval,
		Filter:             s.config.Filter.toClient(),
	})
	if err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	defer func() { _ = events.Close() }() // never fails
	if !impatience.Stop() {
		return context.DeadlineExceeded
	}
	for {
		// After a drop Recv would drop again and again.
		received := events.Recv()
		if received.SubscriptionDropped != nil {
			err = received.SubscriptionDropped.Error
			if err == nil {
				err = errNothingMore
			}
			return err
		}
		alive()
		if !s.take(ctx, received) {
			return ctx.Err()
		}
	}
}

// take hands on what the server has sent. It waits while the lane is full, so that
// the server has to wait as well. False: ctx has ended.
func (s *subscription) take(ctx context.Context, received *esdb.SubscriptionEvent) bool {
	switch {
	case received.EventAppeared != nil:
		event, ok := fromClient(received.EventAppeared)
		if !ok || event.Position.Compare(s.last) <= 0 {
			return true
		}
		if s.stream != "" && s.stream != event.Stream {
			s.checkpoint(event.Position)
			return true
		}
		s.last = event.Position
		return s.laneOf(event.Stream).put(ctx, taken{Recorded: event, ticket: s.progress.begin(event.Position)})
	case received.CheckPointReached != nil:
		s.checkpoint(Position{Commit: received.CheckPointReached.Commit, Prepare: received.CheckPointReached.Prepare})
	case received.CaughtUp != nil:
		s.progress.caughtUp()
	}
	return true
}

func (s *subscription) checkpoint(p Position) {
	if p.Compare(s.last) > 0 {
		s.last = p
		s.progress.checkpoint(p)
	}
}

func (s *subscription) laneOf(stream string) *lane {
	if len(s.lanes) == 1 {
		return s.lanes[0]
	}
	return s.lanes[maphash.String(s.seed, stream)%uint64(len(s.lanes))]
}
