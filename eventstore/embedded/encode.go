package embedded

import (
	"encoding/binary"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"suivi/eventstore/embedded/eventlog"
)

// Events are most of what is sent, and the general encoder takes more time over
// one, for its map above all, than reading it from the database does. So they are
// encoded by hand. A test holds this to what the
// generated types say.

// eventMessage is an event on its way to one client.
type eventMessage struct {
	event    *eventlog.Record // nil when link leads nowhere any more
	link     *eventlog.Record // the link that was resolved; nil when event is none
	textIDs  bool
	consumer bool // of a persistent subscription, who is told retries too
	retries  int
}

// original is what stands in the stream that is read.
func (m eventMessage) original() *eventlog.Record {
	if m.link != nil {
		return m.link
	}
	return m.event
}

// Field numbers of streams.proto, persistent.proto, which has the same and more, and shared.proto.
const (
	respEvent = 1 // ReadResp

	readEventEvent          = 1 // ReadEvent
	readEventLink           = 2
	readEventCommitPosition = 3
	readEventRetryCount     = 5

	recordedID              = 1 // RecordedEvent
	recordedStream          = 2
	recordedRevision        = 3
	recordedPreparePosition = 4
	recordedCommitPosition  = 5
	recordedMetadata        = 6
	recordedCustomMetadata  = 7
	recordedData            = 8

	identifierName = 3 // StreamIdentifier

	uuidStructured = 1 // UUID
	uuidString     = 2
)

// size bounds the encoded length from above: the variable parts and a generous rest.
func (m eventMessage) size() int {
	size := 64
	for _, r := range []*eventlog.Record{m.event, m.link} {
		if r != nil {
			size += r.Size() + len(r.Stream) + 256
		}
	}
	return size
}

// appendTo encodes a ReadResp. Lengths stand before what they measure, so each
// message is measured first.
func (m eventMessage) appendTo(b []byte) []byte {
	var event, link recorded
	pos := uint64(m.original().Pos)
	size := 1 + protowire.SizeVarint(pos)
	if m.event != nil {
		event = measure(m.event, m.textIDs)
		size += bytesSize(event.size)
	}
	if m.link != nil {
		link = measure(m.link, m.textIDs)
		size += bytesSize(link.size)
	}
	if m.consumer {
		size += 1 + protowire.SizeVarint(uint64(m.retries))
	}
	b = appendHeader(b, respEvent, size)
	if m.event != nil {
		b = event.appendTo(b, readEventEvent, m.event)
	}
	if m.link != nil {
		b = link.appendTo(b, readEventLink, m.link)
	}
	b = protowire.AppendTag(b, readEventCommitPosition, protowire.VarintType) // of a oneof: sent even when 0
	b = protowire.AppendVarint(b, pos)
	if m.consumer {
		b = protowire.AppendTag(b, readEventRetryCount, protowire.VarintType) // as above
		b = protowire.AppendVarint(b, uint64(m.retries))
	}
	return b
}

// recorded is what must be known of a RecordedEvent before it is encoded. It has no
// pointers into itself, so that it stays off the heap.
type recorded struct {
	size          int
	id, created   int // how many bytes of these there are
	idBytes       [40]byte
	createdDigits [20]byte
}

func measure(r *eventlog.Record, textIDs bool) (e recorded) {
	e.id = len(appendID(e.idBytes[:0], r, textIDs))
	e.created = len(strconv.AppendInt(e.createdDigits[:0], r.Created, 10))
	e.size = bytesSize(e.id) + bytesSize(bytesSize(len(r.Stream))) +
		uintSize(uint64(r.Rev)) + 2*uintSize(uint64(r.Pos)) +
		entrySize(metadataKeyType, len(r.Type)) + entrySize(metadataKeyContentType, len(contentType(r.JSON))) +
		entrySize(metadataKeyCreated, e.created) + bytesSize(len(r.Metadata)) + bytesSize(len(r.Data))
	return e
}

// appendTo encodes the event that was measured as a field of a ReadEvent.
func (e *recorded) appendTo(b []byte, field protowire.Number, r *eventlog.Record) []byte {
	b = appendHeader(b, field, e.size)
	b = appendBytes(b, recordedID, e.idBytes[:e.id])
	b = appendHeader(b, recordedStream, bytesSize(len(r.Stream)))
	b = appendBytes(b, identifierName, r.Stream)
	b = appendUint(b, recordedRevision, uint64(r.Rev))
	b = appendUint(b, recordedPreparePosition, uint64(r.Pos))
	b = appendUint(b, recordedCommitPosition, uint64(r.Pos))
	b = appendEntry(b, metadataKeyType, r.Type)
	b = appendEntry(b, metadataKeyContentType, contentType(r.JSON))
	b = appendEntry(b, metadataKeyCreated, e.createdDigits[:e.created])
	b = appendBytes(b, recordedCustomMetadata, r.Metadata)
	return appendBytes(b, recordedData, r.Data)
}

func appendID(b []byte, r *eventlog.Record, text bool) []byte {
	if text {
		return appendBytes(b, uuidString, r.ID.String())
	}
	most, least := binary.BigEndian.Uint64(r.ID[:8]), binary.BigEndian.Uint64(r.ID[8:])
	b = appendHeader(b, uuidStructured, uintSize(most)+uintSize(least))
	return appendUint(appendUint(b, 1, most), 2, least)
}

// All field numbers here are below 16, so a tag is one byte.

// bytesSize is the size of a field of n bytes; one that is empty is sent all the same.
func bytesSize(n int) int { return 1 + protowire.SizeBytes(n) }

// uintSize is the size of a number's field; zero is not sent.
func uintSize(n uint64) int {
	if n == 0 {
		return 0
	}
	return 1 + protowire.SizeVarint(n)
}

func entrySize(key string, n int) int { return bytesSize(bytesSize(len(key)) + bytesSize(n)) }

func appendHeader(b []byte, field protowire.Number, size int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.BytesType), uint64(size))
}

func appendBytes[T string | []byte](b []byte, field protowire.Number, value T) []byte {
	return append(appendHeader(b, field, len(value)), value...)
}

func appendUint(b []byte, field protowire.Number, n uint64) []byte {
	if n == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), n)
}

func appendEntry[T string | []byte](b []byte, key string, value T) []byte {
	b = appendHeader(b, recordedMetadata, bytesSize(len(key))+bytesSize(len(value)))
	return appendBytes(appendBytes(b, 1, key), 2, value)
}
