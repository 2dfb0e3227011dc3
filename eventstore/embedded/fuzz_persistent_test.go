package embedded_test

import (
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

// Ends of calls on groups that others do not have. An Internal one is that of
// settings that are refused; its trailers say so.
func groupCodes() []codes.Code {
	return []codes.Code{codes.NotFound, codes.AlreadyExists, codes.Internal}
}

func createSettings() *persistent.CreateReq_Settings {
	return &persistent.CreateReq_Settings{
		MaxRetryCount: 2, MinCheckpointCount: 1, MaxCheckpointCount: 1, MaxSubscriberCount: 3, LiveBufferSize: 10, ReadBatchSize: 5, HistoryBufferSize: 10,
		ConsumerStrategy: "RoundRobin", MessageTimeout: &persistent.CreateReq_Settings_MessageTimeoutMs{MessageTimeoutMs: 1000},
		CheckpointAfter: &persistent.CreateReq_Settings_CheckpointAfterMs{CheckpointAfterMs: 1},
	}
}

// ofStream makes a group of the stream s, from its start.
func ofStream() *persistent.CreateReq {
	return &persistent.CreateReq{Options: &persistent.CreateReq_Options{
		GroupName: group, Settings: createSettings(), StreamOption: &persistent.CreateReq_Options_Stream{Stream: &persistent.CreateReq_StreamOptions{
			StreamIdentifier: named(stream), RevisionOption: &persistent.CreateReq_StreamOptions_Start{Start: &shared.Empty{}},
		}},
	}}
}

func ofAll() *persistent.CreateReq {
	return &persistent.CreateReq{Options: &persistent.CreateReq_Options{
		GroupName: group, Settings: createSettings(), StreamOption: &persistent.CreateReq_Options_All{All: &persistent.CreateReq_AllOptions{
			AllOption: &persistent.CreateReq_AllOptions_Start{Start: &shared.Empty{}},
			FilterOption: &persistent.CreateReq_AllOptions_Filter{Filter: &persistent.CreateReq_AllOptions_FilterOptions{
				Filter: &persistent.CreateReq_AllOptions_FilterOptions_StreamIdentifier{
					StreamIdentifier: &persistent.CreateReq_AllOptions_FilterOptions_Expression{Regex: "^s"},
				},
			}},
		}},
	}}
}

// openGrouped is a server with a group of a stream that has events.
func openGrouped(f *testing.F) *fuzzed {
	f.Helper()
	z := openFuzzed(f)
	z.append(f, stream, esdb.NoStream{}, z.known()...)
	z.renewGroup(f)
	return z
}

// known are events whose ids seeds can name.
func (*fuzzed) known() []esdb.EventData {
	out := events(4)
	for i := range out {
		out[i].EventID = knownID(i)
	}
	return out
}

func knownID(i int) uuid.UUID { return uuid.NewSHA1(uuid.Nil, []byte{byte(i)}) }

// renewGroup leaves one group, as it was made.
func (z *fuzzed) renewGroup(t testing.TB) {
	t.Helper()
	z.deleteGroups(t)
	if _, err := z.persistent.Create(soon(t), ofStream()); err != nil {
		t.Fatal(err)
	}
}

func (z *fuzzed) deleteGroups(t testing.TB) {
	t.Helper()
	for _, info := range z.groups(t) {
		o := &persistent.DeleteReq_Options{GroupName: info.GetGroupName()}
		o.StreamOption = &persistent.DeleteReq_Options_StreamIdentifier{StreamIdentifier: named(info.GetEventSource())}
		if info.GetEventSource() == "$all" {
			o.StreamOption = &persistent.DeleteReq_Options_All{All: &shared.Empty{}}
		}
		if _, err := z.persistent.Delete(soon(t), &persistent.DeleteReq{Options: o}); err != nil {
			t.Fatalf("delete %v: %v", info, err)
		}
	}
}

func (z *fuzzed) groups(t testing.TB) []*persistent.SubscriptionInfo {
	t.Helper()
	list, err := z.persistent.List(soon(t), &persistent.ListReq{Options: &persistent.ListReq_Options{
		ListOption: &persistent.ListReq_Options_ListAllSubscriptions{ListAllSubscriptions: &shared.Empty{}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return list.GetSubscriptions()
}

// FuzzPersistentCreate also restarts the groups: what was accepted must start again.
func FuzzPersistentCreate(f *testing.F) {
	old := &persistent.CreateReq{Options: &persistent.CreateReq_Options{
		GroupName: "old", StreamIdentifier: named(stream), Settings: createSettings(),
	}}
	old.Options.Settings.Revision, old.Options.Settings.ConsumerStrategy = 1<<64-1, "" //nolint:staticcheck // what old clients send
	addSeeds(f, &persistent.CreateReq{}, ofStream(), ofAll(), old)
	z := openFuzzed(f)
	z.append(f, stream, esdb.NoStream{}, z.known()...)
	f.Fuzz(func(t *testing.T, data []byte) {
		req := &persistent.CreateReq{}
		if proto.Unmarshal(data, req) != nil {
			return
		}
		got := once(t, z.persistent.Create, req)
		wantOrderly(t, req, got, groupCodes()...)
		made := z.groups(t)
		if (len(made) == 1) != (got.Code == codes.OK) {
			t.Errorf("%v: got %+v, and there are %v", req, got, made)
		}
		if got.Code == codes.OK {
			wantOrderly(t, req, once(t, z.persistent.RestartSubsystem, &shared.Empty{}))
		}
		z.deleteGroups(t)
		z.intact(t)
	})
}

func FuzzPersistentUpdate(f *testing.F) {
	settings := &persistent.UpdateReq_Settings{
		MaxRetryCount: 1, MinCheckpointCount: 1, MaxCheckpointCount: 2, LiveBufferSize: 10, ReadBatchSize: 5, HistoryBufferSize: 10,
		MessageTimeout:  &persistent.UpdateReq_Settings_MessageTimeoutTicks{MessageTimeoutTicks: 10000},
		CheckpointAfter: &persistent.UpdateReq_Settings_CheckpointAfterTicks{CheckpointAfterTicks: 10000},
	}
	update := &persistent.UpdateReq{Options: &persistent.UpdateReq_Options{
		GroupName: group, Settings: settings, StreamOption: &persistent.UpdateReq_Options_Stream{Stream: &persistent.UpdateReq_StreamOptions{
			StreamIdentifier: named(stream), RevisionOption: &persistent.UpdateReq_StreamOptions_Revision{Revision: 1},
		}},
	}}
	all := &persistent.UpdateReq{Options: &persistent.UpdateReq_Options{
		GroupName: group, Settings: settings, StreamOption: &persistent.UpdateReq_Options_All{All: &persistent.UpdateReq_AllOptions{
			AllOption: &persistent.UpdateReq_AllOptions_End{End: &shared.Empty{}},
		}},
	}}
	addSeeds(f, &persistent.UpdateReq{}, update, all)
	z := openGrouped(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		req := &persistent.UpdateReq{}
		if proto.Unmarshal(data, req) != nil {
			return
		}
		got := once(t, z.persistent.Update, req)
		wantOrderly(t, req, got, groupCodes()...)
		if len(z.groups(t)) != 1 {
			t.Errorf("%v: there are %v", req, z.groups(t))
		}
		if got.Code == codes.OK {
			wantOrderly(t, req, once(t, z.persistent.RestartSubsystem, &shared.Empty{}))
			z.renewGroup(t)
		}
		z.intact(t)
	})
}
