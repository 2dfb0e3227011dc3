package embedded_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// refused is how a call ends that the server refuses.
type refused struct {
	Code     codes.Code
	Message  string
	Trailers map[string]string
}

func refusedBy(err error, trailer metadata.MD) refused {
	s := status.Convert(err)
	out := refused{Code: s.Code(), Message: s.Message(), Trailers: map[string]string{}}
	for key := range maps.Keys(trailer) {
		if key != "content-type" { // HTTP's own
			out.Trailers[key] = trailer.Get(key)[0]
		}
	}
	return out
}

func named(stream string) *shared.StreamIdentifier {
	return &shared.StreamIdentifier{StreamName: []byte(stream)}
}

func appendTo(stream string) *streams.AppendReq {
	return &streams.AppendReq{Content: &streams.AppendReq_Options_{Options: &streams.AppendReq_Options{
		StreamIdentifier:       named(stream),
		ExpectedStreamRevision: &streams.AppendReq_Options_Any{Any: &shared.Empty{}},
	}}}
}

func proposedMessage(id string, data []byte, properties map[string]string) *streams.AppendReq {
	return &streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: &streams.AppendReq_ProposedMessage{
		Id: &shared.UUID{Value: &shared.UUID_String_{String_: id}}, Metadata: properties, Data: data,
	}}}
}

const someID = "6f1f9d5c-3a53-4a0e-9c0e-0d7b1f8f3a11"

func typed() map[string]string {
	return map[string]string{"type": "t", "content-type": "application/json"}
}

// rawAppend sends messages as they are.
func rawAppend(t *testing.T, client streams.StreamsClient, messages ...*streams.AppendReq) (*streams.AppendResp, refused) {
	t.Helper()
	return rawAppendUntil(within(t), t, client, messages...)
}

func rawAppendUntil(ctx context.Context, t *testing.T, client streams.StreamsClient, messages ...*streams.AppendReq) (*streams.AppendResp, refused) {
	t.Helper()
	call, err := client.Append(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if err := call.Send(m); err != nil {
			t.Fatalf("the server answered before everything was sent: %v", err)
		}
	}
	resp, err := call.CloseAndRecv()
	return resp, refusedBy(err, call.Trailer())
}

// rawRead reads to the end of a call.
func rawRead(t testing.TB, client streams.StreamsClient, o *streams.ReadReq_Options) ([]*streams.ReadResp, refused) {
	t.Helper()
	return rawReadUntil(within(t), t, client, o, func([]*streams.ReadResp) bool { return false })
}

// rawReadUntil reads until it has enough, or to the end of a call.
func rawReadUntil(
	ctx context.Context, t testing.TB, client streams.StreamsClient, o *streams.ReadReq_Options, enough func([]*streams.ReadResp) bool,
) ([]*streams.ReadResp, refused) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	call, err := client.Read(ctx, &streams.ReadReq{Options: o})
	if err != nil {
		t.Fatal(err)
	}
	var out []*streams.ReadResp
	for !enough(out) {
		msg, err := call.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, refusedBy(err, call.Trailer())
		}
		out = append(out, proto.CloneOf(msg))
	}
	return out, refusedBy(nil, call.Trailer())
}
