package eventstore_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"suivi/eventstore"
	"suivi/eventstore/embedded"
)

func benchServer(b *testing.B) *embedded.Server {
	b.Helper()
	server, err := embedded.Open(b.Context(), embedded.Config{Path: b.TempDir() + "/events.db"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Close() })
	return server
}

func benchStore(b *testing.B, server *embedded.Server) *eventstore.Store {
	b.Helper()
	s, err := eventstore.Open(server.ConnectionString(), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

// spread runs call b.N times, by several callers at once.
func spread(b *testing.B, callers int, call func(caller, i int) error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	var running sync.WaitGroup
	b.ResetTimer()
	for caller := range callers {
		running.Go(func() {
			for i := 0; left.Add(-1) >= 0; i++ {
				if err := call(caller, i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	running.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

func BenchmarkAppend(b *testing.B) {
	data := []byte(`{"text":"` + strings.Repeat("x", 280) + `"}`)
	for _, callers := range []int{1, 64} {
		b.Run("store/"+strconv.Itoa(callers), func(b *testing.B) {
			s := benchStore(b, benchServer(b))
			spread(b, callers, func(caller, i int) error {
				expected := eventstore.NoStream()
				if i > 0 {
					expected = eventstore.Exactly(uint64(i - 1))
				}
				_, err := s.Append(b.Context(), fmt.Sprintf("s-%d", caller), expected, eventstore.Event{ID: uuid.New(), Type: "a", Data: data})
				return err
			})
		})
		b.Run("client/"+strconv.Itoa(callers), func(b *testing.B) { // what the wrapper costs
			config, err := esdb.ParseConnectionString(benchServer(b).ConnectionString())
			if err != nil {
				b.Fatal(err)
			}
			config.Logger = nil
			client, err := esdb.NewClient(config)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			spread(b, callers, func(caller, i int) error {
				var expected esdb.ExpectedRevision = esdb.NoStream{}
				if i > 0 {
					expected = esdb.Revision(uint64(i - 1))
				}
				_, err := client.AppendToStream(b.Context(), fmt.Sprintf("s-%d", caller), esdb.AppendToStreamOptions{ExpectedRevision: expected},
					esdb.EventData{EventID: uuid.New(), EventType: "a", ContentType: esdb.ContentTypeJson, Data: data})
				return err
			})
		})
	}
}

// BenchmarkDeliver measures history through a subscription; an op is an event.
func BenchmarkDeliver(b *testing.B) {
	const stored = 50_000
	server := benchServer(b)
	s := benchStore(b, server)
	for range stored / 500 {
		if _, err := s.Append(b.Context(), "s", eventstore.AnyRevision(), newEvents("a", 500)...); err != nil {
			b.Fatal(err)
		}
	}
	for _, batch := range []int{1, 500} {
		b.Run("batch/"+strconv.Itoa(batch), func(b *testing.B) {
			left, begin := b.N, time.Now()
			for left > 0 {
				left -= deliver(b, s, batch, min(left, stored))
			}
			b.ReportMetric(float64(b.N)/time.Since(begin).Seconds(), "events/s")
		})
	}
}

func deliver(b *testing.B, s *eventstore.Store, batch, n int) int {
	b.Helper()
	sub := s.Subscriber(eventstore.SubscriberConfig{Filter: eventstore.Filter{StreamPrefixes: []string{"s"}}, MaxBatch: batch})
	defer func() { _ = sub.Close() }()
	messages, err := sub.Subscribe(b.Context(), "bench")
	if err != nil {
		b.Fatal(err)
	}
	got := 0
	for msg := range messages {
		events, err := eventstore.Unpack(msg)
		if err != nil {
			b.Fatal(err)
		}
		msg.Ack()
		if got += len(events); got >= n {
			break
		}
	}
	return got
}
