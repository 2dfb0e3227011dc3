package embedded_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"google.golang.org/protobuf/proto"
)

// FuzzPersistentRead consumes: options, and when they were of the group, an event;
// then what says what became of it.
func FuzzPersistentRead(f *testing.F) {
	for _, seed := range consumerSeeds() {
		f.Add(encoded(f, seed[0]), encoded(f, seed[1]), encoded(f, seed[2]))
	}
	z := openGrouped(f)
	f.Fuzz(func(t *testing.T, first, second, third []byte) {
		messages := [3]*persistent.ReadReq{{}, {}, {}}
		for i, data := range [][]byte{first, second, third} {
			if proto.Unmarshal(data, messages[i]) != nil {
				return
			}
		}
		wantOrderly(t, messages, consumeRaw(soon(t), t, z.persistent, messages[:]), groupCodes()...)
		z.renewGroup(t)
		z.intact(t)
	})
}

// consumeRaw sends messages as they are: the first, those about events when one
// has come, and then the end.
func consumeRaw(ctx context.Context, t *testing.T, client persistent.PersistentSubscriptionsClient, messages []*persistent.ReadReq) refused {
	t.Helper()
	call, err := client.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ended := func(err error) refused {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return refusedBy(err, call.Trailer())
	}
	if err := call.Send(messages[0]); err != nil {
		_, err = call.Recv()
		return ended(err)
	}
	expected := 1 // the confirmation, and an event where one must come
	if o := messages[0].GetOptions(); string(o.GetStreamIdentifier().GetStreamName()) == stream && o.GetGroupName() == group {
		expected = 2
	}
	for range expected {
		if _, err := call.Recv(); err != nil {
			return ended(err)
		}
	}
	for _, m := range messages[1:] {
		if err := call.Send(m); err != nil {
			break // the answer says why
		}
	}
	_ = call.CloseSend()
	for {
		if _, err := call.Recv(); err != nil {
			return ended(err)
		}
	}
}

func consumerSeeds() [][3]*persistent.ReadReq {
	begin := &persistent.ReadReq{Content: &persistent.ReadReq_Options_{Options: &persistent.ReadReq_Options{
		StreamOption: &persistent.ReadReq_Options_StreamIdentifier{StreamIdentifier: named(stream)}, GroupName: group, BufferSize: 2,
		UuidOption: &persistent.ReadReq_Options_UUIDOption{Content: &persistent.ReadReq_Options_UUIDOption_String_{String_: &shared.Empty{}}},
	}}}
	ack := &persistent.ReadReq{Content: &persistent.ReadReq_Ack_{Ack: &persistent.ReadReq_Ack{Ids: []*shared.UUID{textID(knownID(0).String())}}}}
	nack := func(action persistent.ReadReq_Nack_Action, ids ...int) *persistent.ReadReq {
		n := &persistent.ReadReq_Nack{Action: action, Reason: "why not"}
		for _, i := range ids {
			n.Ids = append(n.Ids, textID(knownID(i).String()))
		}
		return &persistent.ReadReq{Content: &persistent.ReadReq_Nack_{Nack: n}}
	}
	return [][3]*persistent.ReadReq{
		{begin, ack, nack(persistent.ReadReq_Nack_Park, 1)},
		{begin, nack(persistent.ReadReq_Nack_Retry, 0, 1), nack(persistent.ReadReq_Nack_Retry, 0, 1)},
		{begin, nack(persistent.ReadReq_Nack_Stop, 0), begin},
		{{}, ack, ack},
	}
}

// connectOnly becomes a consumer and leaves again.
func connectOnly(ctx context.Context, t *testing.T, client persistent.PersistentSubscriptionsClient, options *persistent.ReadReq) refused {
	t.Helper()
	call, err := client.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := call.Send(options); err == nil {
		_ = call.CloseSend()
	}
	for {
		_, err := call.Recv()
		if errors.Is(err, io.EOF) {
			err = nil
		} else if err == nil {
			continue
		}
		return refusedBy(err, call.Trailer())
	}
}
