package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"suivi/database"
	"suivi/eventstore"
)

// checkup is one thing that doctor looks at. ok says what is well; an error what is not, and what to do.
type checkup struct {
	name string
	look func(context.Context) (ok string, err error)
}

// checkupTimeout bounds each of doctor's looks at a server.
const checkupTimeout = 5 * time.Second

func newDoctorCommand() *cobra.Command {
	cfg := config{logLevel: slog.LevelWarn}
	var server string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the configuration and every server that it names, and say what to do",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.check(); err != nil {
				return err
			}
			if server == "" {
				server = runningServer(cfg)
			}
			return examine(cmd.Context(), cmd.OutOrStdout(), checkups(cfg, server))
		},
	}
	cfg.addFlags(cmd.Flags())
	cmd.Flags().StringVar(&server, "server", "", "URL of a running service to look at (default: the one of --data)")
	return cmd
}

// runningServer is the URL that a service on this data folder has noted; "" when none runs.
func runningServer(cfg config) string {
	url, err := os.ReadFile(cfg.urlFile())
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(url))
}

func checkups(cfg config, server string) []checkup {
	list := []checkup{{"data folder", func(context.Context) (string, error) { return checkData(cfg) }}}
	if cfg.eventStore != "" {
		list = append(list, checkup{"event store", func(ctx context.Context) (string, error) { return checkEventStore(ctx, cfg) }})
	}
	list = append(list, checkup{"database", func(ctx context.Context) (string, error) { return checkDatabase(ctx, cfg) }},
		checkup{"attachments", func(ctx context.Context) (string, error) { return checkBlobs(ctx, cfg) }})
	if server != "" {
		list = append(list, checkup{"service", func(ctx context.Context) (string, error) { return checkService(ctx, server) }})
	}
	return append(list, checkup{"admin token", func(context.Context) (string, error) { return checkToken(cfg) }})
}

func examine(ctx context.Context, out io.Writer, list []checkup) error {
	ill := 0
	for _, c := range list {
		within, cancel := context.WithTimeout(ctx, checkupTimeout)
		ok, err := c.look(within)
		cancel()
		if err != nil {
			ill++
			fmt.Fprintf(out, "FAIL  %-12s %v\n", c.name, err)
			continue
		}
		fmt.Fprintf(out, "ok    %-12s %s\n", c.name, ok)
	}
	if ill > 0 {
		return fmt.Errorf("%d of %d checks failed", ill, len(list))
	}
	return nil
}

func checkData(cfg config) (string, error) {
	probe, err := os.CreateTemp(cfg.data, ".doctor-*")
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%s does not exist; `suivi serve` creates it, or name another with --data", cfg.data)
	}
	if err != nil {
		return "", fmt.Errorf("cannot write: %w; give this user the right, or name another with --data", err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return "", err
	}
	path, err := filepath.Abs(cfg.data)
	return path + " can be written", err
}

func checkEventStore(ctx context.Context, cfg config) (string, error) {
	store, err := eventstore.Open(cfg.eventStore, cfg.logger())
	if err != nil {
		return "", err
	}
	head, err := store.Head(ctx, eventstore.Filter{})
	if err = errors.Join(err, store.Close()); err != nil {
		return "", fmt.Errorf("%w; is it running, and is --eventstore right (tls=false for a server without TLS)?", err)
	}
	return fmt.Sprintf("answers, last event at %s", head), nil
}

func checkDatabase(ctx context.Context, cfg config) (string, error) {
	db, err := openAccountsDB(ctx, cfg, cfg.logger())
	if err != nil {
		return "", fmt.Errorf("%w; is it running, and is --database right?", err)
	}
	defer db.Close()
	version := "SELECT version()"
	if db.Dialect == database.SQLite {
		version = "SELECT 'SQLite ' || sqlite_version()"
	}
	var text string
	err = db.Read.GetContext(ctx, &text, version)
	return text, err
}

func checkService(ctx context.Context, server string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/health/ready", nil)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("%w; start it with `suivi serve`", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 1000)) // only to be shown
		return "", fmt.Errorf("%s is not ready: %s %s", server, answer.Status, text)
	}
	return server + " is ready", nil
}

func checkToken(cfg config) (string, error) {
	info, err := os.Stat(cfg.tokenFile())
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("there is no %s; make a token with `suivi token create`", cfg.tokenFile())
	}
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s can be read by others; run: chmod 600 %s", cfg.tokenFile(), cfg.tokenFile())
	}
	return cfg.tokenFile(), nil
}
