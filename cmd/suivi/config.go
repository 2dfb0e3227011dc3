package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"suivi/domain/tracker"
	"suivi/web"
)

// config is where a service keeps its data and which servers it uses instead.
type config struct {
	data        string // folder of everything that is embedded
	listen      string
	storeListen string // of the embedded event store
	eventStore  string // esdb://…; empty: embedded
	database    string // postgres://…; empty: SQLite files in data
	blobs       string // a folder, or s3://…; empty: a folder in data
	maxFile     int64  // MiB; 0: defaultMaxFile
	logLevel    slog.Level
	access      storeAccess // to the embedded event store
	links       systemProjections

	metricsListen string // empty: no metrics are served
	site          tracker.Site
	trusted       []string    // the reverse proxies, as they were written
	proxies       web.Proxies // the same, read
	publicURL     string      // where people reach the site; empty: nobody has told
	mirrorPoll    time.Duration
	mirrorSweep   time.Duration // 0: never
	demo          bool          // fill the site with a help desk's log
}

// addFlags adds the flags; the log level that c has is the default of its flag.
func (c *config) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&c.data, "data", "./data", "folder of the embedded event store, the databases and the admin token")
	flags.StringVar(&c.eventStore, "eventstore", "", "esdb:// connection string of an event store server (default: embedded)")
	flags.StringVar(&c.database, "database", "", "postgres:// URL of a database server (default: SQLite files in --data)")
	flags.StringVar(&c.blobs, "blobs", "", "folder, or s3:// address of a bucket, for the content of attachments (default: the folder blobs in --data)")
	flags.TextVar(&c.logLevel, "log-level", c.logLevel, "debug, info, warn or error")
}

// mostMaxFile is what S3 takes in one request, in MiB.
const mostMaxFile = 5000

// defaultMaxFile is how large a file may be unless --max-file says otherwise, in MiB.
const defaultMaxFile = 100

func (c *config) addMaxFileFlag(flags *pflag.FlagSet) {
	flags.Int64Var(&c.maxFile, "max-file", defaultMaxFile, "size that an attached file may have, in MiB")
}

// maxFileSize is that in bytes.
func (c *config) maxFileSize() int64 {
	if c.maxFile == 0 {
		return defaultMaxFile << 20
	}
	return c.maxFile << 20
}

func (c *config) addMetricsFlag(flags *pflag.FlagSet) {
	flags.StringVar(&c.metricsListen, "metrics-listen", "", "address for /metrics (Prometheus), /health/live and /health/ready (default: none)")
}

func (c *config) addSiteFlags(flags *pflag.FlagSet) {
	flags.StringVar(&c.site.Name, "site-name", "Suivi", "what this installation is called, for constant fields")
	flags.StringVar(&c.publicURL, "public-url", "", "where people reach this installation, as in https://suivi.example.org, for links from other tools")
	flags.StringVar(&c.site.ShortName, "site-short-name", "Suivi", "the same in short")
}

func (c *config) addMirrorFlags(flags *pflag.FlagSet) {
	flags.DurationVar(&c.mirrorPoll, "mirror-poll", 10*time.Second, "how often other tools are asked what people did to twins there")
	flags.DurationVar(&c.mirrorSweep, "mirror-sweep", 24*time.Hour, "how often all twins are compared with their tickets, for what no poll shows (0: never)")
}

func (c *config) addProxyFlag(flags *pflag.FlagSet) {
	flags.StringSliceVar(&c.trusted, "trusted-proxy", []string{"127.0.0.0/8", "::1"},
		"address or network of the reverse proxies that are believed what X-Forwarded-For and X-Forwarded-Proto say; may be repeated")
}

