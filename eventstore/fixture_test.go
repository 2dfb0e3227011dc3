package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"suivi/eventstore"
	"suivi/eventstore/embedded"
)

// longest is how long a test waits for what must happen.
const longest = 30 * time.Second

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func startEmbedded(t *testing.T) *embedded.Server {
	t.Helper()
	server, err := embedded.Open(t.Context(), embedded.Config{
		Path:   filepath.Join(t.TempDir(), "events.db"),
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func open(t *testing.T, connectionString string) *eventstore.Store {
	t.Helper()
	store, err := eventstore.Open(connectionString, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func openEmbedded(t *testing.T) *eventstore.Store {
	t.Helper()
	return open(t, startEmbedded(t).ConnectionString())
}

func newEvent(kind string) eventstore.Event {
	return eventstore.Event{ID: uuid.New(), Type: kind, Data: []byte(`{"n":1}`), Metadata: []byte(`{"by":"ada"}`)}
}

func newEvents(kind string, n int) []eventstore.Event {
	events := make([]eventstore.Event, n)
	for i := range events {
		events[i] = newEvent(kind)
		events[i].Data = fmt.Appendf(nil, `{"n":%d}`, i)
	}
	return events
}

func mustAppend(t *testing.T, s *eventstore.Store, stream string, events ...eventstore.Event) eventstore.Appended {
	t.Helper()
	appended, err := s.Append(within(t, longest), stream, eventstore.AnyRevision(), events...)
	if err != nil {
		t.Fatal(err)
	}
	return appended
}

func collect(events iter.Seq2[eventstore.Recorded, error]) ([]eventstore.Recorded, error) {
	var got []eventstore.Recorded
	for event, err := range events {
		if err != nil {
			return got, err
		}
		got = append(got, event)
	}
	return got, nil
}

func idsOf(events []eventstore.Recorded) []uuid.UUID {
	ids := make([]uuid.UUID, len(events))
	for i, event := range events {
		ids[i] = event.ID
	}
	return ids
}

func idsProposed(events []eventstore.Event) []uuid.UUID {
	ids := make([]uuid.UUID, len(events))
	for i, event := range events {
		ids[i] = event.ID
	}
	return ids
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

// subscribe starts a subscription that ends with the test.
func subscribe(t *testing.T, s *eventstore.Store, cfg eventstore.SubscriberConfig) <-chan *message.Message {
	t.Helper()
	subscriber := s.Subscriber(cfg)
	t.Cleanup(func() {
		if err := subscriber.Close(); err != nil {
			t.Error(err)
		}
	})
	messages, err := subscriber.Subscribe(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

// next waits for a message; the caller acks.
func next(t *testing.T, messages <-chan *message.Message) *message.Message {
	t.Helper()
	select {
	case msg, ok := <-messages:
		if !ok {
			t.Fatal("the channel was closed")
		}
		return msg
	case <-time.After(longest):
		t.Fatal("no message came")
	}
	return nil
}

func unpack(t *testing.T, msg *message.Message) []eventstore.Recorded {
	t.Helper()
	events, err := eventstore.Unpack(msg)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// take acks messages until it has n events.
func take(t *testing.T, messages <-chan *message.Message, n int) []eventstore.Recorded {
	t.Helper()
	var got []eventstore.Recorded
	for len(got) < n {
		msg := next(t, messages)
		got = append(got, unpack(t, msg)...)
		msg.Ack()
	}
	return got
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(longest)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never came true: %s", what)
		}
	}
}
