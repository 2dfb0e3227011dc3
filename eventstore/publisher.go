package eventstore

import (
	"encoding/json"
	"fmt"
	"sync/atomic"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
)

// DefaultEventType is the type of events whose message names none under MetadataEventType.
const DefaultEventType = "message"

// MetadataEventType is the key of the Watermill metadata that names an event's type.
const MetadataEventType = "event_type"

// A publish of more than this goes in several appends.
const (
	publishAtOnce = 500
	publishSize   = commonSizeLimit / 2
)

// Publisher is a Watermill message.Publisher that appends to the stream named by the
// topic, whatever its revision. A message's UUID is its event's id (a UUIDv5 of it,
// if it is not a UUID), so that one published again is recognised, as far as
// AnyRevision promises. Metadata becomes the event's metadata, except what a
// Subscriber of ours had added.
type Publisher struct {
	store  *Store
	closed atomic.Bool
}

var _ message.Publisher = (*Publisher)(nil)

// Publisher makes a Publisher. Closing it does not close the Store.
func (s *Store) Publisher() *Publisher { return &Publisher{store: s} }

// Publish appends messages in order, in one append if they are at most 500 and
// 512 KiB, and returns once they are stored. It lives as long as the context of the
// first message, 10 s if that has no deadline. After an error an unknown part may
// have been stored: publish the same messages again.
func (p *Publisher) Publish(topic string, messages ...*message.Message) error {
	if p.closed.Load() {
		return fmt.Errorf("publish to %s: %w", topic, ErrClosed)
	}
	if len(messages) == 0 {
		return nil
	}
	events := make([]esdb.EventData, 0, len(messages))
	for _, msg := range messages {
		event, err := eventOf(msg)
		if err != nil {
			return fmt.Errorf("publish to %s: message %s: %w", topic, msg.UUID, err)
		}
		events = append(events, event)
	}
	ctx, free := p.store.bound(messages[0].Context())
	defer free()
	for len(events) > 0 {
		n := portion(events)
		if _, err := p.store.append(ctx, topic, AnyRevision(), events[:n]); err != nil {
			return fmt.Errorf("publish to %s: %w", topic, err)
		}
		events = events[n:]
	}
	return nil
}

// Close makes later calls of Publish fail with ErrClosed. Calls under way go on.
func (p *Publisher) Close() error {
	p.closed.Store(true)
	return nil
}

// portion is how many events go in the next append, at least one.
func portion(events []esdb.EventData) int {
	size := 0
	for i := range events {
		size += len(events[i].Data) + len(events[i].Metadata)
		if i > 0 && (i == publishAtOnce || size > publishSize) {
			return i
		}
	}
	return len(events)
}

func eventOf(msg *message.Message) (esdb.EventData, error) {
	id, err := uuid.Parse(msg.UUID)
	if err != nil {
		id = uuid.NewSHA1(uuid.NameSpaceOID, []byte(msg.UUID))
	}
	metadata, err := packMetadata(msg, id)
	if err != nil {
		return esdb.EventData{}, fmt.Errorf("write metadata: %w", err)
	}
	event := Event{ID: id, Type: DefaultEventType, Data: msg.Payload, Metadata: metadata}
	if name := msg.Metadata[MetadataEventType]; name != "" {
		event.Type = name
	}
	content := esdb.ContentTypeBinary
	if json.Valid(msg.Payload) {
		content = esdb.ContentTypeJson
	}
	return toClient(event, content), nil
}
