package embedded

import (
	"math"
	"strconv"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	"suivi/eventstore/embedded/eventlog"
)

func anyRecord() *rapid.Generator[*eventlog.Record] {
	return rapid.Custom(func(t *rapid.T) *eventlog.Record {
		return &eventlog.Record{
			Pos: rapid.Int64Range(0, math.MaxInt64).Draw(t, "pos"), Stream: rapid.String().Draw(t, "stream"),
			Rev: rapid.Int64Range(0, math.MaxInt64).Draw(t, "rev"), Created: rapid.Int64().Draw(t, "created"),
			Proposed: eventlog.Proposed{
				ID:   uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")),
				Type: rapid.String().Draw(t, "type"), JSON: rapid.Bool().Draw(t, "json"),
				Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data"), Metadata: rapid.SliceOf(rapid.Byte()).Draw(t, "metadata"),
			},
		}
	})
}

// response is a message in the generated types.
func response(m eventMessage) *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
		Event: recordedEvent(m.event, m.textIDs), Link: recordedEvent(m.link, m.textIDs),
		Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: uint64(m.original().Pos)},
	}}}
}

func recordedEvent(r *eventlog.Record, textIDs bool) *streams.ReadResp_ReadEvent_RecordedEvent {
	if r == nil {
		return nil
	}
	id := structuredID(r.ID)
	if textIDs {
		id = &shared.UUID{Value: &shared.UUID_String_{String_: r.ID.String()}}
	}
	return &streams.ReadResp_ReadEvent_RecordedEvent{
		Id:               id,
		StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(r.Stream)},
		StreamRevision:   uint64(r.Rev),
		PreparePosition:  uint64(r.Pos),
		CommitPosition:   uint64(r.Pos),
		Metadata: map[string]string{
			metadataKeyType:        r.Type,
			metadataKeyContentType: contentType(r.JSON),
			metadataKeyCreated:     strconv.FormatInt(r.Created, 10),
		},
		CustomMetadata: r.Metadata,
		Data:           r.Data,
	}
}

func TestConsumersAreToldOfRetries(t *testing.T) {
	t.Parallel()
	link, event := &eventlog.Record{Stream: "l", Pos: 9}, &eventlog.Record{Stream: "s", Pos: 3}
	got := &persistent.ReadResp{}
	if err := proto.Unmarshal(eventMessage{event: event, link: link, consumer: true, retries: 7}.appendTo(nil), got); err != nil {
		t.Fatal(err)
	}
	e := got.GetEvent()
	if e.GetRetryCount() != 7 || e.GetCommitPosition() != 9 || string(e.GetLink().GetStreamIdentifier().GetStreamName()) != "l" ||
		e.GetEvent().GetCommitPosition() != 3 {
		t.Errorf("got %v", got)
	}
}

func TestEventsAreEncodedAsTheGeneratedTypesSay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		m := eventMessage{event: anyRecord().Draw(rt, "event"), textIDs: rapid.Bool().Draw(rt, "text ids")}
		if rapid.Bool().Draw(rt, "linked") {
			m.link = anyRecord().Draw(rt, "link")
			if rapid.Bool().Draw(rt, "gone") {
				m.event = nil
			}
		}
		encoded := m.appendTo(nil)
		if len(encoded) > m.size() {
			rt.Fatalf("%d bytes, more than the %d foreseen", len(encoded), m.size())
		}
		got := &streams.ReadResp{}
		if err := proto.Unmarshal(encoded, got); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(response(m), got, protocmp.Transform()); diff != "" {
			rt.Fatalf("event (-want +got):\n%s", diff)
		}
	})
}
