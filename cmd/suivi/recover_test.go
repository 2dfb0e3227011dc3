package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The service follows a separate event store that is killed and restarted
// under load: it recovers by itself, nothing acknowledged is lost, nothing doubled.
func TestTheEventStoreIsKilledUnderLoad(t *testing.T) {
	t.Parallel()
	events, address := t.TempDir(), freeAddress(t)
	store := start(t, "eventstore", "--data", events, "--listen", address)
	d := serveDesk(t, t.TempDir(), "--eventstore", "esdb://"+address+"?tls=false")
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", map[string]any{"key": "LOAD", "name": "Load"}), nil)

	var tried, acknowledged atomic.Int64
	done := make(chan struct{})
	var posters sync.WaitGroup
	for poster := range 8 {
		posters.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				postUntilAcknowledged(t, d, fmt.Sprintf("%d-%d", poster, n), &tried)
				acknowledged.Add(1)
			}
		})
	}
	for range 3 {
		goal := acknowledged.Load() + 50
		await(t, "posts go on", func() bool { return acknowledged.Load() >= goal })
		store.kill()
		pause := time.NewTimer(time.Duration(rand.IntN(3000)) * time.Millisecond)
		<-pause.C // the outage itself, longer or shorter than the client's patience
		store = start(t, "eventstore", "--data", events, "--listen", address)
	}
	goal := acknowledged.Load() + 50
	await(t, "posts go on after the last restart", func() bool { return acknowledged.Load() >= goal })
	close(done)
	posters.Wait()
	checkAllThereOnce(t, d, int(acknowledged.Load()))
	t.Logf("%d acknowledged of %d tries", acknowledged.Load(), tried.Load())
}

// postUntilAcknowledged posts with one idempotency key until the service says
// that it is done; 5xx answers are what an outage looks like.
func postUntilAcknowledged(t *testing.T, d *desk, name string, tried *atomic.Int64) {
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		tried.Add(1)
		a, err := d.try(d.token, "POST", "/api/v1/trackers/LOAD/tickets", map[string]any{"summary": name}, "Idempotency-Key", name)
		switch {
		case err == nil && a.status == http.StatusCreated:
			return
		case err == nil && a.status != http.StatusServiceUnavailable:
			t.Errorf("post %s: got %d %s", name, a.status, a.body)
			return
		}
	}
	t.Errorf("post %s: not acknowledged within a minute", name)
}

func checkAllThereOnce(t *testing.T, d *desk, want int) {
	t.Helper()
	var head struct{ ID string }
	last := d.ask(d.token, "POST", "/api/v1/trackers/LOAD/tickets", map[string]any{"summary": "last"})
	d.want(http.StatusCreated, last, &head)
	seen := map[string]int{}
	numbers := map[int]bool{}
	next := ""
	for {
		var got struct {
			Tickets []struct {
				Summary string
				Number  int
			}
			Next string
		}
		d.want(http.StatusOK, d.ask(d.token, "GET", page("/api/v1/tickets?list=all&limit=200&sort=number", next), nil,
			"X-Suivi-After", last.position), &got)
		for _, ticket := range got.Tickets {
			seen[ticket.Summary]++
			numbers[ticket.Number] = true
		}
		if next = got.Next; next == "" {
			break
		}
	}
	if len(seen) != want+1 || len(numbers) != want+1 {
		t.Errorf("%d summaries, %d numbers in the list, want %d", len(seen), len(numbers), want+1)
	}
	for summary, n := range seen {
		if n != 1 {
			t.Errorf("%q stands %d times in the list", summary, n)
		}
	}
}

// freeAddress is a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "127.0.0.1:" + strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}
