package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"suivi/eventstore/embedded"
)

// storeAccess is who may reach the embedded event store, and how.
type storeAccess struct {
	auth           bool
	allowAnonymous bool
	tls            bool
	noTLS          bool // --tls=false was said
	cert, key, ca  string
	names          []string
}

// addFlags adds the flags. prefix tells apart those that could be taken for the web server's.
func (a *storeAccess) addFlags(flags *pflag.FlagSet, prefix string) {
	flags.BoolVar(&a.auth, "auth", false, "ask clients of the embedded event store for login and password; turns its TLS on")
	flags.BoolVar(&a.allowAnonymous, "allow-anonymous-stream-access", false, "with --auth: clients without a login have the rights that $all has")
	flags.BoolVar(&a.tls, prefix+"tls", false, "encrypt connections to the embedded event store, with a self-made certificate unless one is given")
	flags.StringVar(&a.cert, prefix+"tls-cert", "", "PEM file of the event store's certificate (turns TLS on)")
	flags.StringVar(&a.key, prefix+"tls-key", "", "PEM file of its key")
	flags.StringVar(&a.ca, prefix+"tls-ca", "", "PEM file of the authority that clients on this machine check it with")
	flags.StringSliceVar(&a.names, prefix+"tls-name", nil, "host names and addresses for the self-made certificate, beside those of this machine")
}

// read finds out, after the flags were read, what was said and what only meant.
func (a *storeAccess) read(flags *pflag.FlagSet, prefix string) error {
	a.noTLS = flags.Changed(prefix+"tls") && !a.tls
	wanted := a.auth || a.cert != "" || a.key != "" || a.ca != "" || len(a.names) > 0
	if wanted && a.noTLS {
		return usageError{fmt.Errorf("--auth and the certificate's flags need --%stls: clients send no passwords in clear text", prefix)}
	}
	if a.allowAnonymous && !a.auth {
		return usageError{errors.New("--allow-anonymous-stream-access goes with --auth: without it everybody may do everything")}
	}
	a.tls = a.tls || wanted
	return nil
}

// wanted tells whether anything was asked for that only the embedded event store can do.
func (a *storeAccess) wanted() bool { return a.auth || a.tls }

// How the passwords of the first users come in and go out.
const (
	adminPasswordVariable = "SUIVI_EVENTSTORE_ADMIN_PASSWORD" //nolint:gosec // a name, no password
	opsPasswordVariable   = "SUIVI_EVENTSTORE_OPS_PASSWORD"   //nolint:gosec // a name, no password
)

// passwordFile is where the password of one of the first users is kept until the operator takes it.
func (c *config) passwordFile(login string) string {
	return filepath.Join(c.data, "eventstore-"+filepath.Base(login)+".password")
}

// storeFile is the note where a running event store with --auth is.
func (c *config) storeFile() string { return filepath.Join(c.data, "eventstore.url") }

// embeddedConfig is the embedded event store as the flags want it.
func (c *config) embeddedConfig(listen string, logger *slog.Logger) embedded.Config {
	cfg := embedded.Config{Path: c.eventsFile(), Listen: listen, Logger: logger, Projections: c.links.wanted}
	if c.access.tls {
		cfg.TLS = &embedded.TLS{CertFile: c.access.cert, KeyFile: c.access.key, CAFile: c.access.ca, Names: c.access.names}
	}
	if !c.access.auth {
		return cfg
	}
	cfg.Access = &embedded.Access{
		AdminPassword: os.Getenv(adminPasswordVariable), OpsPassword: os.Getenv(opsPasswordVariable),
		AllowAnonymous: c.access.allowAnonymous,
		Keep: func(login, password string) error {
			if err := writeSecret(c.passwordFile(login), password); err != nil {
				return fmt.Errorf("keep the password of the event store's user %s: %w", login, err)
			}
			logger.Info("made a user of the event store; the password is in a file only you can read", "login", login, "file", c.passwordFile(login))
			return nil
		},
	}
	return cfg
}

// noteStore writes where the event store is reached, for the commands that manage
// its users.
func (c *config) noteStore(server *embedded.Server) error {
	if !c.access.auth {
		return nil
	}
	if err := writeSecret(c.storeFile(), server.ConnectionString()); err != nil {
		return fmt.Errorf("note the event store's address: %w", err)
	}
	return nil
}

// tellStore says how to reach an event store with --auth.
func (c *config) tellStore(out io.Writer, server *embedded.Server) {
	if !c.access.auth {
		return
	}
	fmt.Fprintf(out, "The event store for other programs is on %s, for users that it knows\n", server.ConnectionString())
	if _, err := os.Stat(c.passwordFile(embedded.AdminLogin)); err == nil {
		fmt.Fprintf(out, "The password of its user admin is in %s\n", c.passwordFile(embedded.AdminLogin))
	}
}

// forgetStore removes the note.
func (c *config) forgetStore() error {
	if !c.access.auth {
		return nil
	}
	return removeIfThere(c.storeFile())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// readLine reads a file of one line; ok tells whether there is one.
func readLine(path string) (line string, ok bool) {
	text, err := os.ReadFile(path)
	line = strings.TrimSpace(string(text))
	return line, err == nil && line != ""
}
