package embedded

import (
	"math"
	"strconv"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"
)

func anyRecord() *rapid.Generator[*record] {
	return rapid.Custom(func(t *rapid.T) *record {
		return &record{
			pos: rapid.Int64Range(0, math.MaxInt64).Draw(t, "pos"), stream: rapid.String().Draw(t, "stream"),
			rev: rapid.Int64Range(0, math.MaxInt64).Draw(t, "rev"), created: rapid.Int64().Draw(t, "created"),
			proposed: proposed{
				id:  uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")),
				typ: rapid.String().Draw(t, "type"), json: rapid.Bool().Draw(t, "json"),
				data: rapid.SliceOf(rapid.Byte()).Draw(t, "data"), metadata: rapid.SliceOf(rapid.Byte()).Draw(t, "metadata"),
			},
		}
	})
}

// response is an event in the generated types.
func (r *record) response(textIDs bool) *streams.ReadResp {
	id := structuredID(r.id)
	if textIDs {
		id = &shared.UUID{Value: &shared.UUID_String_{String_: r.id.String()}}
	}
	return &streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
		Event: &streams.ReadResp_ReadEvent_RecordedEvent{
			Id:               id,
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(r.stream)},
			StreamRevision:   uint64(r.rev),
			PreparePosition:  uint64(r.pos),
			CommitPosition:   uint64(r.pos),
			Metadata: map[string]string{
				metadataKeyType:        r.typ,
				metadataKeyContentType: r.contentType(),
				metadataKeyCreated:     strconv.FormatInt(r.created, 10),
			},
			CustomMetadata: r.metadata,
			Data:           r.data,
		},
		Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: uint64(r.pos)},
	}}}
}

func TestEventsAreEncodedAsTheGeneratedTypesSay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		m := eventMessage{record: anyRecord().Draw(rt, "record"), textIDs: rapid.Bool().Draw(rt, "text ids")}
		encoded := m.appendTo(nil)
		if len(encoded) > m.size() {
			rt.Fatalf("%d bytes, more than the %d foreseen", len(encoded), m.size())
		}
		got := &streams.ReadResp{}
		if err := proto.Unmarshal(encoded, got); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(m.record.response(m.textIDs), got, protocmp.Transform()); diff != "" {
			rt.Fatalf("event (-want +got):\n%s", diff)
		}
	})
}
