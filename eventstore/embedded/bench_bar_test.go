package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// Each part of the bar is measured for so long.
const barTime = 4 * time.Second

// The events that the big log has.
const bigLog = 2_000_000

// BenchmarkBar measures the store beside what the machine can do at most, in one
// run, since figures of one machine say nothing of another. It takes about two
// minutes whatever -benchtime says: go test -run '^$' -bench Bar -benchtime 1x.
func BenchmarkBar(b *testing.B) {
	for range b.N {
		ceiling := appendRate(b, noOpServer(b), barTime)
		fsyncs := datasyncRate(b)
		f := open(b)
		alone := appendRate(b, f.Client, barTime)
		stop := subscribers(b, f, 8)
		followed := appendRate(b, f.Client, barTime)
		stop()
		b.ReportMetric(ceiling, "ceiling/s")
		b.ReportMetric(fsyncs, "fdatasync/s")
		b.ReportMetric(alone, "appends/s")
		b.ReportMetric(alone/ceiling, "of-ceiling")
		b.ReportMetric(alone/fsyncs, "per-fdatasync")
		b.ReportMetric(100*(1-followed/alone), "%-cost-of-8-subscribers")
		measureReads(b)
		measureDelivery(b)
		measureBigLog(b)
		b.ReportMetric(0, "ns/op")
	}
}

// appendRate is how many appends 64 writers have acknowledged each second.
func appendRate(b *testing.B, client *esdb.Client, during time.Duration) float64 {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), during)
	defer cancel()
	var done atomic.Int64
	var running sync.WaitGroup
	began := time.Now()
	for range 64 {
		running.Go(func() {
			for ctx.Err() == nil {
				more := func() bool { return ctx.Err() == nil && done.Add(1) > 0 }
				if err := appendAggregate(b.Context(), client, more); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	running.Wait()
	return float64(done.Load()) / time.Since(began).Seconds()
}

func datasyncRate(b *testing.B) float64 {
	b.Helper()
	file, err := os.Create(filepath.Join(b.TempDir(), "datasync"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	record, n, began := make([]byte, 400), 0, time.Now()
	for ; time.Since(began) < barTime/2; n++ {
		if _, err := file.Write(record); err != nil {
			b.Fatal(err)
		}
		if err := syscall.Fdatasync(int(file.Fd())); err != nil {
			b.Fatal(err)
		}
	}
	return float64(n) / time.Since(began).Seconds()
}

// subscribers follow $all, unfiltered, until stopped.
func subscribers(b *testing.B, f *fixture, n int) (stop func()) {
	b.Helper()
	var running sync.WaitGroup
	var subscriptions []*esdb.Subscription
	for range n {
		sub, err := f.SubscribeToAll(b.Context(), esdb.SubscribeToAllOptions{From: esdb.End{}})
		if err != nil {
			b.Fatal(err)
		}
		subscriptions = append(subscriptions, sub)
		running.Go(func() {
			for sub.Recv().SubscriptionDropped == nil { //nolint:revive // receiving is all there is to do
			}
		})
	}
	return func() {
		for _, sub := range subscriptions {
			_ = sub.Close()
		}
		running.Wait()
	}
}

func measureReads(b *testing.B) {
	b.Helper()
	f := open(b)
	streams := fill(b, f, 200_000)
	began, n := time.Now(), 0
	read, err := f.ReadAll(b.Context(), esdb.ReadAllOptions{}, math.MaxUint64)
	if err != nil {
		b.Fatal(err)
	}
	for ; ; n++ {
		if _, err := read.Recv(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			b.Fatal(err)
		}
	}
	read.Close()
	b.ReportMetric(float64(n)/time.Since(began).Seconds(), "all-events/s")
	took := make([]time.Duration, 0, 5000)
	for i := range cap(took) {
		began := time.Now()
		read, err := f.ReadStream(b.Context(), fmt.Sprintf("ticket-%d", i*7919%streams), esdb.ReadStreamOptions{}, math.MaxUint64)
		if recorded, err := drain(b, read, err); err != nil || len(recorded) != streamLength {
			b.Fatalf("%d events, %v", len(recorded), err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(milliseconds(took[len(took)/2]), "load-p50-ms")
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

// measureDelivery appends 1,000 events a second and measures from the call to the delivery.
func measureDelivery(b *testing.B) {
	b.Helper()
	f := open(b)
	sub, err := f.SubscribeToAll(b.Context(), esdb.SubscribeToAllOptions{From: esdb.End{}})
	if err != nil {
		b.Fatal(err)
	}
	defer sub.Close()
	var sent sync.Map // event id → time.Time
	const events = 5000
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	var running sync.WaitGroup
	running.Go(func() {
		for range events {
			<-tick.C
			event := benchEvent()
			sent.Store(event.EventID, time.Now())
			running.Go(func() {
				if _, err := f.AppendToStream(b.Context(), "live-"+event.EventID.String(), esdb.AppendToStreamOptions{}, event); err != nil {
					b.Error(err)
				}
			})
		}
	})
	took := make([]time.Duration, 0, events)
	for len(took) < events {
		got := sub.Recv()
		if got.SubscriptionDropped != nil {
			b.Fatal(got.SubscriptionDropped.Error)
		}
		if got.EventAppeared == nil {
			continue
		}
		if at, ok := sent.Load(got.EventAppeared.Event.EventID); ok {
			took = append(took, time.Since(at.(time.Time)))
		}
	}
	running.Wait()
	slices.Sort(took)
	b.ReportMetric(milliseconds(took[len(took)/2]), "live-p50-ms")
	b.ReportMetric(milliseconds(took[len(took)*99/100]), "live-p99-ms")
}

// measureBigLog opens a log of two million events in a process of its own.
func measureBigLog(b *testing.B) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "events.db")
	fillBigLog(b, path)
	began := time.Now()
	address, kill := startServer(b, path)
	b.ReportMetric(milliseconds(time.Since(began)), "reopen-2M-ms")
	client := connect(b, "esdb://"+address+"?tls=false")
	for i := range 2000 {
		read, err := client.ReadStream(b.Context(), fmt.Sprintf("ticket-%d", i*7919%(bigLog/streamLength)), esdb.ReadStreamOptions{}, math.MaxUint64)
		if recorded, err := drain(b, read, err); err != nil || len(recorded) != streamLength {
			b.Fatalf("%d events, %v", len(recorded), err)
		}
	}
	appendRate(b, client, barTime/2)
	b.ReportMetric(memoryOf(b, path), "MB-with-2M")
	kill()
}

func fillBigLog(b *testing.B, path string) {
	b.Helper()
	address, kill := startServer(b, path)
	client := connect(b, "esdb://"+address+"?tls=false")
	fill(b, &fixture{Client: client}, bigLog)
	_ = client.Close()
	kill()
	log := openAt(b, path) // so that what the kill has left is tidied up
	if err := log.server.Close(); err != nil {
		b.Fatal(err)
	}
}

// memoryOf is the resident memory, in 10⁶ bytes, of the process that holds the lock of a log.
func memoryOf(b *testing.B, path string) float64 {
	b.Helper()
	pid, err := os.ReadFile(path + ".lock")
	if err != nil {
		b.Fatal(err)
	}
	status, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/status")
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmRSS:" {
			kib, err := strconv.ParseFloat(fields[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib * 1024 / 1e6
		}
	}
	b.Fatal("the system does not tell the memory of a process")
	return 0
}
