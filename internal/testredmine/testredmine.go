// Package testredmine gives tests a real Redmine, of Debian's package redmine,
// on loopback with data of its own. What can be made once per machine (the
// program's copy and a database with Redmine's default data) lies in the user's
// cache folder. For tests only.
package testredmine

import (
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
)

// Server is one Redmine that runs, or is dead for a while.
type Server struct {
	URL      string
	Project  string // the identifier of the project that it begins with, "support"
	dir      string
	root     string
	threads  int
	projects atomic.Int64 // that were made
	mu       sync.Mutex
	process  *process // nil: dead
}

// Config says what the Redmine shall be like. The zero Config is a SQLite file and
// one thread, which is the fastest to begin.
type Config struct {
	// Postgres is the URL of an empty database (internal/testdb); with it Redmine
	// has four threads, and so write conflicts.
	Postgres string
}

// The people that each Redmine begins with. Their logins are their names in small
// letters, and their passwords the login and "-pass".
const (
	Admin     = "admin"
	Manager   = "manager"   // may do all that a project allows
	Developer = "developer" // does not reject, delete or add watchers
	Reporter  = "reporter"  // writes no private notes, and changes nothing
	Outsider  = "outsider"  // is no member anywhere
)

// Key is the API key of one of the people.
func Key(login string) string {
	digits := "0123456789abcdef0123456789abcdef0123456"
	for i, person := range []string{Admin, Manager, Developer, Reporter, Outsider} {
		if person == login {
			return digits + string(rune('0'+i))
		}
	}
	return digits + "f" // of nobody
}

// Main runs a package's tests, which share one Redmine (Shared).
func Main(m *testing.M) {
	code := m.Run()
	shared.stop()
	os.Exit(code)
}

// shared is the one Redmine of a test process: each test has a project of its own there.
var shared sharing

type sharing struct {
	once   sync.Once
	server *Server
	err    error
}

func (s *sharing) stop() {
	if s.server != nil {
		s.server.Close()
	}
}

// Shared is the Redmine of all tests of the process, which end with Main. A test
// must not kill it, nor change its settings.
func Shared(t testing.TB) *Server {
	t.Helper()
	need(t)
	shared.once.Do(func() { shared.server, shared.err = Open(Config{}) })
	if shared.err != nil {
		t.Fatalf("start a Redmine: %v", shared.err)
	}
	return shared.server
}

// Start is a Redmine of the test's own, which ends with it.
func Start(t testing.TB, cfg Config) *Server {
	t.Helper()
	need(t)
	s, err := Open(cfg)
	if err != nil {
		t.Fatalf("start a Redmine: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// need skips the test without Redmine on the machine, or fails it if CI=true.
func need(t testing.TB) {
	t.Helper()
	_, err := os.Stat(share)
	if err == nil {
		_, err = exec.LookPath("puma")
	}
	if err == nil {
		return
	}
	const how = "this test needs Redmine: scripts/test-needs.sh installs it"
	if os.Getenv("CI") == "true" {
		t.Fatal(how)
	}
	t.Skip(how)
}
