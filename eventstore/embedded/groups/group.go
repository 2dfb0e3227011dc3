package groups

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"suivi/eventstore/embedded/eventlog"
)

const (
	// How often a group looks for messages that took too long, for a checkpoint that
	// is due, and for a disk that works again. Only while there is one of these.
	tickEvery = 100 * time.Millisecond

	// A group of $all notes where it is also when nothing matches, after so many events.
	// It must be more than a checkpoint itself writes.
	passedPerCheckpoint = 1000

	retriesUsedUp = "the event was delivered as often as the group allows"
)

// group is one persistent subscription. Everything but the constants at the top
// belongs to the goroutine run.
type group struct {
	key      Key
	settings Settings
	log      *eventlog.Log
	logger   *slog.Logger
	do       chan func()
	stop     chan struct{}
	ended    chan struct{}
	why      error // why consumers are dropped in the end; set before stop is closed

	source      source
	strategy    strategy
	consumers   []*Consumer
	buffer      []*message             // read and not yet sent
	retries     []*message             // to be sent again, before the buffer
	outstanding map[uuid.UUID]*message // sent and not yet settled
	parking     []*message             // to be parked as soon as the disk takes it
	parked      parkedEvents
	checkpoint  int64 // that is in the log; noPlace when there is none
	settled     int   // since then
	passed      int64 // read since then without a match
	noted       time.Time
	unreadable  bool // the last read failed
	delivered   int64
	measured    int64
	measuredAt  time.Time
}

func newGroup(ctx context.Context, log *eventlog.Log, logger *slog.Logger, e entry) (*group, error) {
	g := &group{
		key: Key{e.Stream, e.Group}, settings: e.Settings, log: log, logger: logger.With("group", e.Group, "source", e.Stream),
		do: make(chan func()), stop: make(chan struct{}), ended: make(chan struct{}),
		strategy: newStrategy(e.Strategy), outstanding: map[uuid.UUID]*message{},
		noted: time.Now(), measuredAt: time.Now(),
	}
	var err error
	if g.checkpoint, err = loadCheckpoint(ctx, log, g.logger, g.key); err != nil {
		return nil, err
	}
	if g.parked, err = loadParked(ctx, log, g.key); err != nil {
		return nil, err
	}
	after := e.After
	if g.checkpoint != noPlace {
		after = g.checkpoint
	}
	if e.Stream != All {
		g.source = &streamSource{log: log, stream: e.Stream, last: after}
		return g, nil
	}
	all := &allSource{log: log, after: after}
	if e.Filter != nil {
		if all.filter, err = e.Filter.Compile(); err != nil {
			return nil, err
		}
	}
	g.source = all
	return g, nil
}

// call has fn run by the group's goroutine and waits for it; false when that has ended.
func (g *group) call(fn func()) bool {
	done := make(chan struct{})
	select {
	case g.do <- func() { defer close(done); fn() }:
		<-done
		return true
	case <-g.ended:
		return false
	}
}

// end stops the group; its consumers are told why.
func (g *group) end(why error) {
	g.why = why
	close(g.stop)
	<-g.ended
}

func (g *group) run(ctx context.Context) {
	defer close(g.ended)
	var tick <-chan time.Time
	for {
		grown := g.work(ctx)
		switch {
		case !g.waits():
			tick = nil
		case tick == nil:
			tick = time.After(tickEvery)
		}
		select {
		case fn := <-g.do:
			fn()
		case <-grown:
		case <-tick:
			tick = nil
			g.tick(ctx, time.Now())
		case <-g.stop:
			g.park(ctx)
			g.note(ctx)
			for _, c := range g.consumers {
				c.drop(g.why)
			}
			return
		}
	}
}

// waits tells whether time alone can bring something to do.
func (g *group) waits() bool {
	return g.settled > 0 || g.passed >= passedPerCheckpoint || len(g.parking) > 0 || g.unreadable || g.parked.behind() ||
		len(g.outstanding) > 0 && g.settings.MessageTimeout > 0
}

