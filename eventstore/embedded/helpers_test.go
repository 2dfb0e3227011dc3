package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"suivi/eventstore/embedded"
	"suivi/eventstore/embedded/linker"
)

// fixture is a server with an official client, and a connection for what that cannot
// express. The server is a fresh one of ours, or a real one: see onEachServer.
type fixture struct {
	*esdb.Client
	conn   *grpc.ClientConn
	server *embedded.Server // nil for a real one
	path   string           // of the log, unless it is a real one
	unique string           // begins the names that the test uses
	begun  esdb.Position    // in $all; what the test writes comes after it
}

func open(t testing.TB) *fixture {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "data", "events.db"))
}

func openAt(t testing.TB, path string, projections ...linker.Projection) *fixture {
	t.Helper()
	server, err := embedded.Open(t.Context(), embedded.Config{Path: path, Logger: slog.New(slog.DiscardHandler), Projections: projections})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return &fixture{Client: connect(t, server.ConnectionString()), conn: dial(t, server), server: server, path: path}
}

func connect(t testing.TB, connection string) *esdb.Client {
	t.Helper()
	settings, err := esdb.ParseConnectionString(connection)
	if err != nil {
		t.Fatal(err)
	}
	settings.Logger = esdb.NoopLogging()
	client, err := esdb.NewClient(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// dial connects without the official client, for what it cannot express.
func dial(t testing.TB, server *embedded.Server) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(server.Addr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// within bounds a step of a test.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func event(typ string) esdb.EventData {
	return esdb.EventData{EventID: uuid.New(), EventType: typ, ContentType: esdb.ContentTypeJson, Data: []byte(`{}`)}
}

func events(n int) []esdb.EventData {
	out := make([]esdb.EventData, n)
	for i := range out {
		out[i] = event(fmt.Sprintf("type-%d", i))
	}
	return out
}

func (f *fixture) append(t testing.TB, stream string, expected esdb.ExpectedRevision, events ...esdb.EventData) *esdb.WriteResult {
	t.Helper()
	result, err := f.AppendToStream(within(t), stream, esdb.AppendToStreamOptions{ExpectedRevision: expected}, events...)
	if err != nil {
		t.Fatalf("append to %s: %v", stream, err)
	}
	return result
}

// drain reads to the end.
func drain(t interface{ Helper() }, read *esdb.ReadStream, err error) ([]*esdb.RecordedEvent, error) {
	t.Helper()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	var out []*esdb.RecordedEvent
	for {
		e, err := read.Recv()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, e.Event)
	}
}

func (f *fixture) readStream(t testing.TB, stream string, opts esdb.ReadStreamOptions, count uint64) ([]*esdb.RecordedEvent, error) {
	t.Helper()
	read, err := f.ReadStream(within(t), stream, opts, count)
	return drain(t, read, err)
}

func (f *fixture) readAll(t testing.TB, opts esdb.ReadAllOptions, count uint64) []*esdb.RecordedEvent {
	t.Helper()
	read, err := f.ReadAll(within(t), opts, count)
	out, err := drain(t, read, err)
	if err != nil {
		t.Fatalf("read $all: %v", err)
	}
	return out
}

func revisions(events []*esdb.RecordedEvent) []uint64 {
	out := []uint64{}
	for _, e := range events {
		out = append(out, e.EventNumber)
	}
	return out
}

func wantCode(t testing.TB, err error, code esdb.ErrorCode) {
	t.Helper()
	var esErr *esdb.Error
	if !errors.As(err, &esErr) || esErr.Code() != code {
		t.Fatalf("got error %v, want code %d", err, code)
	}
}
