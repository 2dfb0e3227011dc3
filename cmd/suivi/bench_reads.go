package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"suivi/web"
)

// lists measures the first page of the list, as everybody meets it.
func (b *bencher) lists(ctx context.Context) error {
	l, err := newLean(b.client)
	if err != nil {
		return err
	}
	defer l.host.CloseIdleConnections()
	pages := []struct{ what, path string }{
		{"first page of open tickets", "/tickets?limit=50"},
		{"first page by number", "/tickets?limit=50&list=all&sort=-number"},
	}
	if b.report.Tickets == 0 { // somebody else's service
		if b.report.Tickets, err = b.countTickets(ctx); err != nil {
			return err
		}
	}
	for _, page := range pages {
		for _, clients := range []int{1, 16} {
			b.say("reading the %s with %d clients for %v", page.what, clients, b.duration)
			measured, err := sustain(ctx, page.what, clients, b.duration, func(context.Context, int) error {
				_, err := l.do(http.MethodGet, page.path, nil)
				return err
			})
			if err != nil {
				return err
			}
			b.report.Lists = append(b.report.Lists, measured)
		}
	}
	return nil
}

func (b *bencher) countTickets(ctx context.Context) (int, error) {
	var said struct {
		Lists map[string]int `json:"lists"`
	}
	err := b.client.get(ctx, "/tickets/counts", nil, &said)
	return said.Lists["open"] + said.Lists["resolved"], err
}

// Moderate load: four clients that post 25 tickets a second each.
const (
	moderateClients = 4
	moderatePause   = 40 * time.Millisecond
)

// visible measures how long after its answer a post is in the list, while
// others post: once by asking with the position of the post, which waits, and
// once by asking again and again.
func (b *bencher) visible(ctx context.Context) error {
	l, err := newLean(b.client)
	if err != nil {
		return err
	}
	defer l.host.CloseIdleConnections()
	b.say("posting %d tickets a second and looking for others for %v", moderateClients*int(time.Second/moderatePause), 2*b.duration)
	background, stop := context.WithCancel(ctx)
	var posting sync.WaitGroup
	for range moderateClients {
		posting.Go(func() { b.postSteadily(background, l) })
	}
	defer posting.Wait()
	defer stop()
	for _, way := range []struct {
		what string
		seen func(context.Context, *lean, int64, string) error
	}{{"seen with X-Suivi-After", b.seenAfter}, {"seen by polling the list", b.seenByPolling}} {
		measured, err := b.delays(ctx, l, way.what, way.seen)
		if err != nil {
			return err
		}
		b.report.Visible = append(b.report.Visible, measured)
	}
	return nil
}

func (b *bencher) postSteadily(ctx context.Context, l *lean) {
	tick := time.NewTicker(moderatePause)
	defer tick.Stop()
	for n := int64(0); ; n++ {
		select {
		case <-tick.C:
			_, _ = l.do(http.MethodPost, "/trackers/"+b.heap+"/tickets", ticketBody(n)) // only to keep the service busy
		case <-ctx.Done():
			return
		}
	}
}

// delays posts, and measures from the answer until the ticket is seen.
func (b *bencher) delays(ctx context.Context, l *lean, what string, seen func(context.Context, *lean, int64, string) error) (load, error) {
	var all []time.Duration
	began := time.Now()
	for n := int64(0); time.Since(began) < b.duration; n++ {
		answer, err := l.do(http.MethodPost, "/trackers/"+b.heap+"/tickets", ticketBody(n))
		if err != nil {
			return load{}, err
		}
		at := time.Now()
		number, err := ticketNumber(answer.body)
		if err != nil {
			return load{}, err
		}
		if err := seen(ctx, l, number, answer.position); err != nil {
			return load{}, err
		}
		all = append(all, time.Since(at))
	}
	if len(all) == 0 {
		return load{}, errors.New("there was no time for a single post")
	}
	return summarise(what, 1, 0, time.Since(began), all), nil
}

func (b *bencher) newest() string { return "/tickets?list=all&limit=1&sort=-number&tracker=" + b.heap }

func (b *bencher) seenAfter(_ context.Context, l *lean, number int64, position string) error {
	answer, err := l.do(http.MethodGet, b.newest(), nil, web.HeaderAfter, position)
	if err != nil {
		return err
	}
	if newest, err := ticketNumber(answer.body); err != nil || newest < number {
		return errors.Join(err, fmt.Errorf("the list asked for after %s ends at ticket %d and lacks %d", position, newest, number))
	}
	return nil
}

func (b *bencher) seenByPolling(ctx context.Context, l *lean, number int64, _ string) error {
	for ctx.Err() == nil {
		answer, err := l.do(http.MethodGet, b.newest(), nil)
		if err != nil {
			return err
		}
		newest, err := ticketNumber(answer.body)
		if err != nil || newest >= number {
			return err
		}
	}
	return ctx.Err()
}

// rebuilds measures each projection's rebuild while nothing else happens.
func (b *bencher) rebuilds(ctx context.Context) error {
	if err := b.caughtUp(ctx); err != nil {
		return err
	}
	list, err := projectionStatus(ctx, b.client)
	if err != nil {
		return err
	}
	for _, p := range list {
		b.say("rebuilding %s", p.Name)
		began := time.Now()
		events, err := rebuild(ctx, b.client, p.Name, b.errOut)
		if err != nil {
			return err
		}
		seconds := time.Since(began).Seconds()
		b.report.Rebuilds = append(b.report.Rebuilds, rebuilt{p.Name, events, seconds, float64(events) / seconds})
	}
	return nil
}
