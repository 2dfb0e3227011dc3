package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is what was measured of the same thing done again and again by some
// clients, each waiting for its answer before it goes on.
type load struct {
	What      string  `json:"what"`
	Clients   int     `json:"clients"`
	Done      int     `json:"done"`
	Failed    int     `json:"failed"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"perSecond"`
	P50       float64 `json:"p50ms"` // milliseconds
	P99       float64 `json:"p99ms"`
	Max       float64 `json:"maxms"`
}

// errEnough ends a load whose work is done, without being counted.
var errEnough = errors.New("enough")

// sustain lets clients do it until the time is over, the work ends with errEnough,
// or ctx ends. Failures are counted; it is an error when nothing has succeeded.
func sustain(ctx context.Context, what string, clients int, duration time.Duration, do func(ctx context.Context, client int) error) (load, error) {
	var lock sync.Mutex
	var all []time.Duration
	var failed atomic.Int64
	var first error
	var working sync.WaitGroup
	began := time.Now()
	for client := range clients {
		working.Go(func() {
			var took []time.Duration
			for ctx.Err() == nil && time.Since(began) < duration {
				at := time.Now()
				err := do(ctx, client)
				if errors.Is(err, errEnough) {
					break
				}
				if err == nil {
					took = append(took, time.Since(at))
				} else if failed.Add(1) == 1 {
					lock.Lock()
					first = err
					lock.Unlock()
				}
			}
			lock.Lock()
			all = append(all, took...)
			lock.Unlock()
		})
	}
	working.Wait()
	if err := ctx.Err(); err != nil {
		return load{}, err
	}
	if len(all) == 0 {
		return load{}, fmt.Errorf("%s with %d clients: none of %d succeeded: %w", what, clients, failed.Load(), first)
	}
	return summarise(what, clients, int(failed.Load()), time.Since(began), all), nil
}

func summarise(what string, clients, failed int, took time.Duration, all []time.Duration) load {
	slices.Sort(all)
	return load{
		What: what, Clients: clients, Done: len(all), Failed: failed, Seconds: took.Seconds(),
		PerSecond: float64(len(all)) / took.Seconds(),
		P50:       milliseconds(quantile(all, 0.50)), P99: milliseconds(quantile(all, 0.99)), Max: milliseconds(all[len(all)-1]),
	}
}

// quantile is the smallest of the sorted times that at least the share q does not exceed.
func quantile(sorted []time.Duration, q float64) time.Duration {
	i := int(q*float64(len(sorted))+0.999999) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
