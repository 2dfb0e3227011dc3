package eventstore_test

import (
	"context"
	"io"
	"testing"
	"time"

	"suivi/eventstore"
)

func TestSubscriberSurvivesRestarts(t *testing.T) {
	t.Parallel()
	watchGoroutines(t)
	server := startProcess(t)
	s := open(t, server.connectionString())
	messages := subscribe(t, s, eventstore.SubscriberConfig{Filter: eventstore.Filter{StreamPrefixes: []string{"s"}}, MaxBatch: 50})
	revisions := keepUp(t, messages)
	const rounds, each = 4, 200
	total := 0
	for range rounds {
		for range each {
			expected := eventstore.NoStream()
			if total > 0 {
				expected = eventstore.Exactly(uint64(total - 1))
			}
			if _, err := s.Append(within(t, longest), "s", expected, newEvent("a")); err != nil {
				t.Fatal(err)
			}
			total++
		}
		server.kill()
		if err := server.start(); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "all events came", func() bool { return len(revisions()["s"]) >= total })
	for i, got := range revisions()["s"] {
		if got != uint64(i) {
			t.Fatalf("event %d: got revision %d; lost or doubled", i, got)
		}
	}
}

func TestSubscribeBeforeTheServerIsThere(t *testing.T) {
	t.Parallel()
	server := startProcess(t)
	server.kill()
	s := open(t, server.connectionString())
	messages := subscribe(t, s, eventstore.SubscriberConfig{Filter: eventstore.Filter{StreamPrefixes: []string{"s"}}})
	if err := server.start(); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, "s", newEvent("a"))
	take(t, messages, 1)
}

func TestSubscriptionEndsWithContextSubscriberOrStore(t *testing.T) {
	t.Parallel()
	watchGoroutines(t)
	server := startEmbedded(t)
	endings := map[string]func(cancel func(), sub, store io.Closer){
		"context":    func(cancel func(), _, _ io.Closer) { cancel() },
		"subscriber": func(_ func(), sub, _ io.Closer) { _ = sub.Close() },
		"store":      func(_ func(), _, store io.Closer) { _ = store.Close() },
	}
	for name, end := range endings {
		s := open(t, server.ConnectionString())
		mustAppend(t, s, "s", newEvents("a", 500)...)
		ctx, cancel := context.WithCancel(t.Context())
		sub := s.Subscriber(eventstore.SubscriberConfig{Filter: eventstore.Filter{StreamPrefixes: []string{"s"}}})
		messages, err := sub.Subscribe(ctx, "test")
		if err != nil {
			t.Fatal(err)
		}
		held := next(t, messages)
		end(cancel, sub, s)
		select {
		case _, ok := <-messages:
			if ok {
				t.Errorf("%s: a message came after the end", name)
			}
		case <-time.After(longest):
			t.Errorf("%s: the channel was not closed", name)
		}
		if held.Context().Err() == nil {
			t.Errorf("%s: the context of the message goes on", name)
		}
		cancel()
		if err := sub.Close(); err != nil {
			t.Error(err)
		}
		_, err = sub.Subscribe(t.Context(), "test")
		wantError(t, err, eventstore.ErrClosed)
	}
}
