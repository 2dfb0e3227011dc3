package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/go-cmp/cmp"

	"suivi/eventstore"
)

func TestSubscriberDeliversHistoryThenNews(t *testing.T) {
	t.Parallel()
	for _, batch := range []int{1, 500} {
		t.Run(fmt.Sprintf("batches of %d", batch), func(t *testing.T) {
			t.Parallel()
			watchGoroutines(t)
			s := openEmbedded(t)
			events := newEvents("a", 30)
			mustAppend(t, s, "s-1", events[:20]...)
			messages := subscribe(t, s, eventstore.SubscriberConfig{Filter: eventstore.Filter{StreamPrefixes: []string{"s-"}}, MaxBatch: batch})
			got := take(t, messages, 20)
			mustAppend(t, s, "s-2", events[20:]...)
			got = append(got, take(t, messages, 10)...)

			want, err := collect(s.ReadAll(t.Context(), eventstore.Position{}, eventstore.Filter{StreamPrefixes: []string{"s-"}}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

func TestSubscriberBeginsAfterItsPosition(t *testing.T) {
	t.Parallel()
	s := openEmbedded(t)
	events := newEvents("a", 3)
	first := mustAppend(t, s, "s", events[0])
	second := mustAppend(t, s, "s", events[1])
	mustAppend(t, s, "s", events[2])

	filter := eventstore.Filter{StreamPrefixes: []string{"s"}}
	got := take(t, subscribe(t, s, eventstore.SubscriberConfig{Filter: filter, After: first.Position}), 2)
	if diff := cmp.Diff(idsProposed(events[1:]), idsOf(got)); diff != "" {
		t.Errorf("After: want -, got +:\n%s", diff)
	}
	resume := func(context.Context) (eventstore.Position, error) { return second.Position, nil }
	got = take(t, subscribe(t, s, eventstore.SubscriberConfig{Filter: filter, Resume: resume}), 1)
	if diff := cmp.Diff(idsProposed(events[2:]), idsOf(got)); diff != "" {
		t.Errorf("Resume: want -, got +:\n%s", diff)
	}
	broken := errors.New("no checkpoint")
	_, err := s.Subscriber(eventstore.SubscriberConfig{
		Resume: func(context.Context) (eventstore.Position, error) { return eventstore.Position{}, broken },
	}).Subscribe(t.Context(), "test")
	wantError(t, err, broken)
}

func TestSubscriberFiltersByType(t *testing.T) {
	t.Parallel()
	s := openEmbedded(t)
	mustAppend(t, s, "s", newEvent("foreign"), newEvent("ours.a"), newEvent("foreign"), newEvent("other"), newEvent("ours.b"))
	got := take(t, subscribe(t, s, eventstore.SubscriberConfig{Filter: eventstore.Filter{TypePrefixes: []string{"ours.", "other"}}}), 3)
	for i, want := range []string{"ours.a", "other", "ours.b"} {
		if got[i].Type != want {
			t.Errorf("event %d: got %s, want %s", i, got[i].Type, want)
		}
	}
}

func TestNackedMessageComesAgainBeforeAllOthers(t *testing.T) {
	t.Parallel()
	s := openEmbedded(t)
	mustAppend(t, s, "s", newEvents("a", 10)...)
	messages := subscribe(t, s, eventstore.SubscriberConfig{
		Filter: eventstore.Filter{StreamPrefixes: []string{"s"}}, MaxBatch: 4, ResendAfter: time.Millisecond,
	})
	var acked []eventstore.Recorded
	for tries := 0; len(acked) < 10; tries++ {
		msg := next(t, messages)
		events := unpack(t, msg)
		if events[0].Revision != uint64(len(acked)) {
			t.Fatalf("got revision %d, want %d", events[0].Revision, len(acked))
		}
		if tries%3 != 2 {
			msg.Nack()
			continue
		}
		msg.Ack()
		acked = append(acked, events...)
	}
}

func TestBatchesFormWhileAMessageIsHandled(t *testing.T) {
	t.Parallel()
	s := openEmbedded(t)
	messages := subscribe(t, s, eventstore.SubscriberConfig{Filter: eventstore.Filter{StreamPrefixes: []string{"s"}}, MaxBatch: 300})
	mustAppend(t, s, "s", newEvent("a"))
	first := next(t, messages)
	if n := len(unpack(t, first)); n != 1 {
		t.Errorf("alone: got %d events, want 1", n)
	}
	const behind = 1000
	mustAppend(t, s, "s", newEvents("a", behind)...)
	select {
	case <-messages:
		t.Error("a message came before the ack of the last one")
	case <-time.After(200 * time.Millisecond):
	}
	first.Ack()
	got, sizes := 0, []int{}
	for got < behind {
		msg := next(t, messages)
		sizes = append(sizes, len(unpack(t, msg)))
		got += sizes[len(sizes)-1]
		msg.Ack()
	}
	if sizes[0] == 1 { // later ones depend on who is faster
		t.Errorf("got batches of %v", sizes)
	}
}

// keepUp acks whatever comes, as concurrently as it comes, and notes each stream's revisions.
func keepUp(t *testing.T, messages <-chan *message.Message) (revisions func() map[string][]uint64) {
	t.Helper()
	var mu sync.Mutex
	seen := map[string][]uint64{}
	var handling sync.WaitGroup
	handling.Go(func() {
		for msg := range messages {
			handling.Go(func() {
				events, err := eventstore.Unpack(msg)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				for _, event := range events {
					seen[event.Stream] = append(seen[event.Stream], event.Revision)
				}
				mu.Unlock()
				msg.Ack()
			})
		}
	})
	return func() map[string][]uint64 {
		mu.Lock()
		defer mu.Unlock()
		copied := map[string][]uint64{}
		for stream, revisions := range seen {
			copied[stream] = append([]uint64(nil), revisions...)
		}
		return copied
	}
}
