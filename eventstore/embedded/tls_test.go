package embedded_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"suivi/eventstore/embedded"
)

func encrypted(cfg *embedded.Config) { cfg.Access = nil }

func TestTLSWithACertificateOfItsOwn(t *testing.T) {
	t.Parallel()
	s := openSecure(t, encrypted)
	_, port, err := net.SplitHostPort(s.server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	ca := "?tlsCaFile=" + url.QueryEscape(s.caFile())
	for _, connection := range []string{
		s.server.ConnectionString(), s.server.OwnConnectionString(),
		"esdb://localhost:" + port + ca, "esdb://127.0.0.1:" + port + "?tlsVerifyCert=false",
		"esdb+discover://127.0.0.1:" + port + ca, "esdb+discover://localhost:" + port + ca, "esdb://localhost:" + port + ",127.0.0.1:" + port + ca,
	} {
		if err := appendOne(within(t), connect(t, connection), "a"); err != nil {
			t.Errorf("%s: %v", connection, err)
		}
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1", host} {
		wantCertificate(t, s.server.Addr(), name, s.caFile(), true)
	}
	wantCertificate(t, s.server.Addr(), "example.org", s.caFile(), false)
}

// wantCertificate tells whether a client that calls the server by a name, and
// trusts the authority, is content.
func wantCertificate(t *testing.T, address, name, caFile string, content bool) *x509.Certificate {
	t.Helper()
	dialer := tls.Dialer{Config: &tls.Config{ServerName: name, RootCAs: pool(t, caFile), NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12}}
	conn, err := dialer.DialContext(within(t), "tcp", address)
	if (err == nil) != content {
		t.Errorf("as %s: got %v", name, err)
	}
	if err != nil {
		return nil
	}
	defer conn.Close()
	state := conn.(*tls.Conn).ConnectionState()
	return state.PeerCertificates[0]
}

func TestTheWrongServerAndTheWrongClientAreRefused(t *testing.T) {
	t.Parallel()
	s, other := openSecure(t, encrypted), openSecure(t, encrypted)
	for connection, says := range map[string]string{
		"esdb://" + s.server.Addr() + "?tlsCaFile=" + url.QueryEscape(other.caFile()): "unknown authority",
		"esdb://" + s.server.Addr():                "unknown authority",
		"esdb://" + s.server.Addr() + "?tls=false": "",
	} {
		settings, err := esdb.ParseConnectionString(connection)
		if err != nil {
			t.Fatal(err)
		}
		settings.Logger, settings.MaxDiscoverAttempts = esdb.NoopLogging(), 1
		client, err := esdb.NewClient(settings)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		if err := appendOne(within(t), client, "a"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %q", connection, err, says)
		}
	}
	old := tls.Dialer{Config: &tls.Config{RootCAs: pool(t, s.caFile()), MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}}
	if conn, err := old.DialContext(within(t), "tcp", s.server.Addr()); err == nil {
		conn.Close()
		t.Error("a client of TLS 1.1 was let in")
	}
}

func TestSelfMadeCertificatesAreKept(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "data")
	serial := func(names ...string) (node, authority string) {
		t.Helper()
		s := openSecureAt(t, folder, encrypted, func(cfg *embedded.Config) { cfg.TLS.Names = names })
		for _, name := range append(names, "localhost") {
			cert := wantCertificate(t, s.server.Addr(), name, s.caFile(), true)
			if cert == nil {
				t.Fatalf("no certificate for %s", name)
			}
			node = cert.SerialNumber.String()
		}
		text, err := os.ReadFile(s.caFile())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.server.Close(); err != nil {
			t.Fatal(err)
		}
		return node, string(text)
	}
	node, authority := serial()
	for _, file := range []string{"eventstore-ca.crt", "eventstore-ca.pem", "eventstore-node.pem"} {
		info, err := os.Stat(filepath.Join(folder, file))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want a file of mode 0600", file, info, err)
		}
	}
	if n, a := serial(); n != node || a != authority {
		t.Error("a restart has made another certificate")
	}
	if n, a := serial("events.example.org", "10.1.2.3"); n == node || a != authority {
		t.Error("new names want a new certificate of the same authority")
	}
	if err := os.Remove(filepath.Join(folder, "eventstore-ca.crt")); err != nil {
		t.Fatal(err)
	}
	if _, a := serial(); a != authority {
		t.Error("the copy for clients is not made again from the authority")
	}
	if err := os.WriteFile(filepath.Join(folder, "eventstore-ca.pem"), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := embedded.Open(t.Context(), embedded.Config{
		Path: filepath.Join(folder, "events.db"), TLS: &embedded.TLS{}, Logger: slog.New(slog.DiscardHandler),
	})
	if err == nil || !strings.Contains(err.Error(), "eventstore-ca.pem") || !strings.Contains(err.Error(), "remove the file") {
		t.Errorf("with a broken authority: got %v", err)
	}
}

// given writes the certificate and key of a server to files of their own.
func given(t *testing.T, s *secure) (cert, key string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.folder, "eventstore-node.pem"))
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		file := cert
		if block.Type != "CERTIFICATE" {
			file = key
		}
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestTLSWithAGivenCertificate(t *testing.T) {
	t.Parallel()
	issuer := openSecure(t, encrypted, func(cfg *embedded.Config) { cfg.TLS.Names = []string{"events.example.org"} })
	cert, key := given(t, issuer)
	s := openSecure(t, func(cfg *embedded.Config) {
		cfg.TLS = &embedded.TLS{CertFile: cert, KeyFile: key, CAFile: issuer.caFile()}
	})
	wantCertificate(t, s.server.Addr(), "events.example.org", issuer.caFile(), true)
	if err := appendOne(within(t), connect(t, s.as(t, "admin", adminPassword)), "a"); err != nil {
		t.Error(err)
	}
	if err := appendOne(within(t), s.Client, "a"); err != nil {
		t.Errorf("the process itself: %v", err)
	}
	for name, wrong := range map[string]*embedded.TLS{
		"no key":             {CertFile: cert},
		"no such file":       {CertFile: cert + "x", KeyFile: key},
		"no certificate":     {CertFile: key, KeyFile: key},
		"a key of another":   {CertFile: cert, KeyFile: filepath.Join(s.folder, "events.db")},
		"CA of a self-made":  {CAFile: issuer.caFile()},
		"names, but a given": {CertFile: cert, KeyFile: key, Names: []string{"x"}},
	} {
		_, err := embedded.Open(t.Context(), embedded.Config{Path: filepath.Join(t.TempDir(), "events.db"), TLS: wrong, Logger: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.Contains(err.Error(), "TLS") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
