package eventstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// SubscriberConfig says what a Subscriber delivers, and how. The zero value delivers
// all of $all from the beginning, a message per event, one at a time.
type SubscriberConfig struct {
	// Filter chooses the events; the server applies it.
	Filter Filter
	// ByTopic makes the topic given to Subscribe the name of the one stream to
	// deliver, as Publisher writes it, in place of Filter. Otherwise the topic is
	// only a name.
	ByTopic bool

	// After is the position after which a subscription begins. Resume, if set, is
	// asked for it instead, once at each call of Subscribe. After a lost connection
	// a subscription goes on by itself after the last event that it took over.
	After  Position
	Resume func(context.Context) (Position, error)

	// MaxBatch is how many events travel in one message at most; 0 means 1. With 1 a
	// message is one event: its payload is the event's data. With more, the payload
	// is a framing of one or several events, in order: those that have come while
	// the message before was being handled. Take both apart with Unpack.
	MaxBatch int
	// MaxInFlight is how many messages may wait for their ack at a time; 0 means 1,
	// which gives a total order. With more, each stream has its own order still: an
	// event waits for the ack of the message before it on its stream. A message that
	// is never acked stops the others in the end, when 128 events wait behind it.
	MaxInFlight int

	// ResendAfter is the pause before a message is sent again after its nack; it
	// doubles with each nack of the same message, up to ResendAtMost, with jitter.
	// 0 means 100 ms, and 10 s.
	ResendAfter, ResendAtMost time.Duration

	// OnCheckpoint hears that nothing up to a position is left for this subscription:
	// all that the filter chose was acked, and behind it is a stretch of foreign
	// events. A consumer that keeps a position moves it there. OnAcked hears the
	// same after acks, the position being that of an event; only consumers with
	// MaxInFlight > 1 need it. Positions ascend. No two calls run at a time. With
	// MaxInFlight 1 no message is being handled during a call, and nothing is
	// delivered until it returns. It must not call Close.
	OnCheckpoint, OnAcked func(Position)
	// OnCaughtUp hears that all events which were there are acked: when the
	// subscription becomes live, again after each reconnection. Servers before 23.10
	// never say so.
	OnCaughtUp func()

	// Logger hears of lost connections and of nacks; nil discards.
	Logger *slog.Logger
}

func (c SubscriberConfig) withDefaults() SubscriberConfig {
	c.MaxBatch = max(c.MaxBatch, 1)
	c.MaxInFlight = max(c.MaxInFlight, 1)
	if c.ResendAfter <= 0 {
		c.ResendAfter = 100 * time.Millisecond
	}
	if c.ResendAtMost <= 0 {
		c.ResendAtMost = 10 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

var errByTopicFilter = errors.New("ByTopic takes the place of Filter: set one of them")

func (c SubscriberConfig) check() error {
	if c.ByTopic && (len(c.Filter.StreamPrefixes) > 0 || len(c.Filter.TypePrefixes) > 0) {
		return errByTopicFilter
	}
	return c.Filter.check()
}

// Subscriber is a Watermill message.Subscriber over $all. Each Subscribe is a
// subscription of its own: consumers do not share the events among them. A message
// must be acked or nacked before the next one of its stream comes; a nack has it
// sent again. Delivery is at least once, ordered as MaxInFlight says.
type Subscriber struct {
	store  *Store
	config SubscriberConfig

	closing context.Context //nolint:containedctx // the subscriber's own life, not a caller's
	close   context.CancelFunc

	mu      sync.Mutex // no running.Go after closing
	running sync.WaitGroup
}

var _ message.Subscriber = (*Subscriber)(nil)

// Subscriber makes a Subscriber; it starts nothing before Subscribe. A contradiction
// in cfg is Subscribe's error.
func (s *Store) Subscriber(cfg SubscriberConfig) *Subscriber {
	sub := &Subscriber{store: s, config: cfg.withDefaults()}
	sub.closing, sub.close = context.WithCancel(context.Background())
	return sub
}

// Subscribe begins a subscription that lasts until ctx ends, or the Subscriber or
// its Store is closed; the channel is closed then. It does not wait for the server:
// an absent or lost one is looked for as long as the subscription lasts.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	if err := s.config.check(); err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", topic, err)
	}
	from := s.config.After
	if s.config.Resume != nil {
		var err error
		if from, err = s.config.Resume(ctx); err != nil {
			return nil, fmt.Errorf("subscribe to %s: find where to begin: %w", topic, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Err() != nil || s.store.closing.Err() != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", topic, ErrClosed)
	}
	sub := newSubscription(s.store, s.config, topic, from)
	s.running.Go(func() { s.run(ctx, sub) })
	return sub.messages, nil
}

func (s *Subscriber) run(ctx context.Context, sub *subscription) {
	ctx, cancel, free := s.store.live(ctx)
	defer free()
	defer context.AfterFunc(s.closing, func() { cancel(ErrClosed) })() //nolint:contextcheck // a second life beside ctx
	sub.run(ctx)
}

// Close ends all subscriptions and waits until their channels are closed. Messages
// without an ack will be delivered to a later subscription that begins before them.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	s.close()
	s.mu.Unlock()
	s.running.Wait()
	return nil
}
