package embedded

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"suivi/eventstore/embedded/eventlog"
	"suivi/eventstore/embedded/groups"
)

func TestTheGuardBeforePersistentSubscriptions(t *testing.T) {
	t.Parallel()
	log, err := eventlog.Open(t.Context(), eventlog.Config{Path: filepath.Join(t.TempDir(), "events.db"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	g, err := openGuard(t.Context(), &Access{AdminPassword: "changeit", OpsPassword: "changeit"}, log, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	running, err := groups.Open(t.Context(), log, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Close) // before the log
	guarded := serveGuarded(t, g, &persistentService{groups: running, links: &linkReader{log: log, guard: g}})
	client := persistent.NewPersistentSubscriptionsClient(guarded)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ops := metadata.AppendToOutgoingContext(ctx, "authorization", "Basic b3BzOmNoYW5nZWl0")
	admin := metadata.AppendToOutgoingContext(ctx, "authorization", "Basic YWRtaW46Y2hhbmdlaXQ=")
	read := func(ctx context.Context, options *persistent.ReadReq_Options) error {
		call, err := client.Read(ctx)
		if err == nil {
			err = call.Send(&persistent.ReadReq{Content: &persistent.ReadReq_Options_{Options: options}})
		}
		if err == nil {
			_, err = call.Recv()
		}
		return err
	}
	of := func(stream string) *persistent.ReadReq_Options {
		return &persistent.ReadReq_Options{GroupName: "ops", BufferSize: 1, StreamOption: &persistent.ReadReq_Options_StreamIdentifier{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
		}}
	}
	ofAll := &persistent.ReadReq_Options{GroupName: "ops", BufferSize: 1, StreamOption: &persistent.ReadReq_Options_All{All: &shared.Empty{}}}
	create := func(ctx context.Context, group string) error {
		_, err := client.Create(ctx, &persistent.CreateReq{Options: &persistent.CreateReq_Options{
			GroupName: group,
			StreamOption: &persistent.CreateReq_Options_Stream{Stream: &persistent.CreateReq_StreamOptions{
				StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("s")},
			}},
			Settings: &persistent.CreateReq_Settings{HistoryBufferSize: 2, LiveBufferSize: 1, ReadBatchSize: 1, MaxCheckpointCount: 1},
		}})
		return err
	}
	info := func(ctx context.Context) error {
		_, err := client.GetInfo(ctx, &persistent.GetInfoReq{Options: &persistent.GetInfoReq_Options{
			GroupName: "ops", StreamOption: &persistent.GetInfoReq_Options_StreamIdentifier{
				StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("s")},
			},
		}})
		return err
	}
	list := func(ctx context.Context) error {
		_, err := client.List(ctx, &persistent.ListReq{Options: &persistent.ListReq_Options{
			ListOption: &persistent.ListReq_Options_ListAllSubscriptions{ListAllSubscriptions: &shared.Empty{}},
		}})
		return err
	}

	for name, c := range map[string]struct {
		err  error
		want codes.Code
	}{
		"create, anonymous":        {create(ctx, "nobody"), codes.PermissionDenied},
		"create, ops":              {create(ops, "ops"), codes.OK},
		"create, admin":            {create(admin, "admin"), codes.OK},
		"info, anonymous":          {info(ctx), codes.PermissionDenied},
		"info, ops":                {info(ops), codes.OK},
		"list, ops":                {list(ops), codes.OK},
		"read, anonymous":          {read(ctx, of("s")), codes.PermissionDenied},
		"read, ops":                {read(ops, of("s")), codes.OK},
		"read system stream, ops":  {read(ops, of("$s")), codes.PermissionDenied},
		"read metadata, ops":       {read(ops, of("$$$s")), codes.PermissionDenied},
		"read all, ops":            {read(ops, ofAll), codes.PermissionDenied},
		"read all, admin":          {read(admin, ofAll), codes.NotFound}, // it is allowed, and there is no such group
		"read system stream, boss": {read(admin, of("$s")), codes.NotFound},
	} {
		if got := status.Code(c.err); got != c.want {
			t.Errorf("%s: got %v, want %v", name, c.err, c.want)
		}
	}
	if _, err := streams.NewStreamsClient(guarded).Delete(ops, &streams.DeleteReq{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("delete, which its handler decides: got %v", err)
	}
}

func serveGuarded(t *testing.T, g *guard, service *persistentService) *grpc.ClientConn {
	t.Helper()
	server := grpc.NewServer(append(g.options(), grpc.ForceServerCodecV2(newCodec()))...)
	persistent.RegisterPersistentSubscriptionsServer(server, service)
	streams.RegisterStreamsServer(server, streams.UnimplementedStreamsServer{})
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		<-ended
	})
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
