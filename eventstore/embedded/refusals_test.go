package embedded_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/testing/protocmp"
)

func TestAppendsAreRefusedInTheServersWords(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		tombstoned(t, f, events(3))
		client := streams.NewStreamsClient(f.conn)
		half := bytes.Repeat([]byte("x"), 1<<19)
		deleted := refused{codes.FailedPrecondition, "Event stream '" + f.stream() + "' is deleted.",
			map[string]string{"exception": "stream-deleted", "stream-name": f.stream()}}
		large := refused{codes.InvalidArgument, "Maximum Append Size of 1048576 Exceeded.",
			map[string]string{"exception": "maximum-append-size-exceeded", "maximum-append-size": "1048576"}}
		missing := func(property string) refused {
			return refused{codes.InvalidArgument, "Required Metadata Property '" + property + "' is missing",
				map[string]string{"exception": "missing-required-metadata-property", "required-metadata-properties": "type,content-type"}}
		}
		for _, c := range []struct {
			name     string
			messages []*streams.AppendReq
			want     refused
		}{
			{"tombstoned", []*streams.AppendReq{appendTo(f.stream()), proposedMessage(someID, nil, typed())}, deleted},
			{"too large", []*streams.AppendReq{appendTo(f.name("x")), proposedMessage(someID, half, typed()), proposedMessage(someID, half, typed()),
				proposedMessage(someID, []byte("1"), typed()), proposedMessage(someID, half, typed())}, large},
			{"no type", []*streams.AppendReq{appendTo(f.name("x")), proposedMessage(someID, nil, map[string]string{"content-type": "x"})}, missing("type")},
			{"no content type", []*streams.AppendReq{appendTo(f.name("x")), proposedMessage(someID, nil, map[string]string{"type": "x"})}, missing("content-type")},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				_, got := rawAppend(t, client, c.messages...)
				if c.name == "too large" && f.shared() { // the limit is the operator's to set, and 16 MiB by default in new versions
					if got.Code == codes.OK {
						return
					}
					limit := got.Trailers["maximum-append-size"]
					c.want = refused{codes.InvalidArgument, "Maximum Append Size of " + limit + " Exceeded.",
						map[string]string{"exception": "maximum-append-size-exceeded", "maximum-append-size": limit}}
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("refusal (-want +got):\n%s", diff)
				}
			})
		}
	})
}

// A client that is answered while it sends sees the end of the stream, not the answer.
func TestARefusedAppendIsReceivedToItsEnd(t *testing.T) {
	t.Parallel()
	f := open(t)
	messages := []*streams.AppendReq{appendTo("x"), proposedMessage("no id", nil, typed())}
	for range 5000 {
		messages = append(messages, proposedMessage(someID, []byte("{}"), typed()))
	}
	if _, got := rawAppend(t, streams.NewStreamsClient(dial(t, f.server)), messages...); got.Code != codes.InvalidArgument {
		t.Errorf("got %+v, want InvalidArgument", got)
	}
}

func TestOneMebibyteIsNotTooLarge(t *testing.T) {
	t.Parallel()
	f := open(t)
	full := event("full")
	full.Data, full.Metadata = bytes.Repeat([]byte("x"), 1<<20), bytes.Repeat([]byte("m"), 1000) // metadata does not count
	f.append(t, stream, esdb.NoStream{}, full)
}

func TestATombstonedStreamMayHaveAnyName(t *testing.T) {
	t.Parallel()
	f := open(t)
	const name = "ström\n%"
	if _, err := f.TombstoneStream(within(t), name, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}}); err != nil {
		t.Fatal(err)
	}
	_, got := rawRead(t, streams.NewStreamsClient(dial(t, f.server)), fromStart(name))
	want := refused{codes.FailedPrecondition, "Event stream 'ström\n%' is deleted.",
		map[string]string{"exception": "stream-deleted", "stream-name": "str%C3%B6m%0A%"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refusal (-want +got):\n%s", diff)
	}
}

