package embedded_test

import (
	"bytes"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// readSeeds are reads of all kinds.
func readSeeds() []*streams.ReadReq {
	backwards, linked, byType, at := fromStart(stream), fromStart(stream), allFromStart(), allFromStart()
	backwards.ReadDirection = streams.ReadReq_Options_Backwards
	backwards.GetStream().RevisionOption = &streams.ReadReq_Options_StreamOptions_End{End: &shared.Empty{}}
	linked.ResolveLinks = true
	linked.ControlOption = &streams.ReadReq_Options_ControlOption{Compatibility: 1}
	byType.FilterOption = &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{
		Filter:                       &streams.ReadReq_Options_FilterOptions_EventType{EventType: &streams.ReadReq_Options_FilterOptions_Expression{Prefix: []string{"type-", "$"}}},
		Window:                       &streams.ReadReq_Options_FilterOptions_Count{Count: &shared.Empty{}},
		CheckpointIntervalMultiplier: 3,
	}}
	at.GetAll().AllOption = &streams.ReadReq_Options_AllOptions_Position{Position: &streams.ReadReq_Options_Position{CommitPosition: 3, PreparePosition: 3}}
	byName := filtered(allFromStart(), &streams.ReadReq_Options_FilterOptions_Expression{Regex: "^s"}, 1, 2)
	var out []*streams.ReadReq
	for _, o := range []*streams.ReadReq_Options{nil, fromStart(stream), fromStart("nobody"), backwards, linked, allFromStart(), byType, at, byName} {
		out = append(out, &streams.ReadReq{Options: o})
	}
	return out
}

// somethingToRead fills a log with what reads treat apart.
func (z *fuzzed) somethingToRead(t testing.TB) {
	t.Helper()
	z.append(t, stream, esdb.NoStream{}, events(5)...)
	z.append(t, "links", esdb.NoStream{}, linkTo("1@"+stream), linkTo("7@"+stream), linkTo("nonsense"))
}

func linkTo(target string) esdb.EventData {
	link := event("$>")
	link.Data = []byte(target)
	return link
}

func FuzzRead(f *testing.F) {
	addSeeds(f, readSeeds()...)
	z := openFuzzed(f)
	z.somethingToRead(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		req := &streams.ReadReq{}
		if proto.Unmarshal(data, req) != nil || req.GetOptions().GetSubscription() != nil {
			return // a subscription is FuzzSubscribe's
		}
		_, got := rawReadUntil(soon(t), t, z.streams, req.GetOptions(), func(read []*streams.ReadResp) bool { return len(read) >= 500 })
		wantOrderly(t, req, got)
		z.intact(t)
	})
}

// FuzzSubscribe follows what it is told to until it has caught up, or long enough.
func FuzzSubscribe(f *testing.F) {
	addSeeds(f, readSeeds()...)
	z := openFuzzed(f)
	z.somethingToRead(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		req := &streams.ReadReq{}
		if proto.Unmarshal(data, req) != nil || req.GetOptions() == nil {
			return
		}
		live(req.GetOptions())
		read, got := rawReadUntil(soon(t), t, z.streams, req.GetOptions(), func(read []*streams.ReadResp) bool {
			return len(read) > 0 && read[len(read)-1].GetCaughtUp() != nil || len(read) >= 500
		})
		wantOrderly(t, req, got)
		if got.Code == codes.OK && read[0].GetConfirmation() == nil {
			t.Errorf("%v: it begins with %v, not with a confirmation", req, read[0])
		}
		z.intact(t)
	})
}

func FuzzAppend(f *testing.F) {
	options, message := encoded(f, appendTo(stream)), encoded(f, proposedMessage(someID, []byte("{}"), typed()))
	f.Add(options, message)
	f.Add(message, options)
	z := openFuzzed(f)
	var newest uint64
	f.Fuzz(func(t *testing.T, first, second []byte) {
		one, two := &streams.AppendReq{}, &streams.AppendReq{}
		if proto.Unmarshal(first, one) != nil || proto.Unmarshal(second, two) != nil {
			return
		}
		answer, got := rawAppendUntil(soon(t), t, z.streams, one, two)
		wantOrderly(t, []any{one, two}, got)
		z.intact(t)
		if answer.GetSuccess() == nil || two.GetProposedMessage() == nil {
			return
		}
		at := answer.GetSuccess().GetPosition().GetCommitPosition()
		if at <= newest { // its id was there: the first event with it stays
			return
		}
		newest = at
		o := fromStart(string(one.GetOptions().GetStreamIdentifier().GetStreamName()))
		o.GetStream().RevisionOption = &streams.ReadReq_Options_StreamOptions_Revision{Revision: answer.GetSuccess().GetCurrentRevision()}
		read, _ := rawRead(t, z.streams, o)
		if len(read) == 0 || !bytes.Equal(read[0].GetEvent().GetEvent().GetData(), two.GetProposedMessage().GetData()) {
			t.Errorf("%v: read back %v", two, read)
		}
	})
}

