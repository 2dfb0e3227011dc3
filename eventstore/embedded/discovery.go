package embedded

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"suivi/eventstore/embedded/eventlog"
)

// The version whose behaviour this server follows. Clients read the first three
// numbers and refuse to connect when they find anything else there.
const serverVersion = "23.10.0"

// gossipService tells clients that discover a cluster that this node is all of it.
type gossipService struct {
	gossip.UnimplementedGossipServer
	named bool // clients check the name by which they reach the server
}

// Read names one leader: this node, at the address where the client has reached it.
func (s *gossipService) Read(ctx context.Context, _ *shared.Empty) (*gossip.ClusterInfo, error) {
	caller, _ := peer.FromContext(ctx)
	addr, ok := caller.LocalAddr.(*net.TCPAddr)
	if !ok {
		return nil, status.Errorf(codes.Internal, "no TCP address to name: %v", caller.LocalAddr)
	}
	endpoint := &gossip.EndPoint{Address: addr.IP.String(), Port: uint32(addr.Port)}
	if s.named {
		endpoint = asCalled(ctx, endpoint)
	}
	return &gossip.ClusterInfo{Members: []*gossip.MemberInfo{{
		InstanceId:   structuredID(uuid.NewSHA1(uuid.NameSpaceURL, []byte("tcp://"+addr.String()))),
		TimeStamp:    eventlog.Ticks(time.Now()),
		State:        gossip.MemberInfo_Leader,
		IsAlive:      true,
		HttpEndPoint: endpoint,
	}}}, nil
}

// asCalled is the address by the name that the client has called it, which is the
// one that its certificate proves.
func asCalled(ctx context.Context, address *gossip.EndPoint) *gossip.EndPoint {
	md, _ := metadata.FromIncomingContext(ctx)
	called := md.Get(":authority")
	if len(called) != 1 {
		return address
	}
	host, port, err := net.SplitHostPort(called[0])
	if err != nil {
		return address
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || host == "" {
		return address
	}
	return &gossip.EndPoint{Address: host, Port: uint32(number)}
}

// featuresService tells clients which methods they may call.
type featuresService struct {
	serverfeatures.UnimplementedServerFeaturesServer
}

// GetSupportedMethods lists what is implemented, in lower case as clients compare it.
func (*featuresService) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	method := func(service, name string) *serverfeatures.SupportedMethod {
		return &serverfeatures.SupportedMethod{ServiceName: service, MethodName: name}
	}
	const streams = "event_store.client.streams.streams"
	const persistent = "event_store.client.persistent_subscriptions.persistentsubscriptions"
	// Clients that do not find these two features ask by other, older ways.
	ofGroups := func(name string) *serverfeatures.SupportedMethod {
		m := method(persistent, name)
		m.Features = []string{"stream", "all"}
		return m
	}
	return &serverfeatures.SupportedMethods{
		EventStoreServerVersion: serverVersion,
		Methods: []*serverfeatures.SupportedMethod{
			method(streams, "append"),
			method(streams, "batchappend"),
			method(streams, "read"),
			method(streams, "delete"),
			method(streams, "tombstone"),
			ofGroups("create"),
			ofGroups("update"),
			ofGroups("delete"),
			ofGroups("read"),
			ofGroups("getinfo"),
			ofGroups("list"),
			ofGroups("replayparked"),
			ofGroups("restartsubsystem"),
			method("event_store.client.gossip.gossip", "read"),
			method("event_store.client.server_features.serverfeatures", "getsupportedmethods"),
		},
	}, nil
}
