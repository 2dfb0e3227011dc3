package embedded

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Files of self-made certificates. A key and its certificate share a file, so that
// they are written together or not at all.
const (
	authorityFile = "eventstore-ca.pem"   // secret: who has it can pretend to be the server
	caCertFile    = "eventstore-ca.crt"   // for clients
	nodeFile      = "eventstore-node.pem" // secret
)

const (
	authorityLife  = 10 * 365 * 24 * time.Hour
	authorityRenew = 365 * 24 * time.Hour // before its end
	nodeLife       = 365 * 24 * time.Hour
	nodeRenew      = 30 * 24 * time.Hour
	clockSkew      = time.Hour // clients' clocks may be slow
)

// selfMade keeps a certificate authority of its own and a certificate by it, and
// makes each anew in time.
type selfMade struct {
	folder string
	names  []string
	now    func() time.Time
	logger *slog.Logger

	mu   sync.Mutex
	node *keyPair
}

// keyPair is a certificate with its private key.
type keyPair struct {
	cert *x509.Certificate
	key  crypto.Signer
	tls  *tls.Certificate
}

func newSelfMade(folder string, names []string, now func() time.Time, logger *slog.Logger) *selfMade {
	slices.Sort(names)
	return &selfMade{folder: folder, names: slices.Compact(names), now: now, logger: logger}
}

// standardNames are those by which this machine can be reached, as far as it knows.
func standardNames(listenHost string) []string {
	names := []string{"localhost", "127.0.0.1", "::1"}
	if host, err := os.Hostname(); err == nil && host != "" {
		names = append(names, host)
	}
	if ip := net.ParseIP(listenHost); listenHost != "" && (ip == nil || !ip.IsUnspecified()) {
		names = append(names, listenHost)
	}
	return names
}

func (s *selfMade) caFile() string { return filepath.Join(s.folder, caCertFile) }

// get serves the certificate. It is made at the first call, and again by the call
// that finds it near its end.
func (s *selfMade) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.node != nil && s.fresh(s.node, nodeRenew) {
		return s.node.tls, nil
	}
	node, err := s.renew()
	if err == nil {
		s.node = node
		return node.tls, nil
	}
	if s.node != nil { // it still has some weeks
		s.logger.Error("event store: the certificate could not be renewed", "until", s.node.cert.NotAfter, "error", err)
		return s.node.tls, nil
	}
	return nil, err
}

func (s *selfMade) fresh(p *keyPair, margin time.Duration) bool {
	now := s.now()
	return now.Before(p.cert.NotAfter.Add(-margin)) && !now.Before(p.cert.NotBefore)
}

func (s *selfMade) renew() (*keyPair, error) {
	authority, err := s.authority()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(s.folder, nodeFile)
	node, err := readKeyPair(path)
	if err != nil {
		return nil, err
	}
	if node != nil && s.fresh(node, nodeRenew) && s.named(node.cert) && node.cert.CheckSignatureFrom(authority.cert) == nil {
		return node, nil
	}
	return s.makeNode(path, authority)
}

// named tells whether the certificate is for all the names that are wanted.
func (s *selfMade) named(cert *x509.Certificate) bool {
	for _, name := range s.names {
		if cert.VerifyHostname(name) != nil {
			return false
		}
	}
	return true
}

// authority reads or makes the certificate authority, and its certificate for clients.
func (s *selfMade) authority() (*keyPair, error) {
	path := filepath.Join(s.folder, authorityFile)
	authority, err := readKeyPair(path)
	if err != nil {
		return nil, err
	}
	if authority == nil || !s.fresh(authority, authorityRenew) {
		if authority != nil {
			s.logger.Warn("event store: the certificate authority is made anew; give clients the new file", "file", s.caFile())
		}
		if authority, err = s.makeAuthority(path); err != nil {
			return nil, err
		}
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.cert.Raw})
	if old, err := os.ReadFile(s.caFile()); err == nil && bytes.Equal(old, public) {
		return authority, nil
	}
	return authority, writeWhole(s.caFile(), public)
}

func (s *selfMade) makeAuthority(path string) (*keyPair, error) {
	template, err := s.template("Suivi event store authority", authorityLife)
	if err != nil {
		return nil, err
	}
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage = x509.KeyUsageCertSign
	return makeKeyPair(path, template, nil)
}

func (s *selfMade) makeNode(path string, authority *keyPair) (*keyPair, error) {
	template, err := s.template("Suivi event store", nodeLife)
	if err != nil {
		return nil, err
	}
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, name := range s.names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return makeKeyPair(path, template, authority)
}

func (s *selfMade) template(name string, life time.Duration) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	now := s.now()
	return &x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-clockSkew), NotAfter: now.Add(life),
	}, nil
}

// makeKeyPair makes a key and a certificate by the authority, or by itself, and
// writes both to a file.
func makeKeyPair(path string, template *x509.Certificate, authority *keyPair) (*keyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	parent, signer := template, crypto.Signer(key)
	if authority != nil {
		parent, signer = authority.cert, authority.key
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return nil, fmt.Errorf("make the certificate for %s: %w", path, err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode the key for %s: %w", path, err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})...)
	if err := writeWhole(path, text); err != nil {
		return nil, err
	}
	return parseKeyPair(path, text)
}

// readKeyPair reads what makeKeyPair wrote; nil when there is no such file.
func readKeyPair(path string) (*keyPair, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil //nolint:nilnil // its contract
	}
	if err != nil {
		return nil, fmt.Errorf("read the self-made certificate: %w", err)
	}
	return parseKeyPair(path, text)
}

func parseKeyPair(path string, text []byte) (*keyPair, error) {
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, fmt.Errorf("read the self-made certificate %s: %w; remove the file and another is made", path, err)
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("read the self-made certificate %s: its key cannot sign; remove the file and another is made", path)
	}
	return &keyPair{cert: pair.Leaf, key: key, tls: &pair}, nil
}

// writeWhole writes a file that its owner alone can read, whole or not at all.
func writeWhole(path string, text []byte) error {
	draft := path + ".new"
	err := os.WriteFile(draft, text, 0o600)
	if err == nil {
		err = os.Chmod(draft, 0o600) // one that was left over may have had another mode
	}
	if err == nil {
		err = os.Rename(draft, path)
	}
	if err != nil {
		return fmt.Errorf("keep the self-made certificate: %w", err)
	}
	return nil
}