func TestNonsenseIsInvalid(t *testing.T) {
	t.Parallel()
	f := open(t)
	client := streams.NewStreamsClient(dial(t, f.server))
	for name, messages := range map[string][]*streams.AppendReq{
		"nothing":           nil,
		"no options":        {proposedMessage(someID, nil, typed())},
		"options twice":     {appendTo("x"), appendTo("x")},
		"empty message":     {appendTo("x"), {}},
		"no stream name":    {appendTo("")},
		"name is not text":  {appendTo("\xff")},
		"name with a zero":  {appendTo("a\x00b")},
		"$all":              {appendTo("$all"), proposedMessage(someID, nil, typed())},
		"id is not an id":   {appendTo("x"), proposedMessage("seven", nil, typed())},
		"message has no id": {appendTo("x"), {Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: &streams.AppendReq_ProposedMessage{Metadata: typed()}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, got := rawAppend(t, client, messages...); got.Code != codes.InvalidArgument {
				t.Errorf("got %+v, want InvalidArgument", got)
			}
		})
	}
}

func TestAWrongRevisionFillsOldAndNewFields(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		client := streams.NewStreamsClient(f.conn)
		f.append(t, f.stream(), esdb.NoStream{}, events(2)...)
		ask := appendTo(f.stream())
		ask.GetOptions().ExpectedStreamRevision = &streams.AppendReq_Options_NoStream{NoStream: &shared.Empty{}}
		got, end := rawAppend(t, client, ask, proposedMessage(someID, nil, typed()))
		want := &streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: &streams.AppendResp_WrongExpectedVersion{
			CurrentRevisionOption_20_6_0:  &streams.AppendResp_WrongExpectedVersion_CurrentRevision_20_6_0{CurrentRevision_20_6_0: 1},
			ExpectedRevisionOption_20_6_0: &streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0{ExpectedRevision_20_6_0: math.MaxUint64},
			CurrentRevisionOption:         &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: 1},
			ExpectedRevisionOption:        &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &shared.Empty{}},
		}}}
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" || end.Code != codes.OK {
			t.Errorf("answer %v (-want +got):\n%s", end.Code, diff)
		}
	})
}

func TestDeletesAreRefusedInTheServersWords(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.stream(), esdb.NoStream{}, events(2)...)
		client := streams.NewStreamsClient(f.conn)
		var trailer metadata.MD
		_, err := client.Delete(within(t), &streams.DeleteReq{Options: &streams.DeleteReq_Options{
			StreamIdentifier: named(f.stream()), ExpectedStreamRevision: &streams.DeleteReq_Options_Revision{Revision: 7},
		}}, grpc.Trailer(&trailer))
		want := refused{codes.FailedPrecondition, "Delete failed due to WrongExpectedVersion. Stream: " + f.stream() + ", Expected version: 7, Actual version: 1",
			map[string]string{"exception": "wrong-expected-version", "stream-name": f.stream(), "expected-version": "7", "actual-version": "1"}}
		if diff := cmp.Diff(want, refusedBy(err, trailer)); diff != "" {
			t.Errorf("delete (-want +got):\n%s", diff)
		}
		trailer = nil
		_, err = client.Tombstone(within(t), &streams.TombstoneReq{Options: &streams.TombstoneReq_Options{
			StreamIdentifier: named(f.name("none")), ExpectedStreamRevision: &streams.TombstoneReq_Options_StreamExists{StreamExists: &shared.Empty{}},
		}}, grpc.Trailer(&trailer))
		want = refused{codes.FailedPrecondition, "Tombstone failed due to WrongExpectedVersion. Stream: " + f.name("none") + ", Expected version: -4, Actual version: -1",
			map[string]string{"exception": "wrong-expected-version", "stream-name": f.name("none"), "expected-version": "-4", "actual-version": "-1"}}
		if diff := cmp.Diff(want, refusedBy(err, trailer)); diff != "" {
			t.Errorf("tombstone (-want +got):\n%s", diff)
		}
	})
}
