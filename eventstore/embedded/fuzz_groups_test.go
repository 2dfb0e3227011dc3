package embedded_test

import (
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// A call that names a group and hardly more.
func fuzzNaming[Req proto.Message, Resp any](
	f *testing.F, empty func() Req, call func(*fuzzed) unary[Req, Resp], seeds ...Req,
) {
	f.Helper()
	addSeeds(f, append(seeds, empty())...)
	z := openGrouped(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		req := empty()
		if proto.Unmarshal(data, req) != nil {
			return
		}
		wantOrderly(t, req, once(t, call(z), req), groupCodes()...)
		if len(z.groups(t)) != 1 {
			z.renewGroup(t)
		}
		z.intact(t)
	})
}

func FuzzPersistentDelete(f *testing.F) {
	fuzzNaming(f, func() *persistent.DeleteReq { return &persistent.DeleteReq{} },
		func(z *fuzzed) unary[*persistent.DeleteReq, *persistent.DeleteResp] { return z.persistent.Delete },
		&persistent.DeleteReq{Options: &persistent.DeleteReq_Options{
			GroupName: group, StreamOption: &persistent.DeleteReq_Options_StreamIdentifier{StreamIdentifier: named(stream)},
		}},
		&persistent.DeleteReq{Options: &persistent.DeleteReq_Options{
			GroupName: group, StreamOption: &persistent.DeleteReq_Options_All{All: &shared.Empty{}},
		}})
}

func FuzzPersistentGetInfo(f *testing.F) {
	fuzzNaming(f, func() *persistent.GetInfoReq { return &persistent.GetInfoReq{} },
		func(z *fuzzed) unary[*persistent.GetInfoReq, *persistent.GetInfoResp] { return z.persistent.GetInfo },
		&persistent.GetInfoReq{Options: &persistent.GetInfoReq_Options{
			GroupName: group, StreamOption: &persistent.GetInfoReq_Options_StreamIdentifier{StreamIdentifier: named(stream)},
		}},
		&persistent.GetInfoReq{Options: &persistent.GetInfoReq_Options{
			GroupName: group, StreamOption: &persistent.GetInfoReq_Options_All{All: &shared.Empty{}},
		}})
}

func FuzzPersistentList(f *testing.F) {
	listed := func(s *persistent.ListReq_StreamOption) *persistent.ListReq {
		return &persistent.ListReq{Options: &persistent.ListReq_Options{ListOption: &persistent.ListReq_Options_ListForStream{ListForStream: s}}}
	}
	fuzzNaming(f, func() *persistent.ListReq { return &persistent.ListReq{} },
		func(z *fuzzed) unary[*persistent.ListReq, *persistent.ListResp] { return z.persistent.List },
		&persistent.ListReq{Options: &persistent.ListReq_Options{
			ListOption: &persistent.ListReq_Options_ListAllSubscriptions{ListAllSubscriptions: &shared.Empty{}},
		}},
		listed(&persistent.ListReq_StreamOption{StreamOption: &persistent.ListReq_StreamOption_Stream{Stream: named(stream)}}),
		listed(&persistent.ListReq_StreamOption{StreamOption: &persistent.ListReq_StreamOption_All{All: &shared.Empty{}}}))
}

// FuzzPersistentReplayParked replays from a group that has parked something.
func FuzzPersistentReplayParked(f *testing.F) {
	replay := &persistent.ReplayParkedReq{Options: &persistent.ReplayParkedReq_Options{
		GroupName: group, StreamOption: &persistent.ReplayParkedReq_Options_StreamIdentifier{StreamIdentifier: named(stream)},
		StopAtOption: &persistent.ReplayParkedReq_Options_NoLimit{NoLimit: &shared.Empty{}},
	}}
	stopping := proto.CloneOf(replay)
	stopping.Options.StopAtOption = &persistent.ReplayParkedReq_Options_StopAt{StopAt: 1}
	addSeeds(f, &persistent.ReplayParkedReq{}, replay, stopping)
	z := openGrouped(f)
	park := consumerSeeds()[0]
	f.Fuzz(func(t *testing.T, data []byte) {
		req := &persistent.ReplayParkedReq{}
		if proto.Unmarshal(data, req) != nil {
			return
		}
		wantOrderly(t, park, consumeRaw(soon(t), t, z.persistent, park[:]))
		wantOrderly(t, req, once(t, z.persistent.ReplayParked, req), groupCodes()...)
		z.renewGroup(t)
		z.intact(t)
	})
}

// replayAll asks for everything that the group has parked.
func (z *fuzzed) replayAll(t *testing.T) (metadata.MD, error) {
	t.Helper()
	var trailer metadata.MD
	_, err := z.persistent.ReplayParked(soon(t), &persistent.ReplayParkedReq{Options: &persistent.ReplayParkedReq_Options{
		GroupName: group, StreamOption: &persistent.ReplayParkedReq_Options_StreamIdentifier{StreamIdentifier: named(stream)},
		StopAtOption: &persistent.ReplayParkedReq_Options_NoLimit{NoLimit: &shared.Empty{}},
	}}, grpc.Trailer(&trailer))
	return trailer, err
}
