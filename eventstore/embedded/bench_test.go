package embedded_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
)

// Streams of this length, as an aggregate has them.
const streamLength = 20

func benchEvent() esdb.EventData {
	return esdb.EventData{
		EventID: uuid.New(), EventType: "ticket.posted.v1", ContentType: esdb.ContentTypeJson,
		Data: []byte(`{"text":"` + strings.Repeat("x", 280) + `"}`),
	}
}

// appendAggregate writes a stream of streamLength events with exact revisions, as
// long as more says so.
func appendAggregate(ctx context.Context, client *esdb.Client, more func() bool) error {
	stream := "ticket-" + uuid.NewString()
	var expected esdb.ExpectedRevision = esdb.NoStream{}
	for i := 0; i < streamLength && more(); i++ {
		if _, err := client.AppendToStream(ctx, stream, esdb.AppendToStreamOptions{ExpectedRevision: expected}, benchEvent()); err != nil {
			return err
		}
		expected = esdb.Revision(uint64(i))
	}
	return nil
}

func runWriters(b *testing.B, client *esdb.Client, writers int) {
	var left atomic.Int64
	left.Store(int64(b.N))
	busy := cpuTime(b)
	b.ResetTimer()
	var running sync.WaitGroup
	for range writers {
		running.Go(func() {
			for left.Load() > 0 {
				if err := appendAggregate(b.Context(), client, func() bool { return left.Add(-1) >= 0 }); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	running.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
	b.ReportMetric(float64((cpuTime(b)-busy).Microseconds())/float64(b.N), "cpu-µs/op")
}

// cpuTime is what the process has used of the processors. Unlike elapsed time it
// says something on a machine that others use too.
func cpuTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			runWriters(b, open(b).Client, writers)
		})
	}
}

// fill writes n events in streams of streamLength and returns how many streams.
func fill(b *testing.B, f *fixture, n int) int {
	var next atomic.Int64
	var running sync.WaitGroup
	for range 16 {
		running.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(n/streamLength) {
					return
				}
				batch := make([]esdb.EventData, streamLength)
				for k := range batch {
					batch[k] = benchEvent()
				}
				_, err := f.AppendToStream(b.Context(), fmt.Sprintf("ticket-%d", i), esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, batch...)
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	running.Wait()
	return n / streamLength
}

func BenchmarkReadAll(b *testing.B) {
	const total = 100_000
	f := open(b)
	fill(b, f, total)
	busy, read := cpuTime(b), 0
	b.ResetTimer()
	for b.Loop() {
		read += len(f.readAll(b, esdb.ReadAllOptions{From: esdb.Start{}}, math.MaxUint64))
	}
	b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64((cpuTime(b)-busy).Nanoseconds())/1000/float64(read), "cpu-µs/event")
}

func BenchmarkLoadStream(b *testing.B) {
	f := open(b)
	streams := fill(b, f, 100_000)
	busy := cpuTime(b)
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		got, err := f.readStream(b, fmt.Sprintf("ticket-%d", i*7919%streams), esdb.ReadStreamOptions{}, math.MaxUint64)
		if err != nil || len(got) != streamLength {
			b.Fatalf("got %d events, %v", len(got), err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "loads/s")
	b.ReportMetric(float64((cpuTime(b)-busy).Microseconds())/float64(b.N), "cpu-µs/op")
}
