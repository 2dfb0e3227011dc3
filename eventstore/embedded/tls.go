package embedded

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// TLS says with which certificate the server proves who it is: one that is given
// as files, or one that it makes itself.
type TLS struct {
	// CertFile and KeyFile are PEM files: the server's certificate, with those that
	// lead to its authority, and its key. They are read anew when they change.
	CertFile, KeyFile string
	// CAFile is the PEM file with which clients of this machine check it, for the
	// connection string; empty for an authority that the machine trusts.
	CAFile string
	// Names are further host names and addresses for a certificate that the server
	// makes itself, beside localhost, the loopback addresses, the host's name and
	// the address that it listens on.
	Names []string
}

func (t *TLS) check() error {
	switch {
	case (t.CertFile == "") != (t.KeyFile == ""):
		return errors.New("a certificate and its key go together: give both files, or none for a self-made certificate")
	case t.CertFile == "" && t.CAFile != "":
		return errors.New("a file of certificate authorities goes with a given certificate; a self-made one comes with its own")
	case t.CertFile != "" && len(t.Names) > 0:
		return errors.New("names are for a self-made certificate; a given one has its own")
	}
	return nil
}

// serverTLS is what the server needs to serve with TLS, and its clients to reach it.
type serverTLS struct {
	config  *tls.Config
	caFile  string
	trusted bool // clients on this machine can check the certificate for the address it listens on
}

// open finds or makes the certificate. Self-made ones are kept in folder.
func (t *TLS) open(folder, listenHost string, logger *slog.Logger) (*serverTLS, error) {
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	s := &serverTLS{config: &tls.Config{MinVersion: tls.VersionTLS12}}
	if t.CertFile == "" {
		made := newSelfMade(folder, append(standardNames(listenHost), t.Names...), time.Now, logger)
		if _, err := made.get(nil); err != nil {
			return nil, fmt.Errorf("TLS: %w", err)
		}
		s.config.GetCertificate, s.caFile, s.trusted = made.get, made.caFile(), true
	} else {
		given := &givenCertificate{certFile: t.CertFile, keyFile: t.KeyFile, logger: logger, now: time.Now}
		if err := given.load(); err != nil {
			return nil, fmt.Errorf("TLS: %w", err)
		}
		s.config.GetCertificate, s.caFile = given.get, t.CAFile
	}
	if s.caFile == "" {
		return s, nil
	}
	path, err := filepath.Abs(s.caFile)
	if err != nil {
		return nil, fmt.Errorf("TLS: find %s: %w", s.caFile, err)
	}
	s.caFile = path
	return s, nil
}

// query is the part of a connection string that tells clients how to connect.
func (s *serverTLS) query() url.Values {
	if s == nil {
		return url.Values{"tls": {"false"}}
	}
	q := url.Values{"tls": {"true"}}
	if s.caFile != "" {
		q.Set("tlsCaFile", s.caFile)
	}
	return q
}

// ownQuery is the same for the process itself. It reaches its own listener by an
// address of this machine, for which a given certificate need not be made.
func (s *serverTLS) ownQuery() url.Values {
	if s == nil || s.trusted {
		return s.query()
	}
	return url.Values{"tls": {"true"}, "tlsVerifyCert": {"false"}}
}

// How often the files of a given certificate are looked at, when clients connect.
const lookAgain = time.Minute

// givenCertificate follows its files, so that who renews them need not restart the server.
type givenCertificate struct {
	certFile, keyFile string
	logger            *slog.Logger
	now               func() time.Time

	mu     sync.Mutex
	cert   *tls.Certificate
	of     [2]time.Time // when the files had last been changed
	looked time.Time
}

func (g *givenCertificate) changed() ([2]time.Time, error) {
	var at [2]time.Time
	for i, file := range []string{g.certFile, g.keyFile} {
		info, err := os.Stat(file)
		if err != nil {
			return at, err
		}
		at[i] = info.ModTime()
	}
	return at, nil
}

// load reads the files. The caller holds mu, or is alone.
func (g *givenCertificate) load() error {
	of, err := g.changed()
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	cert, err := tls.LoadX509KeyPair(g.certFile, g.keyFile)
	if err != nil {
		return fmt.Errorf("read the certificate %s with the key %s: %w", g.certFile, g.keyFile, err)
	}
	g.cert, g.of, g.looked = &cert, of, g.now()
	return nil
}

// get serves the certificate; the old one as long as new files cannot be read.
func (g *givenCertificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.now().Sub(g.looked) < lookAgain {
		return g.cert, nil
	}
	g.looked = g.now()
	of, err := g.changed()
	if err == nil && of == g.of {
		return g.cert, nil
	}
	if err == nil {
		err = g.load()
	}
	if err != nil {
		g.logger.Error("event store: the renewed certificate cannot be used; the old one still is", "error", err)
	}
	return g.cert, nil
}
