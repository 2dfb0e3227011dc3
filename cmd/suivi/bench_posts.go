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

// prepare makes the tracker that bench posts to. Its key, as that of the tracker with lives, is of this
// moment, so that a service that has been measured before can be measured again.
func (b *bencher) prepare(ctx context.Context) error {
	now := strings.ToUpper(strconv.FormatInt(time.Now().UnixMilli()/100, 36))
	b.desk, b.heap = "B"+now, "P"+now
	_, err := b.client.do(ctx, call{method: http.MethodPost, path: "/trackers", body: map[string]any{"key": b.heap, "name": "Bench of posts"}}, nil)
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
	path := "/trackers/" + b.heap + "/tickets"
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
	return measured, err
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
