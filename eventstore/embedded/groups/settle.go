package groups

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
)

// settle deals with what a consumer says of events that it holds.
func (g *group) settle(c *Consumer, ids []uuid.UUID, action Action, reason string) {
	for _, id := range ids {
		m := g.outstanding[id]
		if m == nil || m.consumer != c {
			continue
		}
		if g.settings.ExtraStatistics {
			c.latencies = append(c.latencies[max(0, len(c.latencies)-maxLatencies+1):], time.Since(m.sent))
		}
		g.takeBack(m)
		switch action {
		case Retry:
			g.retry(m)
		case Park:
			m.reason = reason
			g.parking = append(g.parking, m)
		case Skip:
			g.done(m)
		}
	}
	ctx := context.Background() // what is settled is settled, whoever has left
	g.park(ctx)
	if g.settled >= g.settings.MaxCheckpointCount {
		g.note(ctx)
	}
}

func (g *group) takeBack(m *message) {
	delete(g.outstanding, m.original().ID)
	m.consumer.inFlight--
	m.consumer = nil
}

func (g *group) retry(m *message) {
	if m.Retries >= g.settings.MaxRetryCount {
		m.reason = retriesUsedUp
		g.parking = append(g.parking, m)
		return
	}
	m.Retries++
	g.retries = append(g.retries, m)
}

// again has messages sent again, in their order.
func (g *group) again(messages []*message) {
	slices.SortFunc(messages, func(a, b *message) int { return cmp.Compare(a.original().Pos, b.original().Pos) })
	for _, m := range messages {
		g.takeBack(m)
		g.retry(m)
	}
}

// done is told of every message that need not come again.
func (g *group) done(m *message) {
	g.settled++
	if m.parked != noPlace {
		g.parked.done(m.parked)
	}
}

// park puts messages aside. Those that the disk does not take wait.
func (g *group) park(ctx context.Context) {
	for len(g.parking) > 0 {
		m := g.parking[0]
		last, err := writeParked(ctx, g.log, g.key, m)
		if err != nil {
			g.logger.Error("an event could not be parked; it is tried again", "error", err)
			return
		}
		g.parking = g.parking[1:]
		g.parked.last = last
		g.done(m)
	}
}

// replay reads parked messages that somebody wants again.
func (g *group) replay(ctx context.Context) error {
	for g.parked.from < g.parked.wanted && len(g.retries) < g.settings.BufferSize {
		links, err := g.parked.page(ctx, g.log, g.key, g.settings.ReadBatchSize)
		if err != nil {
			return err
		}
		for _, link := range links {
			target, found, err := g.log.Resolve(ctx, link)
			if err != nil {
				return err
			}
			g.parked.from = link.Rev + 1
			if !found { // nobody can deal with it any more
				continue
			}
			d, err := g.deliver(ctx, target)
			if err != nil {
				return err
			}
			g.parked.begin(link.Rev)
			g.retries = append(g.retries, &message{Delivery: d, place: noPlace, parked: link.Rev})
		}
		if len(links) == 0 {
			g.parked.from = g.parked.wanted
		}
		g.push()
	}
	return nil
}

// note writes down how far all is settled.
func (g *group) note(ctx context.Context) {
	at := g.low()
	if at > g.checkpoint {
		if err := writeCheckpoint(ctx, g.log, g.key, at, g.checkpoint == noPlace); err != nil {
			g.logger.Error("a checkpoint of a persistent subscription could not be written; it is tried again", "error", err)
			return
		}
		g.checkpoint = at
	}
	g.settled, g.passed, g.noted = 0, 0, time.Now()
}

// low is the place up to which, including it, nothing is left to do.
func (g *group) low() int64 {
	lowest := int64(math.MaxInt64)
	see := func(m *message) {
		if m.place != noPlace {
			lowest = min(lowest, m.place)
		}
	}
	for _, m := range g.outstanding {
		see(m)
	}
	for _, queue := range [][]*message{g.retries, g.parking, g.buffer} {
		for _, m := range queue {
			see(m)
		}
	}
	if lowest == math.MaxInt64 {
		return g.source.read()
	}
	return lowest - 1
}
