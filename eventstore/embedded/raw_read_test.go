package embedded_test

import (
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/testing/protocmp"
)

func fromStart(stream string) *streams.ReadReq_Options {
	return &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
			StreamIdentifier: named(stream), RevisionOption: &streams.ReadReq_Options_StreamOptions_Start{Start: &shared.Empty{}},
		}},
		CountOption:  &streams.ReadReq_Options_Count{Count: 100},
		FilterOption: &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}},
	}
}

func allFromStart() *streams.ReadReq_Options {
	o := fromStart("")
	o.StreamOption = &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
		AllOption: &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}},
	}}
	return o
}

func filtered(o *streams.ReadReq_Options, e *streams.ReadReq_Options_FilterOptions_Expression, multiplier, window uint32) *streams.ReadReq_Options {
	o.FilterOption = &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{
		Filter:                       &streams.ReadReq_Options_FilterOptions_StreamIdentifier{StreamIdentifier: e},
		Window:                       &streams.ReadReq_Options_FilterOptions_Max{Max: window},
		CheckpointIntervalMultiplier: multiplier,
	}}
	return o
}

func live(o *streams.ReadReq_Options) *streams.ReadReq_Options {
	o.CountOption = &streams.ReadReq_Options_Subscription{Subscription: &streams.ReadReq_Options_SubscriptionOptions{}}
	return o
}

func TestReadsThatMakeNoSenseAreInvalid(t *testing.T) {
	t.Parallel()
	f := open(t)
	client := streams.NewStreamsClient(dial(t, f.server))
	prefix := &streams.ReadReq_Options_FilterOptions_Expression{Prefix: []string{"a"}}
	backwards := live(allFromStart())
	backwards.ReadDirection = streams.ReadReq_Options_Backwards
	for name, o := range map[string]*streams.ReadReq_Options{
		"nothing":                 nil,
		"no stream":               {CountOption: &streams.ReadReq_Options_Count{Count: 1}},
		"no count":                {StreamOption: fromStart("s").GetStreamOption()},
		"no name":                 fromStart(""),
		"$all by name":            fromStart("$all"),
		"backwards subscription":  backwards,
		"filtered stream":         filtered(fromStart("s"), prefix, 1, 32),
		"filter without a choice": filtered(allFromStart(), &streams.ReadReq_Options_FilterOptions_Expression{}, 1, 32),
		"lookahead":               filtered(allFromStart(), &streams.ReadReq_Options_FilterOptions_Expression{Regex: `^(?!\$).*`}, 1, 32),
		"no checkpoints":          live(filtered(allFromStart(), prefix, 0, 32)),
		"no window":               live(filtered(allFromStart(), prefix, 1, 0)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, got := rawRead(t, client, o); got.Code != codes.InvalidArgument {
				t.Errorf("got %+v, want InvalidArgument", got)
			}
		})
	}
}

func TestReadingATombstonedStreamIsRefusedInTheServersWords(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		tombstoned(t, f, events(3))
		_, got := rawRead(t, streams.NewStreamsClient(f.conn), fromStart(f.stream()))
		want := refused{codes.FailedPrecondition, "Event stream '" + f.stream() + "' is deleted.",
			map[string]string{"exception": "stream-deleted", "stream-name": f.stream()}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("refusal (-want +got):\n%s", diff)
		}
	})
}

func TestAFilteredReadCountsWhatMatches(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.name("a"), esdb.NoStream{}, events(3)...)
		f.append(t, f.name("b"), esdb.NoStream{}, events(3)...)
		o := filtered(allFromStart(), &streams.ReadReq_Options_FilterOptions_Expression{Prefix: []string{f.name("b")}}, 1, 32)
		o.CountOption = &streams.ReadReq_Options_Count{Count: 2}
		got, _ := rawRead(t, streams.NewStreamsClient(f.conn), o)
		if len(got) != 2 || string(got[0].GetEvent().GetEvent().GetStreamIdentifier().GetStreamName()) != f.name("b") {
			t.Errorf("got %v, want two events of b", got)
		}
	})
}

func TestIDsComeAsTheClientWantsThem(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		client := streams.NewStreamsClient(f.conn)
		rawAppend(t, client, appendTo(f.stream()), proposedMessage(someID, nil, typed()))
		o := fromStart(f.stream())
		o.UuidOption = &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_String_{String_: &shared.Empty{}}}
		got, _ := rawRead(t, client, o)
		if len(got) != 1 || got[0].GetEvent().GetEvent().GetId().GetString_() != someID {
			t.Errorf("got %v, want id %s as text", got, someID)
		}
		o.UuidOption = nil
		got, _ = rawRead(t, client, o)
		if len(got) != 1 || got[0].GetEvent().GetEvent().GetId().GetStructured().GetMostSignificantBits() != 0x6f1f9d5c3a534a0e {
			t.Errorf("got %v, want a structured id", got)
		}
	})
}

func TestNewerClientsLearnWhereTheStreamBeginsAndEnds(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		client := streams.NewStreamsClient(f.conn)
		f.append(t, f.stream(), esdb.NoStream{}, events(3)...)
		setMetadata(t, f, `{"$tb":3}`)
		o := fromStart(f.stream())
		o.ControlOption = &streams.ReadReq_Options_ControlOption{Compatibility: 1}
		got, _ := rawRead(t, client, o)
		want := []*streams.ReadResp{
			{Content: &streams.ReadResp_FirstStreamPosition{FirstStreamPosition: 3}},
			{Content: &streams.ReadResp_LastStreamPosition{LastStreamPosition: 2}},
		}
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
		o.ControlOption = nil
		if got, _ = rawRead(t, client, o); len(got) != 0 {
			t.Errorf("got %v, want nothing for an older client", got)
		}
	})
}
