package eventstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
)

// What a message of ours says of its event in its Watermill metadata. Keys with this
// prefix are ours; a Publisher does not store them.
const (
	metaPrefix   = "es_"
	metaEventID  = "es_id"
	metaStream   = "es_stream"
	metaType     = "es_type"
	metaRevision = "es_revision"
	metaPosition = "es_position"
	metaCreated  = "es_created"
	metaMetadata = "es_metadata" // the event's metadata as it is
	metaBatch    = "es_batch"    // the number of events; set for the framing of batches
)

// A Publisher keeps a message's UUID here, in the event's metadata, when it is not the event's id.
const storedUUID = "_watermill_message_uuid"

var errForeignMessage = errors.New("not a message of an event store subscriber")

// packSingle makes the message of one event: the payload is its data, and string
// members of its metadata are Watermill metadata.
func packSingle(event *Recorded) *message.Message {
	msg := message.NewMessage(event.ID.String(), event.Data)
	msg.Metadata = unpackMetadata(event.Metadata)
	if id, ok := msg.Metadata[storedUUID]; ok {
		msg.UUID = id
		delete(msg.Metadata, storedUUID)
	}
	maps.Copy(msg.Metadata, message.Metadata{
		metaEventID:  event.ID.String(),
		metaStream:   event.Stream,
		metaType:     event.Type,
		metaRevision: strconv.FormatUint(event.Revision, 10),
		metaPosition: event.Position.String(),
		metaCreated:  event.Created.UTC().Format(time.RFC3339Nano),
		metaMetadata: string(event.Metadata),
	})
	return msg
}

// unpackMetadata finds the string members of an event's metadata.
func unpackMetadata(stored []byte) message.Metadata {
	found := message.Metadata{}
	var members map[string]any
	if len(stored) == 0 || json.Unmarshal(stored, &members) != nil {
		return found // metadata of somebody else's making
	}
	for key, value := range members {
		if text, ok := value.(string); ok {
			found[key] = text
		}
	}
	return found
}

// packMetadata is what a Publisher stores as an event's metadata.
func packMetadata(msg *message.Message, id uuid.UUID) ([]byte, error) {
	kept := map[string]string{}
	for key, value := range msg.Metadata {
		if !strings.HasPrefix(key, metaPrefix) {
			kept[key] = value
		}
	}
	if id.String() != msg.UUID {
		kept[storedUUID] = msg.UUID
	}
	if len(kept) == 0 {
		return nil, nil
	}
	return json.Marshal(kept)
}

// Unpack takes the events out of a message of a Subscriber, one or several, in the
// order of $all. Their data and metadata are parts of the payload: not to be changed.
func Unpack(msg *message.Message) ([]Recorded, error) {
	if count, ok := msg.Metadata[metaBatch]; ok {
		events, err := unpackBatch(msg.Payload, count)
		if err != nil {
			return nil, fmt.Errorf("message %s: %w", msg.UUID, err)
		}
		return events, nil
	}
	event, err := unpackSingle(msg)
	if err != nil {
		return nil, fmt.Errorf("message %s: %w", msg.UUID, err)
	}
	return []Recorded{event}, nil
}

func unpackSingle(msg *message.Message) (Recorded, error) {
	id, err1 := uuid.Parse(msg.Metadata[metaEventID])
	revision, err2 := strconv.ParseUint(msg.Metadata[metaRevision], 10, 64)
	position, err3 := ParsePosition(msg.Metadata[metaPosition])
	created, err4 := time.Parse(time.RFC3339Nano, msg.Metadata[metaCreated])
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return Recorded{}, fmt.Errorf("%w: %w", errForeignMessage, err)
	}
	event := Recorded{
		Event:    Event{ID: id, Type: msg.Metadata[metaType], Data: msg.Payload},
		Stream:   msg.Metadata[metaStream],
		Revision: revision,
		Position: position,
		Created:  created,
	}
	if stored := msg.Metadata[metaMetadata]; stored != "" {
		event.Metadata = []byte(stored)
	}
	return event, nil
}
