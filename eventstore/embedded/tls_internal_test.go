package embedded

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestCertificatesAreMadeAnewInTime(t *testing.T) {
	t.Parallel()
	now := time.Now()
	made := newSelfMade(t.TempDir(), []string{"localhost"}, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	serve := func() (node, authority []byte) {
		t.Helper()
		cert, err := made.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		if left := cert.Leaf.NotAfter.Sub(now); left < nodeRenew || now.Before(cert.Leaf.NotBefore) {
			t.Errorf("it is good for %v", left)
		}
		text, err := os.ReadFile(made.caFile())
		if err != nil {
			t.Fatal(err)
		}
		return cert.Leaf.Raw, text
	}
	node, authority := serve()
	now = now.Add(nodeLife - nodeRenew - time.Minute)
	if n, a := serve(); !bytes.Equal(n, node) || !bytes.Equal(a, authority) {
		t.Error("made anew before its time")
	}
	now = now.Add(time.Hour)
	n, a := serve()
	if bytes.Equal(n, node) || !bytes.Equal(a, authority) {
		t.Error("not made anew, or with another authority")
	}
	for now.Before(made.node.cert.NotBefore.Add(authorityLife - authorityRenew)) {
		now = now.Add(nodeLife / 2)
		n, a = serve()
		if !bytes.Equal(a, authority) {
			break
		}
	}
	if bytes.Equal(n, node) || bytes.Equal(a, authority) {
		t.Error("the authority was not made anew")
	}
}

// A certificate that cannot be renewed is served as long as there is one.
func TestACertificateThatCannotBeRenewed(t *testing.T) {
	t.Parallel()
	now, folder := time.Now(), t.TempDir()
	made := newSelfMade(folder, []string{"localhost"}, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	first, err := made.get(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, authorityFile), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(nodeLife - nodeRenew/2)
	if again, err := made.get(nil); err != nil || again != first {
		t.Errorf("got %v, %v", again, err)
	}
}

func TestAGivenCertificateFollowsItsFiles(t *testing.T) {
	t.Parallel()
	now := time.Now()
	clock := func() time.Time { return now }
	pair := func(into string) []byte {
		t.Helper()
		folder := t.TempDir()
		if _, err := newSelfMade(folder, []string{"localhost"}, clock, slog.New(slog.DiscardHandler)).get(nil); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(folder, nodeFile))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(into, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(into, now, now); err != nil {
			t.Fatal(err)
		}
		return text
	}
	file := filepath.Join(t.TempDir(), "given.pem")
	pair(file)
	given := &givenCertificate{certFile: file, keyFile: file, logger: slog.New(slog.DiscardHandler), now: clock}
	if err := given.load(); err != nil {
		t.Fatal(err)
	}
	serve := func() []byte {
		t.Helper()
		cert, err := given.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return cert.Certificate[0]
	}
	first := serve()
	now = now.Add(time.Second)
	pair(file)
	if !bytes.Equal(serve(), first) {
		t.Error("the files are looked at with every client")
	}
	now = now.Add(lookAgain)
	second := serve()
	if bytes.Equal(second, first) {
		t.Error("the new certificate is not served")
	}
	now = now.Add(lookAgain)
	if err := os.WriteFile(file, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, now, now); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(serve(), second) {
		t.Error("a broken file has taken the certificate away")
	}
}
