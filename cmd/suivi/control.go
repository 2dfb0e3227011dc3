package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"suivi/eventstore/embedded"
	"suivi/eventstore/embedded/eventlog"
)

// A running event store takes orders from commands on its machine through a Unix
// socket in the data folder, which its user alone can open: HTTP, with a line of
// JSON for each step of the work.

func (c *config) controlFile() string { return filepath.Join(c.data, "control.sock") }

// controlLine is a line of an answer: how far the work is, or what came of it.
type controlLine struct {
	Done   int64               `json:"done"`
	Total  int64               `json:"total"`
	Result *eventlog.Scavenged `json:"result,omitempty"`
	Error  string              `json:"error,omitempty"`
}

// serveControl listens on the socket until ctx ends. The event store's lock on
// the folder is held, so a socket that is there was left by one that was killed.
func serveControl(ctx context.Context, cfg config, store *embedded.Server) error {
	path, done, err := socketAddress(cfg.controlFile())
	if err != nil {
		return fmt.Errorf("listen for commands: %w", err)
	}
	defer done()
	if err := os.Remove(cfg.controlFile()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("listen for commands: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return fmt.Errorf("listen for commands: %w", err)
	}
	if err := os.Chmod(cfg.controlFile(), 0o600); err != nil {
		return errors.Join(fmt.Errorf("listen for commands: %w", err), listener.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /scavenge", func(w http.ResponseWriter, r *http.Request) { answerScavenge(w, r, store) })
	return serveUntil(ctx, listener, mux)
}

// serveUntil serves HTTP until ctx ends; what is under way then is given a moment to notice.
func serveUntil(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		return server.Shutdown(ending)
	})
	return group.Wait()
}

func answerScavenge(w http.ResponseWriter, r *http.Request, store *embedded.Server) {
	lines := json.NewEncoder(w)
	flush := http.NewResponseController(w)
	shown := time.Now()
	result, err := store.Scavenge(r.Context(), func(done, total int64) {
		if time.Since(shown) < 200*time.Millisecond {
			return
		}
		shown = time.Now()
		_ = lines.Encode(controlLine{Done: done, Total: total}) // who no longer listens ends the request's context
		_ = flush.Flush()
	})
	last := controlLine{Result: &result}
	if err != nil {
		last.Error = err.Error()
	}
	if err := lines.Encode(last); err != nil {
		panic(http.ErrAbortHandler) // the client sees that the answer broke off
	}
}

// orderScavenge has a running event store scavenge.
func orderScavenge(ctx context.Context, cfg config, progress eventlog.Progress) (eventlog.Scavenged, error) {
	path, done, err := socketAddress(cfg.controlFile())
	if err != nil {
		return eventlog.Scavenged{}, err
	}
	defer done()
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
	defer client.CloseIdleConnections()
	ask, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/scavenge", nil)
	if err != nil {
		return eventlog.Scavenged{}, err
	}
	answer, err := client.Do(ask)
	if err != nil {
		return eventlog.Scavenged{}, fmt.Errorf("speak to the service that has %s open: %w", cfg.eventsFile(), err)
	}
	defer answer.Body.Close()
	for lines := json.NewDecoder(answer.Body); ; {
		var line controlLine
		if err := lines.Decode(&line); err != nil {
			return eventlog.Scavenged{}, fmt.Errorf("the service has ended amidst the work, which another scavenge takes up: %w", err)
		}
		switch {
		case line.Error != "":
			return eventlog.Scavenged{}, errors.New(line.Error)
		case line.Result != nil:
			return *line.Result, nil
		}
		progress(line.Done, line.Total)
	}
}

// The length that the address of a Unix socket may have, on every system.
const maxSocketPath = 100

// socketAddress is a path by which a Unix socket can be named: the system bounds
// its length, so a long one is reached through an open handle of its folder.
func socketAddress(path string) (address string, done func(), err error) {
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), filepath.Base(path)), func() { _ = folder.Close() }, nil
}
