package projections

import "sync"

// The states that Status tells.
const (
	stateStarting   = "starting"
	stateRunning    = "running"
	stateStandby    = "standby" // another process projects
	stateRebuilding = "rebuilding"
	stateStopped    = "stopped: " // and why
)

// health is how this process is doing. Its zero value is starting.
type health struct {
	mu       sync.Mutex
	state    string
	stopped  string // why, if it is
	building map[string]bool
}

// runs notes that all is well; it tells whether it was not.
func (h *health) runs() (mended bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	mended = h.stopped != ""
	h.state, h.stopped = stateRunning, ""
	return mended
}

// waits notes that another process is the one that projects.
func (h *health) waits() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state, h.stopped = stateStandby, ""
}

// stops notes an error; it tells whether that is news.
func (h *health) stops(err error) (news bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	news = h.stopped != err.Error()
	h.stopped = err.Error()
	return news
}

// builds notes that the projections are built beside the live tables, until done is called.
func (h *health) builds(names []string) (done func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.building == nil {
		h.building = map[string]bool{}
	}
	for _, name := range names {
		h.building[name] = true
	}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, name := range names {
			delete(h.building, name)
		}
	}
}

// of is the state of a projection, in words.
func (h *health) of(name string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.building[name]:
		return stateRebuilding
	case h.stopped != "":
		return stateStopped + h.stopped
	case h.state == "":
		return stateStarting
	default:
		return h.state
	}
}
