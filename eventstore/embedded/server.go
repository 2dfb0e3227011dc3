// Package embedded is an event store inside the process: a durable server that
// speaks the EventStoreDB gRPC protocol on loopback and keeps its log in one
// SQLite file. Any EventStoreDB client can talk to it, so the application needs
// no other code path for it than for a real cluster.
//
// Downwards: server.go listens; append.go, read.go, subscribe*.go and delete.go
// speak the protocol; auth*.go and tls*.go guard it, with the users and rights of
// the package access; the package eventlog below is the log itself.
//
// persistent*.go speaks for the package groups, which has the persistent subscriptions.
// The package linker has the system projections; nothing of the protocol knows of them.
//
// Nothing of the rest of the program is imported here.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"suivi/eventstore/embedded/eventlog"
	"suivi/eventstore/embedded/groups"
	"suivi/eventstore/embedded/linker"
)

// How long Close waits for calls that are about to end by themselves.
const closeGrace = 500 * time.Millisecond

// Config says where the store lives. The zero value of every field but Path is usable.
type Config struct {
	// Path is the SQLite file, usually events.db. Its folder is created; a file
	// named Path + ".lock" beside it keeps a second process out.
	Path string
	// Listen is the TCP address to serve on; empty means a free port on 127.0.0.1.
	// Without TLS the protocol is served in clear text to whoever can reach it.
	Listen string
	// TLS encrypts connections; nil means clear text. A certificate that the server
	// makes itself is kept beside the file.
	TLS *TLS
	// Access asks clients who they are, and keeps them to their rights; nil means that
	// all may do everything. It needs TLS: clients send no passwords in clear text.
	Access *Access
	// Projections are the system projections that run; none means that there are no
	// link streams, or that those that there are stay as they are.
	Projections []linker.Projection
	// Logger receives what the operator should know; nil means slog.Default().
	Logger *slog.Logger
}

// Server is a running event store. Make one with Open, end it with Close.
type Server struct {
	log      *eventlog.Log
	metrics  *metrics
	groups   *groups.Groups
	linker   *linker.Linker
	grpc     *grpc.Server
	listener net.Listener
	security security
	quit     chan struct{} // closed by Close: subscriptions end
	failed   chan error
	serving  sync.WaitGroup
	close    func() error

	scavenging sync.Mutex
}

// Open creates or opens the log at cfg.Path and serves it in the background
// until Close. The file is held exclusively: if another process has it, the
// error says so. ctx bounds the opening only.
func Open(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Path == "" {
		return nil, errors.New("open event store: no path given")
	}
	if err := cfg.checkSecurity(); err != nil {
		return nil, fmt.Errorf("open event store: %w", err)
	}
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	metrics := newMetrics()
	log, err := eventlog.Open(ctx, eventlog.Config{Path: cfg.Path, Logger: cfg.Logger, Observe: metrics.committed})
	if err != nil {
		return nil, fmt.Errorf("open event store: %w", err)
	}
	metrics.watch(log)
	if log.End() == 0 {
		if err := seed(ctx, log); err != nil {
			return nil, errors.Join(fmt.Errorf("open event store: write the first event: %w", err), log.Close())
		}
	}
	secured, err := openSecurity(ctx, &cfg, log)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open event store: %w", err), log.Close())
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open event store: listen: %w", err), log.Close())
	}
	running, err := groups.Open(ctx, log, cfg.Logger)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open event store: %w", err), listener.Close(), log.Close())
	}
	links, err := linker.Open(ctx, log, cfg.Logger, cfg.Projections)
	if err != nil {
		running.Close()
		return nil, errors.Join(fmt.Errorf("open event store: %w", err), listener.Close(), log.Close())
	}
	s := &Server{log: log, metrics: metrics, groups: running, linker: links, listener: listener, security: secured, quit: make(chan struct{}), failed: make(chan error, 1)}
	s.close = sync.OnceValue(s.shutDown)
	s.grpc = s.newGRPCServer()
	s.serving.Go(s.serve)
	if addr, ok := listener.Addr().(*net.TCPAddr); ok && !addr.IP.IsLoopback() && s.security.lacking() != "" {
		cfg.Logger.Warn("event store serves beyond this machine, "+s.security.lacking(), "address", s.Addr())
	}
	return s, nil
}

// seed writes what a new node of a real cluster writes by itself: clients' test
// suites take an event in $users as the sign that the node is ready.
func seed(ctx context.Context, log *eventlog.Log) error {
	_, err := log.Write(ctx, &eventlog.Write{Stream: "$users", Expected: eventlog.ExpectNoStream, Events: []eventlog.Proposed{
		{ID: uuid.New(), Type: "$User", JSON: true, Data: []byte(`"admin"`)},
	}})
	return err
}

func (s *Server) newGRPCServer() *grpc.Server {
	server := grpc.NewServer(append(s.security.options(),
		grpc.MaxRecvMsgSize(16<<20),
		// Clients ping every 10 s, with or without calls; the default policy
		// would cut them off after three pings.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		grpc.WaitForHandlers(true),
		grpc.ForceServerCodecV2(newCodec()),
	)...)
	streams.RegisterStreamsServer(server, &streamsService{log: s.log, metrics: s.metrics, quit: s.quit, guard: s.security.guard})
	persistent.RegisterPersistentSubscriptionsServer(server, &persistentService{groups: s.groups, links: &linkReader{log: s.log, guard: s.security.guard}})
	gossip.RegisterGossipServer(server, &gossipService{named: s.security.tls != nil})
	serverfeatures.RegisterServerFeaturesServer(server, &featuresService{})
	return server
}

func (s *Server) serve() {
	err := s.grpc.Serve(s.listener)
	select {
	case <-s.quit:
	default:
		s.failed <- fmt.Errorf("event store: serve %s: %w", s.Addr(), err)
	}
}

// Addr is the address that the server listens on, host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// ConnectionString is what the official clients take to reach this server from
// this machine, without the login and password that they need when there is Access.
func (s *Server) ConnectionString() string { return s.security.connectionString(s.Addr()) }

// OwnConnectionString is for the process that runs the server. With Access it has
// credentials that are good for everything until Close: keep it out of logs.
func (s *Server) OwnConnectionString() string { return s.security.ownConnectionString(s.Addr()) }

// Err delivers an error when the server can no longer be reached because its
// listener broke; the owner should end the process. A disk that fails is no such
// error: appends are refused until it works again. Close closes the channel.
func (s *Server) Err() <-chan error { return s.failed }

// Close ends subscriptions, lets short calls finish, stops serving and closes the
// file. It returns when every goroutine of the server has ended, which takes
// about half a second at most with clients that hold on.
func (s *Server) Close() error { return s.close() }

func (s *Server) shutDown() error {
	close(s.quit)
	s.groups.Close()
	s.linker.Close()
	stopped := make(chan struct{})
	s.serving.Go(func() {
		s.grpc.GracefulStop()
		close(stopped)
	})
	select {
	case <-stopped:
	case <-time.After(closeGrace):
	}
	s.grpc.Stop()
	s.serving.Wait()
	err := s.log.Close()
	close(s.failed)
	if err != nil {
		return fmt.Errorf("close event store: %w", err)
	}
	return nil
}
