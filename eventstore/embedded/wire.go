package embedded

import (
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
)

const (
	metadataKeyType        = "type"
	metadataKeyContentType = "content-type"
	metadataKeyCreated     = "created"

	contentTypeJSON   = "application/json"
	contentTypeBinary = "application/octet-stream"
)

// streamName reads the name of a stream that a client may use.
func streamName(id *shared.StreamIdentifier) (string, error) {
	name := string(id.GetStreamName())
	switch {
	case name == "":
		return "", invalid("the stream name is empty")
	case !utf8.ValidString(name) || strings.ContainsRune(name, 0):
		return "", invalid("the stream name %q is not text", name)
	case name == "$all":
		return "", invalid("$all is not a stream that can be named here")
	}
	return name, nil
}

func eventID(id *shared.UUID) (uuid.UUID, error) {
	switch v := id.GetValue().(type) {
	case *shared.UUID_Structured_:
		var out uuid.UUID
		binary.BigEndian.PutUint64(out[:8], uint64(v.Structured.GetMostSignificantBits()))
		binary.BigEndian.PutUint64(out[8:], uint64(v.Structured.GetLeastSignificantBits()))
		return out, nil
	case *shared.UUID_String_:
		out, err := uuid.Parse(v.String_)
		if err != nil {
			return out, invalid("event id %q: %v", v.String_, err)
		}
		return out, nil
	default:
		return uuid.Nil, invalid("an event has no id")
	}
}

func structuredID(id uuid.UUID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(id[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(id[8:])),
	}}}
}

// revision brings a number from the wire into the range of revisions and
// positions; what is beyond it is beyond every event.
func revision(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// contentType tells readers whether an event's data is JSON.
func contentType(json bool) string {
	if json {
		return contentTypeJSON
	}
	return contentTypeBinary
}
