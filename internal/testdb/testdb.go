// Package testdb gives tests databases of their own, of both kinds. It starts
// one private Postgres cluster per test process when a test first needs it, and
// stops and removes it at the end. For tests only.
package testdb

import (
	"os"
	"path/filepath"
	"testing"
)

// Main runs a package's tests and keeps the cluster up between them; a package
// that has many of them says
//
//	func TestMain(m *testing.M) { testdb.Main(m) }
//
// Without it the cluster ends with the last test that uses it at the time.
func Main(m *testing.M) {
	shared.hold()
	code := m.Run()
	shared.release()
	os.Exit(code)
}

// Each runs f as the parallel sub-tests "sqlite" and "postgres", each with the
// URL of an empty database of its own.
func Each(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, Postgres(t))
	})
}

// SQLite is the URL of a file that does not exist yet, in a folder of the test's own.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite://" + filepath.Join(t.TempDir(), "test.db")
}

// Postgres is the URL of an empty database in the cluster; it goes with the
// test. Without Postgres on the machine the test is skipped, or fails if CI=true.
func Postgres(t testing.TB) string {
	t.Helper()
	bin, err := binaries()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	shared.hold()
	t.Cleanup(shared.release)
	c, err := shared.cluster(bin)
	if err != nil {
		t.Fatalf("start a Postgres cluster: %v", err)
	}
	name, err := c.create()
	if err != nil {
		t.Fatalf("make a Postgres database: %v", err)
	}
	t.Cleanup(func() {
		if err := c.drop(name); err != nil {
			t.Errorf("drop the Postgres database %s: %v", name, err)
		}
	})
	return c.url(name)
}
