package testdb

import (
	"fmt"
	"os"
	"sync"
)

// shared is the one cluster of the test process: the tests of a package have
// nothing else in common that could hold it.
var shared holders

// holders counts who needs the cluster; it stops with the last of them.
type holders struct {
	mu      sync.Mutex
	count   int
	running *cluster
	err     error // of the one attempt to start it
}

func (h *holders) hold() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count++
}

func (h *holders) cluster(bin string) (*cluster, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running == nil && h.err == nil {
		h.running, h.err = start(bin)
	}
	return h.running, h.err
}

func (h *holders) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count--
	if h.count > 0 || h.running == nil {
		return
	}
	if err := h.running.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "testdb: stop the Postgres cluster:", err)
	}
	h.running = nil
}
