package eventstore_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/eventstore"
)

func TestSeveralInFlightKeepTheOrderOfEachStream(t *testing.T) {
	t.Parallel()
	watchGoroutines(t)
	s := openEmbedded(t)
	const streams, each = 20, 50
	var last eventstore.Position
	for range each {
		for i := range streams {
			last = mustAppend(t, s, fmt.Sprintf("s-%d", i), newEvent("a")).Position
		}
	}
	var mu sync.Mutex
	var acked []eventstore.Position
	caughtUp := make(chan struct{}, 1)
	messages := subscribe(t, s, eventstore.SubscriberConfig{
		Filter: eventstore.Filter{StreamPrefixes: []string{"s-"}}, MaxInFlight: 8,
		OnAcked: func(p eventstore.Position) {
			mu.Lock()
			acked = append(acked, p)
			mu.Unlock()
		},
		OnCaughtUp: func() { caughtUp <- struct{}{} },
	})
	revisions := keepUp(t, messages)
	select {
	case <-caughtUp:
	case <-time.After(longest):
		t.Fatal("never caught up")
	}
	want := make([]uint64, each)
	for i := range want {
		want[i] = uint64(i)
	}
	for stream, got := range revisions() {
		if !cmp.Equal(want, got) {
			t.Errorf("%s: got %v", stream, got)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for i := 1; i < len(acked); i++ {
		if acked[i-1].Compare(acked[i]) >= 0 {
			t.Errorf("acked %v after %v", acked[i], acked[i-1])
		}
	}
	if n := len(revisions()); n != streams || acked[len(acked)-1] != last {
		t.Errorf("got %d streams, acked up to %v, want %d, %v", n, acked[len(acked)-1], streams, last)
	}
}

func TestCheckpointsPassForeignEvents(t *testing.T) {
	t.Parallel()
	s := openEmbedded(t)
	ours := mustAppend(t, s, "ours", newEvent("a"))
	checkpoints := make(chan eventstore.Position, 100)
	messages := subscribe(t, s, eventstore.SubscriberConfig{
		Filter:       eventstore.Filter{StreamPrefixes: []string{"ours"}},
		OnCheckpoint: func(p eventstore.Position) { checkpoints <- p },
	})
	for range 25 {
		mustAppend(t, s, "foreign", newEvents("a", 1000)...)
	}
	msg := next(t, messages)
	select {
	case p := <-checkpoints:
		t.Errorf("checkpoint %v before the ack", p)
	case <-time.After(200 * time.Millisecond):
	}
	msg.Ack()
	select {
	case p := <-checkpoints:
		if p.Compare(ours.Position) <= 0 {
			t.Errorf("got checkpoint %v, want one after %v", p, ours.Position)
		}
	case <-time.After(longest):
		t.Fatal("no checkpoint")
	}
}

func TestCaughtUpWaitsForTheAcks(t *testing.T) {
	t.Parallel()
	s := openEmbedded(t)
	mustAppend(t, s, "s", newEvents("a", 2)...)
	caughtUp := make(chan struct{}, 1)
	messages := subscribe(t, s, eventstore.SubscriberConfig{
		Filter:     eventstore.Filter{StreamPrefixes: []string{"s"}},
		OnCaughtUp: func() { caughtUp <- struct{}{} },
	})
	next(t, messages).Ack()
	second := next(t, messages)
	select {
	case <-caughtUp:
		t.Error("caught up before the last ack")
	case <-time.After(200 * time.Millisecond):
	}
	second.Ack()
	select {
	case <-caughtUp:
	case <-time.After(longest):
		t.Error("never caught up")
	}
}
