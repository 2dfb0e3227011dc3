package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"

	"suivi/eventstore/embedded"
	"suivi/eventstore/embedded/eventlog"
)

// hosts runs servers in this process on behalf of another one, which asks by HTTP:
// POST /empty or /populated answers with the address of a fresh server, and
// DELETE /{address} closes it. What is still open is closed when the test ends.
type hosts struct {
	t        *testing.T
	fixtures string // folder of what the suite expects in a populated database

	mu   sync.Mutex
	made int
	open map[string]*embedded.Server
}

// startHosts serves until the test ends and returns the URL to ask.
func startHosts(t *testing.T, fixtures string) string {
	t.Helper()
	h := &hosts{t: t, fixtures: fixtures, open: map[string]*embedded.Server{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /empty", h.answer(h.empty))
	mux.HandleFunc("POST /populated", h.answer(h.populated))
	mux.HandleFunc("DELETE /{address}", h.answer(h.close))
	asked := httptest.NewServer(mux)
	t.Cleanup(func() {
		asked.Close()
		h.closeAll()
	})
	return asked.URL
}

// answer turns a function's text or error into a response.
func (h *hosts) answer(do func(*http.Request) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, err := do(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, text)
	}
}

func (h *hosts) empty(r *http.Request) (string, error) {
	return h.serve(r.Context(), h.newPath())
}

func (h *hosts) populated(r *http.Request) (string, error) {
	path := h.newPath()
	if err := eventlog.Import(r.Context(), path, dataset(h.fixtures)); err != nil {
		return "", err
	}
	return h.serve(r.Context(), path)
}

// newPath names the file of the next server.
func (h *hosts) newPath() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.made++
	return filepath.Join(h.t.TempDir(), fmt.Sprintf("events-%d.db", h.made))
}

func (h *hosts) serve(ctx context.Context, path string) (string, error) {
	server, err := embedded.Open(ctx, embedded.Config{Path: path, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open[server.Addr()] = server
	return server.Addr(), nil
}

func (h *hosts) close(r *http.Request) (string, error) {
	address := r.PathValue("address")
	h.mu.Lock()
	server, ok := h.open[address]
	delete(h.open, address)
	h.mu.Unlock()
	if !ok {
		return "", fmt.Errorf("no server is open at %s", address)
	}
	return "", closeServer(server)
}

func (h *hosts) closeAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for address, server := range h.open {
		if err := closeServer(server); err != nil {
			h.t.Errorf("close %s: %v", address, err)
		}
	}
}

// closeServer closes a server, and tells too if it had failed before.
func closeServer(server *embedded.Server) error {
	err := server.Close()
	for failed := range server.Err() {
		err = errors.Join(err, failed)
	}
	return err
}
