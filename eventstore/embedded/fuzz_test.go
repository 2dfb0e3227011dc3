package embedded_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"suivi/eventstore/embedded/eventlog"
)

// Every call that takes something from a client has a fuzz target. Whatever it is
// sent, the server ends the call with a status that clients expect, within soon,
// and its log is as good as before. Gossip.Read, GetSupportedMethods and
// RestartSubsystem take no message; groups are restarted by FuzzPersistentCreate.

// fuzzed is the server that a fuzz target speaks to.
type fuzzed struct {
	*fixture
	streams    streams.StreamsClient
	persistent persistent.PersistentSubscriptionsClient
	probe      string // a stream whose name no input knows
	probes     uint64 // events in it
}

// How many inputs go by between two checks of the whole log.
const inputsPerVerify = 2000

func openFuzzed(f *testing.F) *fuzzed {
	f.Helper()
	z := &fuzzed{fixture: open(f), probe: "probe-" + uuid.NewString()}
	conn := dial(f, z.server)
	z.streams, z.persistent = streams.NewStreamsClient(conn), persistent.NewPersistentSubscriptionsClient(conn)
	f.Cleanup(func() { z.verify(f) })
	return z
}

func (z *fuzzed) verify(t testing.TB) {
	t.Helper()
	if _, err := eventlog.Verify(context.WithoutCancel(t.Context()), z.path, nil, nil); err != nil {
		t.Errorf("the log is not whole: %v", err)
	}
}

// soon bounds a call: the one that takes longer hangs, which no target allows. It
// must be less than the 10 s after which the fuzzing engine gives up by itself.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// intact checks that the log still takes an event at the place where it must come
// and gives it back.
func (z *fuzzed) intact(t *testing.T) {
	t.Helper()
	expected := esdb.ExpectedRevision(esdb.NoStream{})
	if z.probes > 0 {
		expected = esdb.Revision(z.probes - 1)
	}
	sent := event("probe")
	result, err := z.AppendToStream(soon(t), z.probe, esdb.AppendToStreamOptions{ExpectedRevision: expected}, sent)
	if err != nil || result.NextExpectedVersion != z.probes {
		t.Fatalf("the log takes no more events in order: %+v, %v", result, err)
	}
	read, err := z.ReadStream(soon(t), z.probe, esdb.ReadStreamOptions{From: esdb.Revision(z.probes)}, 2)
	got, err := drain(t, read, err)
	if err != nil || len(got) != 1 || got[0].EventID != sent.EventID {
		t.Fatalf("the log gives back %v, %v", got, err)
	}
	z.probes++
	if z.probes%inputsPerVerify == 0 {
		z.verify(t)
	}
}

// wantOrderly checks that a call has ended as calls may, whatever was asked: with
// one of codes, and with trailers where a code alone would not tell clients why.
func wantOrderly(t *testing.T, asked any, got refused, others ...codes.Code) {
	t.Helper()
	expected := append([]codes.Code{codes.OK, codes.InvalidArgument, codes.FailedPrecondition}, others...)
	if !slices.Contains(expected, got.Code) {
		t.Errorf("%v: got %+v", asked, got)
	}
	if got.Code != codes.OK && got.Code != codes.InvalidArgument && got.Trailers["exception"] == "" {
		t.Errorf("%v: got %+v, which does not say to a client why", asked, got)
	}
}

// addSeeds adds messages to the corpus.
func addSeeds[M proto.Message](f *testing.F, seeds ...M) {
	f.Helper()
	for _, seed := range seeds {
		f.Add(encoded(f, seed))
	}
}

func encoded(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// unary is a call with one message each way.
type unary[Req, Resp any] func(context.Context, Req, ...grpc.CallOption) (Resp, error)

// once makes a unary call.
func once[Req, Resp any](t *testing.T, call unary[Req, Resp], req Req) refused {
	t.Helper()
	var trailer metadata.MD
	_, err := call(soon(t), req, grpc.Trailer(&trailer))
	return refusedBy(err, trailer)
}
