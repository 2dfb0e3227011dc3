package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"
)

func containsAll(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

func textID(id string) *shared.UUID { return &shared.UUID{Value: &shared.UUID_String_{String_: id}} }

func batchEvent(data string) *streams.BatchAppendReq_ProposedMessage {
	return &streams.BatchAppendReq_ProposedMessage{Id: textID(uuid.NewString()), Metadata: typed(), Data: []byte(data)}
}

func batchOf(stream string, events ...*streams.BatchAppendReq_ProposedMessage) *streams.BatchAppendReq {
	return &streams.BatchAppendReq{
		CorrelationId: textID(uuid.NewString()), ProposedMessages: events, IsFinal: true,
		Options: &streams.BatchAppendReq_Options{
			StreamIdentifier:       &shared.StreamIdentifier{StreamName: []byte(stream)},
			ExpectedStreamPosition: &streams.BatchAppendReq_Options_Any{Any: &emptypb.Empty{}},
		},
	}
}

// batchAnswers sends requests over one call and gathers the answers by correlation id.
func batchAnswers(t testing.TB, f *fixture, requests ...*streams.BatchAppendReq) (map[string]*streams.BatchAppendResp, error) {
	t.Helper()
	return batchAnswersUntil(within(t), t, streams.NewStreamsClient(f.conn), requests...)
}

func batchAnswersUntil(
	ctx context.Context, t testing.TB, client streams.StreamsClient, requests ...*streams.BatchAppendReq,
) (map[string]*streams.BatchAppendResp, error) {
	t.Helper()
	call, err := client.BatchAppend(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, req := range requests {
		if err := call.Send(req); err != nil {
			break // the answer says why
		}
	}
	_ = call.CloseSend()
	answers := map[string]*streams.BatchAppendResp{}
	for {
		answer, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return answers, nil
		}
		if err != nil {
			return answers, err
		}
		id := answer.GetCorrelationId().GetString_()
		if answers[id] != nil {
			t.Fatalf("a second answer to %s: %v", id, answer)
		}
		answers[id] = answer
	}
}

func TestBatchesAreWrittenInTheOrderOfTheirCompletion(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		var requests []*streams.BatchAppendReq
		for i := range 300 {
			requests = append(requests, batchOf(f.stream(), batchEvent(fmt.Sprint(i))))
		}
		answers, err := batchAnswers(t, f, requests...)
		must(t, err)
		for i, req := range requests {
			if got := answers[req.GetCorrelationId().GetString_()].GetSuccess(); got == nil || got.GetCurrentRevision() != uint64(i) || got.GetPosition() == nil {
				t.Fatalf("append %d: got %v", i, got)
			}
		}
		read, err := f.readStream(t, f.stream(), esdb.ReadStreamOptions{}, 300)
		must(t, err)
		for i, e := range read {
			if string(e.Data) != fmt.Sprint(i) {
				t.Fatalf("event %d is %s", i, e.Data)
			}
		}
	})
}

func TestABatchMayComeInPiecesAmongOthers(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		first, other := batchOf(f.name("a"), batchEvent("1")), batchOf(f.name("b"), batchEvent("1"))
		first.IsFinal = false
		second := &streams.BatchAppendReq{CorrelationId: first.GetCorrelationId(), ProposedMessages: []*streams.BatchAppendReq_ProposedMessage{batchEvent("2")}, IsFinal: true}
		answers, err := batchAnswers(t, f, first, other, second)
		must(t, err)
		if got := answers[first.GetCorrelationId().GetString_()].GetSuccess(); got.GetCurrentRevision() != 1 || len(answers) != 2 {
			t.Errorf("got %v", answers)
		}
	})
}

func TestBatchesAreRefusedInTheirAnswers(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.stream(), esdb.NoStream{}, events(2)...)
		_, err := f.TombstoneStream(within(t), f.name("gone"), esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
		must(t, err)
		wrong := batchOf(f.stream(), batchEvent("x"))
		wrong.Options.ExpectedStreamPosition = &streams.BatchAppendReq_Options_StreamPosition{StreamPosition: 0}
		late := batchOf(f.stream(), batchEvent("x"))
		late.Options.DeadlineOption = &streams.BatchAppendReq_Options_Deadline{Deadline: durationpb.New(-time.Second)}
		untyped := batchEvent("x")
		untyped.Metadata = nil
		tests := []struct {
			name    string
			req     *streams.BatchAppendReq
			code    codes.Code
			message string
			details proto.Message
			ours    bool // a real one has its own words for it, or another limit
		}{
			{"wrong version", wrong, codes.AlreadyExists,
				"Append failed due to WrongExpectedVersion. Stream: " + f.stream() + ", Expected version: 0, Actual version: 1",
				&shared.WrongExpectedVersion{}, false},
			{"tombstoned", batchOf(f.name("gone"), batchEvent("x")), codes.NotFound, "Event stream '" + f.name("gone") + "' is deleted.",
				&shared.StreamDeleted{}, false},
			{"too large", batchOf(f.stream(), batchEvent(strings.Repeat("x", 1<<20+1))), codes.InvalidArgument,
				"Maximum Append Size of 1048576 Exceeded.", &shared.MaximumAppendSizeExceeded{}, true},
			{"late", late, codes.DeadlineExceeded, "context deadline exceeded", &shared.Timeout{}, true},
			{"without a type", batchOf(f.stream(), untyped), codes.InvalidArgument, "Required Metadata Property 'type' is missing", &shared.BadRequest{}, true},
			{"without a stream", batchOf("", batchEvent("x")), codes.InvalidArgument, "the stream name is empty", &shared.BadRequest{}, true},
			{"without options", &streams.BatchAppendReq{CorrelationId: textID(uuid.NewString()), IsFinal: true}, codes.InvalidArgument,
				"an append begins with its options", &shared.BadRequest{}, true},
		}
		for _, tt := range tests {
			if tt.ours && f.shared() {
				continue
			}
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				answers, err := batchAnswers(t, f, tt.req)
				must(t, err)
				got := status.FromProto(answers[tt.req.GetCorrelationId().GetString_()].GetError())
				if got.Code() != tt.code || !f.shared() && got.Message() != tt.message { // no client reads the text here
					t.Errorf("got %s %q", got.Code(), got.Message())
				}
				if len(got.Details()) != 1 || fmt.Sprintf("%T", got.Details()[0]) != fmt.Sprintf("%T", tt.details) {
					t.Errorf("got details %v", got.Details())
				}
			})
		}
	})
}

func TestABatchThatCannotBeAnsweredEndsTheCall(t *testing.T) {
	t.Parallel()
	f := open(t)
	req := batchOf(stream, batchEvent("x"))
	req.CorrelationId = nil
	answers, err := batchAnswers(t, f, req)
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("got %v, %v", answers, err)
	}
	if diff := cmp.Diff(0, len(f.readAll(t, esdb.ReadAllOptions{}, 10))-1); diff != "" { // $users has one
		t.Errorf("something was written (-want +got):\n%s", diff)
	}
}
