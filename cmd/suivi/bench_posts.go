package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"suivi/commands"
)

// prepare makes the tracker that bench posts to. Its key is of this moment, so
// that a service that has been measured before can be measured again.
func (b *bencher) prepare(ctx context.Context) error {
	b.desk = "B" + strings.ToUpper(strconv.FormatInt(time.Now().UnixMilli()/100, 36))
	_, err := b.client.do(ctx, call{method: http.MethodPost, path: "/trackers", body: map[string]any{"key": b.desk, "name": "Bench"}}, nil)
	return err
}

// ticketBody is a request to post a ticket whose event has about 400 bytes.
func ticketBody(n int64) []byte {
	return fmt.Appendf(nil, `{"summary":"Ticket %d of a bench","description":%q}`, n, strings.Repeat("It does not print. ", 12))
}

// posts measures durable posts: the answer comes when the event is on the disk.
func (b *bencher) posts(ctx context.Context) error {
	if _, err := b.post(ctx, "warm up", 16, min(b.duration, 2*time.Second), false); err != nil {
		return err
	}
	for _, clients := range []int{1, 16, 64} {
		b.say("posting with %d clients for %v", clients, b.duration)
		measured, err := b.post(ctx, "post a ticket", clients, b.duration, false)
		if err != nil {
			return err
		}
		b.report.Posts = append(b.report.Posts, measured)
		if err := b.caughtUp(ctx); err != nil {
			return err
		}
	}
	b.say("posting with 16 clients and Idempotency-Key for %v", b.duration)
	measured, err := b.post(ctx, "post with Idempotency-Key", 16, b.duration, true)
	b.report.Posts = append(b.report.Posts, measured)
	return err
}

func (b *bencher) post(ctx context.Context, what string, clients int, duration time.Duration, keys bool) (load, error) {
	l, err := newLean(b.client)
	if err != nil {
		return load{}, err
	}
	defer l.host.CloseIdleConnections()
	path := "/trackers/" + b.desk + "/tickets"
	var n atomic.Int64
	measured, err := sustain(ctx, what, clients, duration, func(context.Context, int) error {
		var headers []string
		i := n.Add(1)
		if keys {
			headers = []string{commands.HeaderKey, what + strconv.FormatInt(i, 10)}
		}
		_, err := l.do(http.MethodPost, path, ticketBody(i), headers...)
		return err
	})
	b.posted += measured.Done
	return measured, err
}

// fill posts until there are as many tickets as lists are to be measured with.
func (b *bencher) fill(ctx context.Context) error {
	missing := int64(b.tickets - b.posted)
	if missing > 0 {
		l, err := newLean(b.client)
		if err != nil {
			return err
		}
		defer l.host.CloseIdleConnections()
		b.say("posting up to %d tickets", b.tickets)
		shown := newProgress(b.errOut, "post", missing)
		defer shown.end()
		var n atomic.Int64
		measured, err := sustain(ctx, "fill", 64, 24*time.Hour, func(context.Context, int) error {
			i := n.Add(1)
			if i > missing {
				return errEnough
			}
			_, err := l.do(http.MethodPost, "/trackers/"+b.desk+"/tickets", ticketBody(i))
			shown.add(1)
			return err
		})
		if err != nil {
			return err
		}
		b.posted += measured.Done
	}
	b.report.Tickets = b.posted
	began := time.Now()
	err := b.caughtUp(ctx)
	b.report.CaughtUp = time.Since(began).Seconds()
	return err
}

// caughtUp waits until the read models have every event.
func (b *bencher) caughtUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		list, err := projectionStatus(ctx, b.client)
		if err != nil {
			return err
		}
		behind := uint64(0)
		for _, p := range list {
			behind = max(behind, p.Lag)
		}
		if behind == 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the read models, which are %d events behind: %w", behind, ctx.Err())
		}
	}
}
