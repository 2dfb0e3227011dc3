package embedded_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// onEachServer runs a test of the protocol on a fresh embedded server and, when
// TEST_EVENTSTORE_URL names one, on a real EventStoreDB. A test for both names what
// it makes by f.name, and knows of $all only what it has written itself: the real
// one is everybody's. What differs there is told apart by f.shared.
func onEachServer(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		f.unique = uuid.NewString() + "-"
		test(t, f)
	})
	url := realServer()
	if url == "" {
		return
	}
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		test(t, openReal(t, url))
	})
}

func realServer() string {
	return os.Getenv("TEST_EVENTSTORE_URL") //nolint:forbidigo // tests choose their servers so
}

// openReal is a client of a server that is not ours. A server that cannot be
// reached fails the test.
func openReal(t *testing.T, url string) *fixture {
	t.Helper()
	config, err := esdb.ParseConnectionString(url)
	if err != nil {
		t.Fatalf("TEST_EVENTSTORE_URL: %v", err)
	}
	f := &fixture{conn: dialReal(t, config), unique: uuid.NewString() + "-"}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	// The client would look for the server for ever; gRPC tells.
	if _, err := serverfeatures.NewServerFeaturesClient(f.conn).GetSupportedMethods(ctx, &shared.Empty{}); err != nil {
		t.Fatalf("TEST_EVENTSTORE_URL is set, and there is no server: %v", err)
	}
	f.Client = connect(t, url)
	if last := f.readAll(t, esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}, 1); len(last) > 0 {
		f.begun = last[0].Position
	}
	return f
}

func dialReal(t *testing.T, config *esdb.Configuration) *grpc.ClientConn {
	t.Helper()
	address := config.Address
	if address == "" && len(config.GossipSeeds) > 0 {
		address = config.GossipSeeds[0].String()
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if !config.DisableTLS {
		options[0] = grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
			RootCAs: config.RootCAs, InsecureSkipVerify: config.SkipCertificateVerification,
		}))
		if config.Username != "" {
			options = append(options, grpc.WithPerRPCCredentials(basicCredentials(config.Username+":"+config.Password)))
		}
	}
	conn, err := grpc.NewClient(strings.TrimPrefix(address, "https://"), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// basicCredentials are login:password, sent with every call.
type basicCredentials string

func (c basicCredentials) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(c))}, nil
}

func (basicCredentials) RequireTransportSecurity() bool { return true }

// shared tells whether others use the server meanwhile, and nobody knows its version.
func (f *fixture) shared() bool { return f.server == nil }

// name makes a name that only this test uses.
func (f *fixture) name(of string) string { return f.unique + of }

// stream is the one that a test is about.
func (f *fixture) stream() string { return f.name(stream) }

// own reads the events of $all that the test has written, or caused.
func (f *fixture) own(t testing.TB) []*esdb.RecordedEvent {
	t.Helper()
	all := f.readAll(t, esdb.ReadAllOptions{From: f.begun}, 1<<62)
	return slices.DeleteFunc(all, func(e *esdb.RecordedEvent) bool { return !f.isOwn(e.StreamID) })
}

func (f *fixture) isOwn(stream string) bool { return strings.Contains(stream, f.unique) }

// group is the one that a test is about; the names of groups of $all are shared too.
func (f *fixture) group() string { return f.name(group) }

// last is the newest event of $all that is the test's own.
func (f *fixture) last(t testing.TB) *esdb.RecordedEvent {
	t.Helper()
	own := f.own(t)
	if len(own) == 0 {
		t.Fatal("$all has nothing of this test")
	}
	return own[len(own)-1]
}

// fromStart is where to begin in $all to meet all of the test's own events: at the
// start, unless others have written much.
func (f *fixture) fromStart() esdb.AllPosition {
	if f.shared() {
		return f.begun
	}
	return esdb.Start{}
}
