package embedded_test

import (
	"context"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

func (f *fixture) groupRefusal(code codes.Code, exception, says string, trailers ...string) refused {
	of := map[string]string{"exception": exception, "stream-name": f.stream(), "group-name": f.group()}
	for i := 0; i < len(trailers); i += 2 {
		of[trailers[i]] = trailers[i+1]
	}
	return refused{code, f.aboutGroup() + says, of}
}

func TestGroupsAreRefusedInTheServersWords(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		client := persistent.NewPersistentSubscriptionsClient(f.conn)
		id := named(f.stream())
		missing := f.groupRefusal(codes.NotFound, "persistent-subscription-does-not-exist", " does not exist.")
		update := &persistent.UpdateReq{Options: &persistent.UpdateReq_Options{
			GroupName: f.group(), StreamOption: &persistent.UpdateReq_Options_Stream{Stream: &persistent.UpdateReq_StreamOptions{StreamIdentifier: id}},
			Settings: &persistent.UpdateReq_Settings{
				MaxRetryCount: 1, MinCheckpointCount: 1, MaxCheckpointCount: 2, LiveBufferSize: 10, ReadBatchSize: 5, HistoryBufferSize: 10,
				MessageTimeout:  &persistent.UpdateReq_Settings_MessageTimeoutMs{MessageTimeoutMs: 1000},
				CheckpointAfter: &persistent.UpdateReq_Settings_CheckpointAfterMs{CheckpointAfterMs: 1000},
			},
		}}
		begin := &persistent.ReadReq{Content: &persistent.ReadReq_Options_{Options: &persistent.ReadReq_Options{
			StreamOption: &persistent.ReadReq_Options_StreamIdentifier{StreamIdentifier: id}, GroupName: f.group(), BufferSize: 1,
		}}}
		info := &persistent.GetInfoReq{Options: &persistent.GetInfoReq_Options{
			GroupName: f.group(), StreamOption: &persistent.GetInfoReq_Options_StreamIdentifier{StreamIdentifier: id},
		}}
		for name, got := range map[string]refused{
			"update": once(t, client.Update, update),
			"delete": once(t, client.Delete, &persistent.DeleteReq{Options: &persistent.DeleteReq_Options{
				GroupName: f.group(), StreamOption: &persistent.DeleteReq_Options_StreamIdentifier{StreamIdentifier: id},
			}}),
			"info": once(t, client.GetInfo, info),
			"replay": once(t, client.ReplayParked, &persistent.ReplayParkedReq{Options: &persistent.ReplayParkedReq_Options{
				GroupName: f.group(), StreamOption: &persistent.ReplayParkedReq_Options_StreamIdentifier{StreamIdentifier: id},
				StopAtOption: &persistent.ReplayParkedReq_Options_NoLimit{NoLimit: &shared.Empty{}},
			}}),
			"read": connectOnly(within(t), t, client, begin),
		} {
			if diff := cmp.Diff(missing, got); diff != "" {
				t.Errorf("%s of a group that is not there (-want +got):\n%s", name, diff)
			}
		}
		list := once(t, client.List, &persistent.ListReq{Options: &persistent.ListReq_Options{ListOption: &persistent.ListReq_Options_ListForStream{
			ListForStream: &persistent.ListReq_StreamOption{StreamOption: &persistent.ListReq_StreamOption_Stream{Stream: id}},
		}}})
		if list.Code != codes.NotFound {
			t.Errorf("the groups of a stream without any: got %+v", list)
		}
	})
}

func TestGroupsThatCannotBeMadeAreRefusedInTheServersWords(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		client := persistent.NewPersistentSubscriptionsClient(f.conn)
		create := ofStream()
		create.Options.GroupName, create.Options.GetStream().StreamIdentifier = f.group(), named(f.stream())
		create.Options.Settings.MaxSubscriberCount = 1
		changed := func(change func(*persistent.CreateReq_Options)) refused {
			req := proto.CloneOf(create)
			change(req.GetOptions())
			return once(t, client.Create, req)
		}
		strategy := changed(func(o *persistent.CreateReq_Options) { o.Settings.ConsumerStrategy = "tea" })
		reason := "Consumer strategy tea does not exist."
		want := f.groupRefusal(codes.Internal, "persistent-subscription-failed", " failed: '"+reason+"'", "reason", reason)
		if diff := cmp.Diff(want, strategy); diff != "" {
			t.Errorf("strategy (-want +got):\n%s", diff)
		}
		for name, got := range map[string]refused{
			"the buffer is no more than a batch": changed(func(o *persistent.CreateReq_Options) {
				o.Settings.ReadBatchSize = o.GetSettings().GetHistoryBufferSize()
			}),
			"no stream":        changed(func(o *persistent.CreateReq_Options) { o.GetStream().StreamIdentifier = named("") }),
			"$all as a stream": changed(func(o *persistent.CreateReq_Options) { o.GetStream().StreamIdentifier = named("$all") }),
		} {
			if got.Code != codes.Internal || got.Trailers["exception"] != "persistent-subscription-failed" || got.Trailers["reason"] == "" {
				t.Errorf("%s: got %+v", name, got)
			}
		}
		if made := once(t, client.Create, create); made.Code != codes.OK {
			t.Fatalf("got %+v", made)
		}
		exists := f.groupRefusal(codes.AlreadyExists, "persistent-subscription-exists", " exists.")
		if diff := cmp.Diff(exists, once(t, client.Create, create)); diff != "" {
			t.Errorf("a second one (-want +got):\n%s", diff)
		}
		f.wantFull(t, client)
	})
}

// wantFull takes the one place that a group has, and asks for another.
func (f *fixture) wantFull(t *testing.T, client persistent.PersistentSubscriptionsClient) {
	t.Helper()
	begin := &persistent.ReadReq{Content: &persistent.ReadReq_Options_{Options: &persistent.ReadReq_Options{
		StreamOption: &persistent.ReadReq_Options_StreamIdentifier{StreamIdentifier: named(f.stream())}, GroupName: f.group(), BufferSize: 1,
	}}}
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	held, err := client.Read(ctx)
	must(t, err)
	must(t, held.Send(begin))
	if got, err := held.Recv(); err != nil || got.GetSubscriptionConfirmation().GetSubscriptionId() != f.stream()+"::"+f.group() {
		t.Fatalf("got %v, %v, want a confirmation", got, err)
	}
	want := refused{codes.FailedPrecondition, "Maximum subscriptions reached for subscription group " + f.group() + " on stream " + f.stream() + ".",
		map[string]string{"exception": "maximum-subscribers-reached", "stream-name": f.stream(), "group-name": f.group()}}
	if diff := cmp.Diff(want, connectOnly(within(t), t, client, begin)); diff != "" {
		t.Errorf("a second consumer (-want +got):\n%s", diff)
	}
}
