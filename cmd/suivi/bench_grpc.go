package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"suivi/eventstore"
)

// grpcCeiling appends through our Store and the official client to a server, in
// this process, that answers at once and stores nothing.
func grpcCeiling(ctx context.Context, _ string, duration time.Duration) (measured load, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return measured, fmt.Errorf("listen: %w", err)
	}
	server := grpc.NewServer(grpc.ForceServerCodec(rawCodec{}), grpc.UnknownServiceHandler(appendNothing))
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() {
		server.Stop()
		err = errors.Join(err, <-served)
	}()
	store, err := eventstore.Open("esdb://"+listener.Addr().String()+"?tls=false", nil)
	if err != nil {
		return measured, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	data := ticketBody(1)
	return sustain(ctx, "gRPC append answered at once", 64, duration, func(ctx context.Context, client int) error {
		event := eventstore.Event{ID: uuid.New(), Type: "bench", Data: data, Metadata: []byte("{}")}
		_, err := store.Append(ctx, "bench-"+strconv.Itoa(client), eventstore.NoStream(), event)
		return err
	})
}

// appended is the answer AppendResp{Success{CurrentRevision: 0, Position{1, 1}}}
// in the form of the wire, so that no stubs are needed here.
func appended() []byte { return []byte{0x0a, 8, 0x08, 0, 0x1a, 4, 0x08, 1, 0x10, 1} }

// appendNothing takes an append's messages and answers; there are no other calls.
func appendNothing(_ any, stream grpc.ServerStream) error {
	if method, _ := grpc.MethodFromServerStream(stream); method != "/event_store.client.streams.Streams/Append" {
		return status.Error(codes.Unimplemented, "this server only takes appends")
	}
	for {
		var message []byte
		err := stream.RecvMsg(&message)
		if errors.Is(err, io.EOF) {
			return stream.SendMsg(appended())
		}
		if err != nil {
			return err
		}
	}
}

// rawCodec leaves messages as they are.
type rawCodec struct{}

func (rawCodec) Marshal(message any) ([]byte, error) {
	raw, ok := message.([]byte)
	if !ok {
		return nil, fmt.Errorf("want bytes, not %T", message)
	}
	return raw, nil
}

func (rawCodec) Unmarshal(data []byte, into any) error {
	raw, ok := into.(*[]byte)
	if !ok {
		return fmt.Errorf("want *[]byte, not %T", into)
	}
	*raw = append([]byte(nil), data...)
	return nil
}

func (rawCodec) Name() string { return "proto" }
