package eventstore

import (
	"log/slog"
	"net"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// The client must ask a call's context for its deadline once it has its connection,
// not before: the gate of a connection depends on it, and so does findServer.
func TestConnectionWithoutServerIsAnError(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	config, err := esdb.ParseConnectionString("esdb://" + listener.Addr().String() + "?tls=false")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := newConnection(*config, slog.New(slog.DiscardHandler), func(*connection) {})
	if err == nil || conn != nil {
		t.Errorf("got %v, %v, want an error", conn, err)
	}
}

func TestCallOpensTheGateWhenAskedForItsDeadline(t *testing.T) {
	t.Parallel()
	conn := &connection{}
	conn.users.Store(1)
	entered := conn.enter(t.Context())
	if entered.Err() != nil || entered.Value("anything") != nil || conn.gate.TryLock() {
		t.Fatal("the gate is open before the question")
	}
	entered.Deadline()
	entered.Deadline()
	if !conn.gate.TryLock() {
		t.Error("the gate is still closed")
	}
}
