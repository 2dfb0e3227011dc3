package eventstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
)

// The framing of a batch, per event: id (16 bytes), revision, commit and prepare
// position, created in ns since 1970 (8 bytes each, big-endian), then stream, type,
// data and metadata, each after its length as a uvarint. It is never stored.
const frameHead = 16 + 4*8

var errBrokenBatch = errors.New("broken batch")

// packBatch makes one message of events. Its UUID and metadata tell of the last one.
func packBatch(batch []taken) *message.Message {
	size := 0
	for i := range batch {
		event := &batch[i]
		size += frameHead + len(event.Stream) + len(event.Type) + len(event.Data) + len(event.Metadata) + 4*binary.MaxVarintLen32
	}
	payload := make([]byte, 0, size)
	for i := range batch {
		payload = appendFrame(payload, &batch[i].Recorded)
	}
	last := &batch[len(batch)-1]
	msg := message.NewMessage(last.ID.String(), payload)
	msg.Metadata[metaBatch] = strconv.Itoa(len(batch))
	msg.Metadata[metaPosition] = last.Position.String()
	return msg
}

func appendFrame(to []byte, event *Recorded) []byte {
	to = append(to, event.ID[:]...)
	to = binary.BigEndian.AppendUint64(to, event.Revision)
	to = binary.BigEndian.AppendUint64(to, event.Position.Commit)
	to = binary.BigEndian.AppendUint64(to, event.Position.Prepare)
	to = binary.BigEndian.AppendUint64(to, uint64(event.Created.UnixNano()))
	to = append(binary.AppendUvarint(to, uint64(len(event.Stream))), event.Stream...)
	to = append(binary.AppendUvarint(to, uint64(len(event.Type))), event.Type...)
	to = append(binary.AppendUvarint(to, uint64(len(event.Data))), event.Data...)
	return append(binary.AppendUvarint(to, uint64(len(event.Metadata))), event.Metadata...)
}

// unpackBatch takes a payload apart without copying data and metadata.
func unpackBatch(payload []byte, count string) ([]Recorded, error) {
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || n > len(payload)/frameHead {
		return nil, fmt.Errorf("%w: %q events in %d bytes", errBrokenBatch, count, len(payload))
	}
	events := make([]Recorded, n)
	texts := map[string]string{} // streams and types repeat
	for i := range events {
		var ok bool
		if payload, ok = takeFrame(payload, &events[i], texts); !ok {
			return nil, fmt.Errorf("%w: event %d of %d", errBrokenBatch, i+1, n)
		}
	}
	return events, nil
}

func takeFrame(from []byte, event *Recorded, texts map[string]string) (rest []byte, ok bool) {
	if len(from) < frameHead {
		return nil, false
	}
	event.ID = uuid.UUID(from[:16])
	event.Revision = binary.BigEndian.Uint64(from[16:])
	event.Position.Commit = binary.BigEndian.Uint64(from[24:])
	event.Position.Prepare = binary.BigEndian.Uint64(from[32:])
	event.Created = time.Unix(0, int64(binary.BigEndian.Uint64(from[40:]))).UTC()
	var stream, kind []byte
	rest = from[frameHead:]
	for _, part := range []*[]byte{&stream, &kind, &event.Data, &event.Metadata} {
		if *part, rest, ok = takePart(rest); !ok {
			return nil, false
		}
	}
	event.Stream, event.Type = intern(texts, stream), intern(texts, kind)
	return rest, true
}

// takePart cuts off a part with its length before it; an empty one is nil.
func takePart(from []byte) (part, rest []byte, ok bool) {
	size, n := binary.Uvarint(from)
	if n <= 0 || size > uint64(len(from)-n) {
		return nil, nil, false
	}
	end := n + int(size)
	if size == 0 {
		return nil, from[end:], true
	}
	return from[n:end:end], from[end:], true
}

func intern(texts map[string]string, text []byte) string {
	known, ok := texts[string(text)]
	if !ok {
		known = string(text)
		texts[known] = known
	}
	return known
}
