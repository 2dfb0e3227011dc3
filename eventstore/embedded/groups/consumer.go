package groups

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"suivi/eventstore/embedded/eventlog"
)

// message is an event on its way through a group. Only the group's goroutine touches it.
type message struct {
	Delivery
	place    int64 // in what the group follows; noPlace when it was parked before
	parked   int64 // its revision among the parked ones; noPlace when it does not come from there
	consumer *Consumer
	sent     time.Time
	reason   string // why it is to be parked
}

const noPlace = int64(-1)

// Delivery is an event for one consumer.
type Delivery struct {
	Event   *eventlog.Record // nil when Link leads nowhere any more
	Link    *eventlog.Record // the link that was resolved; nil when the event is none
	Retries int              // how often it was delivered before
}

// original is the event by which consumers acknowledge: the link where there is one.
func (d Delivery) original() *eventlog.Record {
	if d.Link != nil {
		return d.Link
	}
	return d.Event
}

// Client says who consumes, for those who look at the group.
type Client struct{ Address, Login, Connection string }

// maxRoom bounds how many events a consumer may be told to hold.
const maxRoom = 10_000

// Consumer is one member of a group. Its methods may be called from any goroutine.
type Consumer struct {
	group  *group
	client Client
	room   int
	joined time.Time

	// Of the group's goroutine.
	inFlight  int
	delivered int64
	measured  int64 // delivered when it was looked at last
	latencies []time.Duration

	mu    sync.Mutex
	queue []Delivery
	gone  error // why nothing more comes
	ready chan struct{}
}

func (c *Consumer) hasRoom() bool {
	if c.inFlight >= c.room {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.queue) < c.room
}

func (c *Consumer) give(d Delivery) {
	c.mu.Lock()
	c.queue = append(c.queue, d)
	c.mu.Unlock()
	c.wake()
}

// drop ends the consumer; it gets err instead of another event.
func (c *Consumer) drop(err error) {
	c.mu.Lock()
	c.queue, c.gone = nil, err
	c.mu.Unlock()
	c.wake()
}

func (c *Consumer) wake() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// Next is the next event for this consumer. It fails when ctx ends, or with
// ErrDropped, ErrNotFound or ErrClosed when the group is no more what it was.
func (c *Consumer) Next(ctx context.Context) (Delivery, error) {
	for {
		d, ok, err := c.first()
		if ok || err != nil {
			return d, err
		}
		select {
		case <-c.ready:
		case <-ctx.Done():
			return Delivery{}, ctx.Err()
		}
	}
}

// first takes what waits for the consumer, if anything does.
func (c *Consumer) first() (d Delivery, ok bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone != nil || len(c.queue) == 0 {
		return d, false, c.gone
	}
	d, c.queue = c.queue[0], c.queue[1:]
	return d, true, nil
}

// Ack says that events have been dealt with. Ids that the consumer does not hold are ignored.
func (c *Consumer) Ack(ids []uuid.UUID) {
	c.group.call(func() { c.group.settle(c, ids, Skip, "") })
}

// Action is what becomes of an event that a consumer could not deal with.
type Action int

// What a consumer may ask for.
const (
	Retry Action = iota // deliver it again; park it when it was delivered too often
	Park                // put it aside
	Skip                // go on without it
)

// Nack says that events could not be dealt with, and why.
func (c *Consumer) Nack(ids []uuid.UUID, action Action, reason string) {
	c.group.call(func() { c.group.settle(c, ids, action, reason) })
}

// Leave ends the consumer. What it holds goes to others.
func (c *Consumer) Leave() {
	c.group.call(func() { c.group.leave(c) })
}

// join adds a consumer.
func (g *group) join(client Client, room int) (*Consumer, error) {
	if g.settings.MaxConsumers > 0 && len(g.consumers) >= g.settings.MaxConsumers {
		return nil, ErrFull
	}
	c := &Consumer{group: g, client: client, room: room, joined: time.Now(), ready: make(chan struct{}, 1)}
	g.consumers = append(g.consumers, c)
	g.strategy.join(c)
	return c, nil
}

// leave takes a consumer out.
func (g *group) leave(c *Consumer) {
	if !slices.Contains(g.consumers, c) {
		return
	}
	g.consumers = slices.DeleteFunc(g.consumers, func(o *Consumer) bool { return o == c })
	g.strategy.leave(c)
	var held []*message
	for _, m := range g.outstanding {
		if m.consumer == c {
			held = append(held, m)
		}
	}
	g.again(held)
	g.park(context.Background())
	c.drop(errLeft)
}

var errLeft = errors.New("the consumer has left the group")