func FuzzBatchAppend(f *testing.F) {
	for _, req := range []*streams.BatchAppendReq{batchOf(stream, batchEvent("{}")), {}} {
		f.Add(encoded(f, req), encoded(f, req))
	}
	z := openFuzzed(f)
	f.Fuzz(func(t *testing.T, first, second []byte) {
		one, two := &streams.BatchAppendReq{}, &streams.BatchAppendReq{}
		if proto.Unmarshal(first, one) != nil || proto.Unmarshal(second, two) != nil {
			return
		}
		if one.GetCorrelationId().GetString_() == "" || proto.Equal(one.GetCorrelationId(), two.GetCorrelationId()) {
			one.CorrelationId, two.CorrelationId = textID(uuid.NewString()), textID(uuid.NewString())
		}
		answers, err := batchAnswersUntil(soon(t), t, z.streams, one, two)
		wantOrderly(t, []any{one, two}, refused{Code: status.Code(err)})
		for id, answer := range answers {
			if failed := answer.GetError(); failed != nil && len(failed.GetDetails()) != 1 {
				t.Errorf("%v, %v: %s is refused without a reason: %v", one, two, id, failed)
			}
		}
		z.intact(t)
	})
}

// beforeItEnds gives a stream an event unless it has ended for good.
func (z *fuzzed) beforeItEnds(t *testing.T, id *shared.StreamIdentifier) {
	t.Helper()
	rawAppendUntil(soon(t), t, z.streams, appendTo(string(id.GetStreamName())), proposedMessage(uuid.NewString(), nil, typed()))
}

func FuzzDelete(f *testing.F) {
	addSeeds(f, &streams.DeleteReq{},
		&streams.DeleteReq{Options: &streams.DeleteReq_Options{StreamIdentifier: named(stream), ExpectedStreamRevision: &streams.DeleteReq_Options_Any{}}},
		&streams.DeleteReq{Options: &streams.DeleteReq_Options{StreamIdentifier: named("other"), ExpectedStreamRevision: &streams.DeleteReq_Options_Revision{Revision: 1}}},
		&streams.DeleteReq{Options: &streams.DeleteReq_Options{StreamIdentifier: named("$$s"), ExpectedStreamRevision: &streams.DeleteReq_Options_StreamExists{}}},
		&streams.DeleteReq{Options: &streams.DeleteReq_Options{StreamIdentifier: named("$users"), ExpectedStreamRevision: &streams.DeleteReq_Options_NoStream{}}})
	z := openFuzzed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		req := &streams.DeleteReq{}
		if proto.Unmarshal(data, req) != nil {
			return
		}
		id := req.GetOptions().GetStreamIdentifier()
		z.beforeItEnds(t, id)
		got := once(t, z.streams.Delete, req)
		wantOrderly(t, req, got)
		if got.Code == codes.OK {
			read, _ := rawReadUntil(soon(t), t, z.streams, fromStart(string(id.GetStreamName())), func([]*streams.ReadResp) bool { return false })
			if len(read) != 1 || read[0].GetStreamNotFound() == nil {
				t.Errorf("%v: the deleted stream has %v", req, read)
			}
		}
		z.intact(t)
	})
}

func FuzzTombstone(f *testing.F) {
	addSeeds(f, &streams.TombstoneReq{},
		&streams.TombstoneReq{Options: &streams.TombstoneReq_Options{StreamIdentifier: named(stream), ExpectedStreamRevision: &streams.TombstoneReq_Options_Any{}}},
		&streams.TombstoneReq{Options: &streams.TombstoneReq_Options{StreamIdentifier: named("other"), ExpectedStreamRevision: &streams.TombstoneReq_Options_Revision{Revision: 0}}},
		&streams.TombstoneReq{Options: &streams.TombstoneReq_Options{StreamIdentifier: named("$$s"), ExpectedStreamRevision: &streams.TombstoneReq_Options_StreamExists{}}},
		&streams.TombstoneReq{Options: &streams.TombstoneReq_Options{StreamIdentifier: named("$persistentSubscriptionConfig"), ExpectedStreamRevision: &streams.TombstoneReq_Options_Any{}}})
	z := openFuzzed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		req := &streams.TombstoneReq{}
		if proto.Unmarshal(data, req) != nil {
			return
		}
		id := req.GetOptions().GetStreamIdentifier()
		z.beforeItEnds(t, id)
		got := once(t, z.streams.Tombstone, req)
		wantOrderly(t, req, got)
		if got.Code == codes.OK {
			o := fromStart(string(id.GetStreamName()))
			if read, again := rawReadUntil(soon(t), t, z.streams, o, func([]*streams.ReadResp) bool { return false }); again.Trailers["exception"] != "stream-deleted" {
				t.Errorf("%v: the tombstoned stream has %v, %+v", req, read, again)
			}
		}
		z.intact(t)
	})
}
