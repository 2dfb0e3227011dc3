package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"suivi/eventstore/embedded/eventlog"
)

// security is what stands between the network and the services; the zero value is nothing.
type security struct {
	guard *guard
	tls   *serverTLS
}

func (c *Config) checkSecurity() error {
	if c.Access != nil && c.TLS == nil {
		return errors.New("access control needs TLS, because clients send no passwords in clear text: turn TLS on, or access control off")
	}
	return nil
}

// openSecurity finds or makes the certificate and the first users.
func openSecurity(ctx context.Context, cfg *Config, log *eventlog.Log) (security, error) {
	var s security
	if cfg.TLS == nil {
		return s, nil
	}
	host, _, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return s, fmt.Errorf("the address to listen on: %w", err)
	}
	if s.tls, err = cfg.TLS.open(filepath.Dir(cfg.Path), host, cfg.Logger); err != nil {
		return s, err
	}
	if cfg.Access != nil {
		s.guard, err = openGuard(ctx, cfg.Access, log, cfg.Logger)
	}
	return s, err
}

func (s *security) options() []grpc.ServerOption {
	options := s.guard.options()
	if s.tls != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(s.tls.config)))
	}
	return options
}

// lacking says what the operator should know of a server that others can reach; "" when nothing.
func (s *security) lacking() string {
	switch {
	case s.tls == nil:
		return "without encryption or passwords"
	case s.guard == nil:
		return "without passwords"
	default:
		return ""
	}
}

// connectionString is for clients on this machine, without credentials.
func (s *security) connectionString(address string) string {
	return connectionString(address, nil, s.tls.query())
}

// ownConnectionString is for the process itself.
func (s *security) ownConnectionString(address string) string {
	var user *url.Userinfo
	if s.guard != nil {
		own := s.guard.control.Own()
		user = url.UserPassword(own.Login, own.Password)
	}
	return connectionString(address, user, s.tls.ownQuery())
}

func connectionString(address string, user *url.Userinfo, query url.Values) string {
	host, port, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return (&url.URL{Scheme: "esdb", User: user, Host: net.JoinHostPort(host, port), RawQuery: query.Encode()}).String()
}
