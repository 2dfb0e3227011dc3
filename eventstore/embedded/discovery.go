package embedded

import (
	"context"
	"net"
	"time"

	"suivi/eventstore/embedded/eventlog"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// The version whose behaviour this server follows. Clients read the first three
// numbers and refuse to connect when they find anything else there.
const serverVersion = "23.10.0"

// gossipService tells clients that discover a cluster that this node is all of it.
type gossipService struct {
	gossip.UnimplementedGossipServer
}

// Read names one leader: this node, at the address where the client has reached it.
func (*gossipService) Read(ctx context.Context, _ *shared.Empty) (*gossip.ClusterInfo, error) {
	caller, _ := peer.FromContext(ctx)
	addr, ok := caller.LocalAddr.(*net.TCPAddr)
	if !ok {
		return nil, status.Errorf(codes.Internal, "no TCP address to name: %v", caller.LocalAddr)
	}
	return &gossip.ClusterInfo{Members: []*gossip.MemberInfo{{
		InstanceId:   structuredID(uuid.NewSHA1(uuid.NameSpaceURL, []byte("tcp://"+addr.String()))),
		TimeStamp:    eventlog.Ticks(time.Now()),
		State:        gossip.MemberInfo_Leader,
		IsAlive:      true,
		HttpEndPoint: &gossip.EndPoint{Address: addr.IP.String(), Port: uint32(addr.Port)},
	}}}, nil
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
	return &serverfeatures.SupportedMethods{
		EventStoreServerVersion: serverVersion,
		Methods: []*serverfeatures.SupportedMethod{
			method(streams, "append"),
			method(streams, "read"),
			method(streams, "delete"),
			method(streams, "tombstone"),
			method("event_store.client.gossip.gossip", "read"),
			method("event_store.client.server_features.serverfeatures", "getsupportedmethods"),
		},
	}, nil
}
