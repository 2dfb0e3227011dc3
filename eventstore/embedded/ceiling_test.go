package embedded_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
)

// ceiling answers every append at once and stores nothing: what gRPC alone costs.
type ceiling struct {
	streams.UnimplementedStreamsServer
}

func (ceiling) Append(call streams.Streams_AppendServer) error {
	for {
		_, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return call.SendAndClose(&streams.AppendResp{Result: &streams.AppendResp_Success_{Success: &streams.AppendResp_Success{
				CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{},
				PositionOption:        &streams.AppendResp_Success_NoPosition{NoPosition: &shared.Empty{}},
			}}})
		}
		if err != nil {
			return err
		}
	}
}

// noOpServer is a client of a server that does just that.
func noOpServer(b *testing.B) *esdb.Client {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := grpc.NewServer()
	streams.RegisterStreamsServer(server, ceiling{})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	b.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			b.Error(err)
		}
	})
	return connect(b, "esdb://"+listener.Addr().String()+"?tls=false")
}

// BenchmarkAppendCeiling is what BenchmarkAppend would measure with a store that costs nothing.
func BenchmarkAppendCeiling(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) { runWriters(b, noOpServer(b), writers) })
	}
}
