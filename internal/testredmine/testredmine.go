// Package testredmine gives tests a real Redmine, of Debian's package redmine,
// on loopback with data of its own: this machine's, or the version that TEST_REDMINE
// names and scripts/redmine-root.sh has installed. What can be made once per machine (the
// program's copy and a database with Redmine's default data) lies in the user's
// cache folder. For tests only.
package testredmine

import (
	"os"
	"sync"
	"sync/atomic"
	"testing"
)

// Server is one Redmine that runs, or is dead for a while.
type Server struct {
	URL        string
	Project    string // the identifier of the project that it begins with, "support"
	Major      int    // the first number of its version
	Formatting string // of texts: Textile or CommonMark
	machine    machine
	dir        string
	root       string
	threads    int
	projects   atomic.Int64 // that were made
	mu         sync.Mutex
	process    *process // nil: dead
}

// Config says what the Redmine shall be like. The zero Config is a SQLite file and
// one thread, which is the fastest to begin.
type Config struct {
	// Postgres is the URL of an empty database (internal/testdb); with it Redmine
	// has four threads, and so write conflicts.
	Postgres string
	// Formatting is how texts are formatted; "": as Redmine comes, which is Textile before 6.0 and CommonMark since.
	Formatting string
}

// Redmine's words for how texts are formatted.
const (
	Textile    = "textile"
	CommonMark = "common_mark"
)

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

// Shared is the Redmine of all tests of the process, which end with Main. Its texts are Textile. A test
// must not kill it, nor change its settings.
func Shared(t testing.TB) *Server {
	t.Helper()
	need(t)
	shared.once.Do(func() { shared.server, shared.err = Open(Config{Formatting: Textile}) })
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
	on, err := chosen()
	if err == nil {
		err = on.installed()
	}
	switch {
	case err == nil:
	case os.Getenv("CI") == "true" || on.version != "":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
}