// check finds what is wrong with the configuration before anything is opened.
func (c *config) check() error {
	if c.eventStore != "" && !hasScheme(c.eventStore, "esdb", "esdb+discover", "kurrentdb", "kurrentdb+discover") {
		return usageError{fmt.Errorf("--eventstore wants esdb://HOST:PORT?tls=false, not %q", c.eventStore)}
	}
	if c.eventStore != "" && c.access.wanted() {
		return usageError{errors.New("--auth and TLS flags are for the embedded event store; what --eventstore names has its own")}
	}
	if c.eventStore != "" && len(c.links.wanted) > 0 {
		return usageError{errors.New("--eventstore-projections is for the embedded event store; what --eventstore names has projections of its own")}
	}
	if c.database != "" && !hasScheme(c.database, "postgres", "postgresql") {
		return usageError{errors.New("--database wants postgres://USER:PASSWORD@HOST/NAME")}
	}
	if c.inBucket() && !hasScheme(c.blobs, "s3") {
		return usageError{errors.New("--blobs wants a folder, or s3://KEY:SECRET@BUCKET/PREFIX?endpoint=https://HOST&region=REGION")}
	}
	if c.mirrorPoll < 0 || c.mirrorSweep < 0 {
		return usageError{errors.New("--mirror-poll and --mirror-sweep want a time as in 10s or 24h")}
	}
	if c.maxFile < 0 || c.maxFile > mostMaxFile {
		return usageError{fmt.Errorf("--max-file wants 1 to %d MiB", mostMaxFile)}
	}
	var err error
	if c.proxies, err = web.ReadProxies(c.trusted); err != nil {
		return usageError{fmt.Errorf("--trusted-proxy: %w", err)}
	}
	if c.publicURL != "" && !hasScheme(c.publicURL, "http", "https") {
		return usageError{errors.New("--public-url wants https://HOST")}
	}
	return c.checkDemo()
}

func hasScheme(text string, schemes ...string) bool {
	for _, scheme := range schemes {
		if strings.HasPrefix(text, scheme+"://") {
			return true
		}
	}
	return false
}

func (c *config) eventsFile() string { return filepath.Join(c.data, "events.db") }
func (c *config) tokenFile() string  { return filepath.Join(c.data, "admin.token") }
func (c *config) urlFile() string    { return filepath.Join(c.data, "server.url") }

// accountsDB is the file of people and their tokens.
const accountsDB = "accounts.db"

// readURL and accountsURL are the databases of the read models and of people.
func (c *config) readURL() (string, error)     { return c.databaseURL("read.db") }
func (c *config) accountsURL() (string, error) { return c.databaseURL(accountsDB) }

func (c *config) databaseURL(file string) (string, error) {
	if c.database != "" {
		return c.database, nil
	}
	path, err := filepath.Abs(filepath.Join(c.data, file))
	if err != nil {
		return "", fmt.Errorf("find the folder %s: %w", c.data, err)
	}
	return (&url.URL{Scheme: "sqlite", Path: path}).String(), nil
}

// logger writes to stderr: for people on a terminal, for machines (JSON) elsewhere.
func (c *config) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: c.logLevel}
	if isTerminal(os.Stderr) {
		return slog.New(slog.NewTextHandler(os.Stderr, options))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, options))
}

// makeData creates the data folder, readable by its owner alone.
func (c *config) makeData() error {
	if err := os.MkdirAll(c.data, 0o700); err != nil {
		return fmt.Errorf("create the data folder: %w; choose another with --data", err)
	}
	return nil
}

// fromEnvironment gives every flag that the command line does not name its value from SUIVI_<FLAG>.
func fromEnvironment(cmd *cobra.Command, lookup func(string) (string, bool)) error {
	var wrong error
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		name := "SUIVI_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		value, ok := lookup(name)
		if !ok || flag.Changed || wrong != nil {
			return
		}
		if err := cmd.Flags().Set(flag.Name, value); err != nil {
			wrong = usageError{fmt.Errorf("%s=%q: %w", name, value, err)}
		}
	})
	return wrong
}

// baseURL is where a client on this machine reaches a service that listens on addr.
func baseURL(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return "http://" + addr.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
