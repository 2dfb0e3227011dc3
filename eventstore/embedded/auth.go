package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"suivi/eventstore/embedded/access"
	"suivi/eventstore/embedded/eventlog"
)

// Access is how clients prove who they are, by login and password, and what they
// may do then. It needs TLS.
type Access struct {
	// AdminPassword and OpsPassword are what the users admin and ops begin with, in a
	// log that does not have them yet. Empty ones are made up and handed to Keep.
	AdminPassword, OpsPassword string
	// Keep gets a password that was made up, before its user is made. It must keep
	// it where the operator finds it, and nobody else does.
	Keep func(login, password string) error
	// AllowAnonymous gives clients without credentials the rights that ACLs give to
	// everybody ($all). Otherwise they may do nothing on streams.
	AllowAnonymous bool
}

// AdminLogin is the user who may do everything in a log that has users.
const AdminLogin = access.AdminLogin

// guard stands before every call when there is Access. A nil guard lets everything pass.
type guard struct {
	control *access.Control
	logger  *slog.Logger
}

func openGuard(ctx context.Context, cfg *Access, log *eventlog.Log, logger *slog.Logger) (*guard, error) {
	control, err := access.New(log, cfg.AllowAnonymous)
	if err != nil {
		return nil, err
	}
	for _, first := range []struct {
		user     access.User
		password string
	}{
		{access.User{LoginName: access.AdminLogin, FullName: "Event Store Administrator", Groups: []string{access.Admins}}, cfg.AdminPassword},
		{access.User{LoginName: access.OpsLogin, FullName: "Event Store Operations", Groups: []string{access.Ops}}, cfg.OpsPassword},
	} {
		password := first.password
		keep := func() error { return nil }
		if password == "" {
			password = rand.Text()
			keep = func() error { return cfg.keep(first.user.LoginName, password) }
		}
		if err := control.Ensure(ctx, first.user, password, keep); err != nil {
			return nil, err
		}
	}
	return &guard{control: control, logger: logger}, nil
}

func (a *Access) keep(login, password string) error {
	if a.Keep == nil {
		return fmt.Errorf("the user %s has no password: give one", login)
	}
	return a.Keep(login, password)
}

// Who may call a method before any stream is known. A method that is not listed is
// for operators, so that no new one is open by oversight.
type admission int

const (
	operators     admission = iota
	anybody                 // also without credentials: clients look for a node before they log in
	authenticated           // with credentials
	byStream                // the handler asks allow, or allows
)

func admissionTo(method string) admission {
	switch method {
	case gossip.Gossip_Read_FullMethodName, serverfeatures.ServerFeatures_GetSupportedMethods_FullMethodName:
		return anybody
	case streams.Streams_Append_FullMethodName, streams.Streams_BatchAppend_FullMethodName, streams.Streams_Read_FullMethodName,
		streams.Streams_Delete_FullMethodName, streams.Streams_Tombstone_FullMethodName,
		persistent.PersistentSubscriptions_Read_FullMethodName:
		return byStream
	case persistent.PersistentSubscriptions_GetInfo_FullMethodName, persistent.PersistentSubscriptions_List_FullMethodName:
		return authenticated
	default:
		return operators
	}
}

type identityKey struct{}

// identityOf is who makes the call; nil for an anonymous client.
func identityOf(ctx context.Context) *access.Identity {
	who, _ := ctx.Value(identityKey{}).(*access.Identity)
	return who
}

// admit finds out who calls, and whether they may call the method at all. The
// context that it gives knows them.
func (g *guard) admit(ctx context.Context, method string) (context.Context, error) {
	who, err := g.identify(ctx)
	if err != nil {
		return ctx, err
	}
	ctx = context.WithValue(ctx, identityKey{}, who)
	switch admissionTo(method) {
	case anybody, byStream:
		return ctx, nil
	case authenticated:
		return ctx, g.allow(ctx, access.Inspect, "")
	default:
		return ctx, g.allow(ctx, access.Administer, "")
	}
}

// identify checks the credentials of a call; nil for a call without. Wrong ones are
// refused also where none are needed, as by the real server.
func (g *guard) identify(ctx context.Context) (*access.Identity, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	headers := md.Get("authorization")
	if len(headers) == 0 {
		return nil, nil //nolint:nilnil // nobody is somebody here
	}
	if len(headers) > 1 {
		return nil, status.Error(codes.Unauthenticated, "there is more than one authorization header")
	}
	given, err := access.ParseBasic(headers[0])
	if err != nil {
		return nil, status.Error(codes.Unauthenticated, err.Error())
	}
	from := peerHost(ctx)
	who, err := g.control.Authenticate(ctx, given, from)
	switch {
	case err == nil:
		return who, nil
	case errors.Is(err, access.ErrCredentials), errors.Is(err, access.ErrTries):
		g.logger.Warn("event store: authentication failed", "login", given.Login, "from", from, "reason", err)
		return nil, status.Error(codes.Unauthenticated, err.Error())
	case errors.Is(err, access.ErrBusy):
		return nil, status.Error(codes.Unavailable, err.Error())
	}
	return nil, refusal(ctx, "Authenticate", err)
}

func peerHost(ctx context.Context) string {
	caller, ok := peer.FromContext(ctx)
	if !ok {
		return ""
	}
	host, _, err := net.SplitHostPort(caller.Addr.String())
	if err != nil {
		return caller.Addr.String()
	}
	return host
}

// allow refuses an operation that the caller may not do.
func (g *guard) allow(ctx context.Context, op access.Operation, stream string) error {
	ok, err := g.allows(ctx, op, stream)
	if err != nil {
		return refusal(ctx, "Authorize", err)
	}
	if !ok {
		return accessDenied(ctx)
	}
	return nil
}

// allows tells whether the caller may do something, for those who refuse in their own way.
func (g *guard) allows(ctx context.Context, op access.Operation, stream string) (bool, error) {
	if g == nil {
		return true, nil
	}
	return g.control.Allowed(ctx, identityOf(ctx), op, stream)
}

func accessDenied(ctx context.Context) error {
	return refuseWith(ctx, codes.PermissionDenied, "Access Denied", exceptionKey, "access-denied")
}

// options puts the guard before all calls; without one there is nothing before them.
func (g *guard) options() []grpc.ServerOption {
	if g == nil {
		return nil
	}
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(g.unary), grpc.ChainStreamInterceptor(g.stream)}
}

func (g *guard) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	ctx, err := g.admit(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	return handle(ctx, req)
}

func (g *guard) stream(server any, call grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	ctx, err := g.admit(call.Context(), info.FullMethod)
	if err != nil {
		if info.FullMethod == streams.Streams_Append_FullMethodName {
			drain(call)
		}
		return err
	}
	return handle(server, &identifiedStream{ServerStream: call, ctx: ctx})
}

// drain receives what an append still sends, or a client that is answered while it
// sends does not see the answer. It goes on for as much as one append can be.
func drain(call grpc.ServerStream) {
	for left := maxAppendMemory; left > 0; {
		msg := new(streams.AppendReq)
		if call.RecvMsg(msg) != nil {
			return
		}
		left -= proto.Size(msg) + 1
	}
}

// identifiedStream is a call whose context knows who makes it.
type identifiedStream struct {
	grpc.ServerStream
	ctx context.Context //nolint:containedctx // gRPC's own way to give a call another one
}

// Context knows who makes the call.
func (s *identifiedStream) Context() context.Context { return s.ctx }
