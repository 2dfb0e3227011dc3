package eventstore_test

import (
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"suivi/eventstore"
)

func TestPublisherKeepsUUIDsMetadataAndTypes(t *testing.T) {
	t.Parallel()
	s := openEmbedded(t)
	publisher := s.Publisher()
	id := uuid.NewString()
	plain, odd := message.NewMessage(id, []byte(`{"a":1}`)), message.NewMessage("not a uuid", []byte("not json"))
	odd.Metadata = message.Metadata{"key": "value", eventstore.MetadataEventType: "odd.v1"}
	for range 2 { // the second time nothing is written
		if err := publisher.Publish("topic", plain, odd); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := collect(s.Read(t.Context(), "topic", 0)); err != nil || len(got) != 2 {
		t.Fatalf("got %d events, %v, want 2", len(got), err)
	}
	messages := subscribe(t, s, eventstore.SubscriberConfig{Filter: eventstore.Filter{StreamPrefixes: []string{"topic"}}})
	first := next(t, messages)
	first.Ack()
	second := next(t, messages)
	second.Ack()
	if first.UUID != id || second.UUID != "not a uuid" || string(second.Payload) != "not json" || second.Metadata["key"] != "value" {
		t.Errorf("got %+v and %+v", first, second)
	}
	if events := unpack(t, second.Copy()); events[0].Type != "odd.v1" || events[0].Stream != "topic" || events[0].Revision != 1 {
		t.Errorf("got %+v", events)
	}
	if err := publisher.Close(); err != nil {
		t.Fatal(err)
	}
	wantError(t, publisher.Publish("topic", plain), eventstore.ErrClosed)
}
