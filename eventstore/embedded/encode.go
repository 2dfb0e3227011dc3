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
	record  *eventlog.Record
	textIDs bool
}

// Field numbers of streams.proto and shared.proto.
const (
	respEvent = 1 // ReadResp

	readEventEvent          = 1 // ReadEvent
	readEventCommitPosition = 3

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

// Size bounds the encoded length from above: the variable parts and a generous rest.
func (m eventMessage) size() int { return m.record.Size() + len(m.record.Stream) + 256 }

// appendTo encodes a ReadResp. Lengths stand before what they measure, so each
// message is measured first.
func (m eventMessage) appendTo(b []byte) []byte {
	r := m.record
	var scratch [64]byte
	id := appendID(scratch[:0], r, m.textIDs)
	created := strconv.AppendInt(make([]byte, 0, 20), r.Created, 10)
	contentType := contentType(r.JSON)
	pos, rev := uint64(r.Pos), uint64(r.Rev)

	recorded := bytesSize(len(id)) + bytesSize(bytesSize(len(r.Stream))) +
		uintSize(rev) + 2*uintSize(pos) +
		entrySize(metadataKeyType, len(r.Type)) + entrySize(metadataKeyContentType, len(contentType)) +
		entrySize(metadataKeyCreated, len(created)) + bytesSize(len(r.Metadata)) + bytesSize(len(r.Data))
	readEvent := bytesSize(recorded) + 1 + protowire.SizeVarint(pos)

	b = appendHeader(b, respEvent, readEvent)
	b = appendHeader(b, readEventEvent, recorded)
	b = appendBytes(b, recordedID, id)
	b = appendHeader(b, recordedStream, bytesSize(len(r.Stream)))
	b = appendBytes(b, identifierName, r.Stream)
	b = appendUint(b, recordedRevision, rev)
	b = appendUint(b, recordedPreparePosition, pos)
	b = appendUint(b, recordedCommitPosition, pos)
	b = appendEntry(b, metadataKeyType, r.Type)
	b = appendEntry(b, metadataKeyContentType, contentType)
	b = appendEntry(b, metadataKeyCreated, created)
	b = appendBytes(b, recordedCustomMetadata, r.Metadata)
	b = appendBytes(b, recordedData, r.Data)
	b = protowire.AppendTag(b, readEventCommitPosition, protowire.VarintType) // of a oneof: sent even when 0
	return protowire.AppendVarint(b, pos)
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
