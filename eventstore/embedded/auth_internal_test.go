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
)

// openGroups answers every call on persistent subscriptions, so that what is
// refused is refused by the guard.
type openGroups struct {
	persistent.UnimplementedPersistentSubscriptionsServer
}

func (openGroups) Read(call persistent.PersistentSubscriptions_ReadServer) error {
	if _, err := call.Recv(); err != nil {
		return err
	}
	return status.Error(codes.Unknown, "the stream may be read")
}

func (openGroups) Create(context.Context, *persistent.CreateReq) (*persistent.CreateResp, error) {
	return &persistent.CreateResp{}, nil
}

func (openGroups) GetInfo(context.Context, *persistent.GetInfoReq) (*persistent.GetInfoResp, error) {
	return &persistent.GetInfoResp{}, nil
}

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
	client := persistent.NewPersistentSubscriptionsClient(serveGuarded(t, g))

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
		return &persistent.ReadReq_Options{StreamOption: &persistent.ReadReq_Options_StreamIdentifier{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
		}}
	}
	ofAll := &persistent.ReadReq_Options{StreamOption: &persistent.ReadReq_Options_All{All: &shared.Empty{}}}
	create := func(ctx context.Context) error { _, err := client.Create(ctx, &persistent.CreateReq{}); return err }
	info := func(ctx context.Context) error { _, err := client.GetInfo(ctx, &persistent.GetInfoReq{}); return err }
	list := func(ctx context.Context) error { _, err := client.List(ctx, &persistent.ListReq{}); return err }

	for name, c := range map[string]struct {
		err  error
		want codes.Code
	}{
		"create, anonymous":        {create(ctx), codes.PermissionDenied},
		"create, ops":              {create(ops), codes.OK},
		"create, admin":            {create(admin), codes.OK},
		"info, anonymous":          {info(ctx), codes.PermissionDenied},
		"info, ops":                {info(ops), codes.OK},
		"list, ops":                {list(ops), codes.Unimplemented},
		"read, anonymous":          {read(ctx, of("s")), codes.PermissionDenied},
		"read, ops":                {read(ops, of("s")), codes.Unknown},
		"read system stream, ops":  {read(ops, of("$s")), codes.PermissionDenied},
		"read metadata, ops":       {read(ops, of("$$$s")), codes.PermissionDenied},
		"read all, ops":            {read(ops, ofAll), codes.PermissionDenied},
		"read no stream, ops":      {read(ops, of("")), codes.PermissionDenied},
		"read all, admin":          {read(admin, ofAll), codes.Unknown},
		"read system stream, boss": {read(admin, of("$s")), codes.Unknown},
	} {
		if got := status.Code(c.err); got != c.want {
			t.Errorf("%s: got %v, want %v", name, c.err, c.want)
		}
	}
	if _, err := streams.NewStreamsClient(serveGuarded(t, g)).Delete(ops, &streams.DeleteReq{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("delete, which its handler decides: got %v", err)
	}
}

func serveGuarded(t *testing.T, g *guard) *grpc.ClientConn {
	t.Helper()
	server := grpc.NewServer(g.options()...)
	persistent.RegisterPersistentSubscriptionsServer(server, openGroups{})
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