// work sends and reads until there is nothing to send, or no room to read. The
// channel is closed when there is more to read.
func (g *group) work(ctx context.Context) (grown <-chan struct{}) {
	for {
		g.push()
		if err := g.replay(ctx); err != nil {
			g.cannotRead(err)
			return nil
		}
		room := g.settings.BufferSize - len(g.buffer)
		if room <= 0 || g.unreadable {
			return nil
		}
		before := g.source.read()
		page, grown, err := g.source.page(ctx, min(room, g.settings.ReadBatchSize))
		if err == nil {
			err = g.take(ctx, page)
		}
		if err != nil {
			g.cannotRead(err)
			return nil
		}
		if g.key.Source == All {
			g.passed += g.source.read() - before - int64(len(page))
		}
		if grown != nil {
			return grown
		}
		select { // a long way without a match must not hold up those who ask
		case fn := <-g.do:
			fn()
		case <-g.stop:
			return nil
		default:
		}
	}
}

func (g *group) cannotRead(err error) {
	if !g.unreadable {
		g.logger.Error("a persistent subscription cannot read its events; it tries again", "error", err)
	}
	g.unreadable = true
}

func (g *group) take(ctx context.Context, page []*eventlog.Record) error {
	for _, r := range page {
		d, err := g.deliver(ctx, r)
		if err != nil {
			return err
		}
		g.buffer = append(g.buffer, &message{Delivery: d, place: g.source.place(r), parked: noPlace})
	}
	return nil
}

// deliver resolves a link where the group is to.
func (g *group) deliver(ctx context.Context, r *eventlog.Record) (Delivery, error) {
	if !g.settings.ResolveLinks || r.Type != eventlog.LinkType {
		return Delivery{Event: r}, nil
	}
	target, _, err := g.log.Resolve(ctx, r)
	return Delivery{Event: target, Link: r}, err
}

// push sends what consumers have room for.
func (g *group) push() {
	g.retries = g.pushFrom(g.retries)
	g.buffer = g.pushFrom(g.buffer)
}

// pushFrom sends messages and returns those that wait.
func (g *group) pushFrom(queue []*message) []*message {
	if len(g.consumers) == 0 {
		return queue
	}
	var held []*message
	for i, m := range queue {
		id := m.original().ID
		if _, busy := g.outstanding[id]; busy { // another event with the same id is under way
			held = append(held, m)
			continue
		}
		c, more := g.strategy.choose(m)
		if c == nil && !more {
			if held == nil {
				return queue[i:]
			}
			return append(held, queue[i:]...)
		}
		if c == nil {
			held = append(held, m)
			continue
		}
		m.consumer, m.sent = c, time.Now()
		g.outstanding[id] = m
		c.inFlight++
		c.delivered++
		g.delivered++
		c.give(m.Delivery)
	}
	return held
}

func (g *group) tick(ctx context.Context, now time.Time) {
	g.unreadable = false
	g.expire(now)
	g.park(ctx)
	if g.parked.behind() {
		if err := g.parked.truncate(ctx, g.log, g.key); err != nil {
			g.logger.Error("the replayed events could not be taken out of the parked ones; it is tried again", "error", err)
		}
	}
	due := g.settled > 0 && g.settled >= g.settings.MinCheckpointCount || g.passed >= passedPerCheckpoint
	if due && now.Sub(g.noted) >= g.settings.CheckpointAfter {
		g.note(ctx)
	}
}

// expire takes back what consumers have had for too long.
func (g *group) expire(now time.Time) {
	if g.settings.MessageTimeout == 0 {
		return
	}
	var late []*message
	for _, m := range g.outstanding {
		if now.Sub(m.sent) >= g.settings.MessageTimeout {
			late = append(late, m)
		}
	}
	g.again(late)
}
