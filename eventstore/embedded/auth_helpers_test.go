package embedded_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	"suivi/eventstore/embedded"
)

// Passwords of the first users in tests; those of the official tests.
const (
	adminPassword = "changeit"
	opsPassword   = "changeit"
)

// secure is a fresh server with TLS and access control, and a client of its own process.
type secure struct {
	*fixture
	folder string
}

func openSecure(t testing.TB, change ...func(*embedded.Config)) *secure {
	t.Helper()
	return openSecureAt(t, filepath.Join(t.TempDir(), "data"), change...)
}

func openSecureAt(t testing.TB, folder string, change ...func(*embedded.Config)) *secure {
	t.Helper()
	cfg := embedded.Config{
		Path: filepath.Join(folder, "events.db"), Logger: slog.New(slog.DiscardHandler), TLS: &embedded.TLS{},
		Access: &embedded.Access{AdminPassword: adminPassword, OpsPassword: opsPassword},
	}
	for _, c := range change {
		c(&cfg)
	}
	server, err := embedded.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return &secure{fixture: &fixture{Client: connect(t, server.OwnConnectionString()), server: server, path: cfg.Path}, folder: folder}
}

// as is the connection string of a user; "" for nobody.
func (s *secure) as(t testing.TB, login, password string) string {
	t.Helper()
	at, err := url.Parse(s.server.ConnectionString())
	if err != nil {
		t.Fatal(err)
	}
	if login != "" {
		at.User = url.UserPassword(login, password)
	}
	return at.String()
}

// user makes a user with the password "pass word" and connects as them.
func (s *secure) user(t testing.TB, login string, groups ...string) *esdb.Client {
	t.Helper()
	users := s.users(t)
	if err := users.Add(within(t), embedded.User{Login: login, Groups: groups}, userPassword); err != nil {
		t.Fatal(err)
	}
	return connect(t, s.as(t, login, userPassword))
}

const userPassword = "pass word"

// users connects as the administrator.
func (s *secure) users(t testing.TB) *embedded.Users {
	t.Helper()
	return manage(t, s.as(t, "admin", adminPassword))
}

func manage(t testing.TB, connection string) *embedded.Users {
	t.Helper()
	users, err := embedded.OpenUsers(connection)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = users.Close() })
	return users
}

func (s *secure) caFile() string { return filepath.Join(s.folder, "eventstore-ca.crt") }

// dial connects without the official client.
func (s *secure) dial(t testing.TB) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(s.server.Addr(), grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(pool(t, s.caFile()), "")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func pool(t testing.TB, file string) *x509.CertPool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(text) {
		t.Fatalf("%s has no certificate", file)
	}
	return authorities
}

// withHeader puts an authorization header into a call.
func withHeader(ctx context.Context, header ...string) context.Context {
	return metadata.NewOutgoingContext(ctx, metadata.MD{"authorization": header})
}

func basic(login, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":"+password))
}
