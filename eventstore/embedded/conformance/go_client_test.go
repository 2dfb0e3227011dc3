package conformance_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	goClient = "github.com/EventStore/EventStore-Client-Go/v4"

	// The parts of the suite that need neither a cluster, nor TLS, nor projections.
	goSuite = "^(TestStreams|TestExpectations|TestPersistentSubscriptions|TestMisc|TestPositionParsing)$"
	// These want passwords, which clients do not send without TLS; they skip themselves.
	secureOnly = "TestStreams/AppendTests/appendToSystemStreamWithIncorrectCredentials " +
		"TestStreams/ReadStreamTests/readStreamWithCredentialsOverride"
)

// The suite switches between what servers of different ages do; a new version of
// the client or of what the server claims to be may change these numbers.
var wantTally = tally{passed: 65, skipped: 2}

//nolint:tparallel // the second round is to begin afresh
func TestTheGoClientsOwnSuitePasses(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes about a minute")
	}
	module := strings.TrimSpace(goCommand(t, ".", "list", "-m", "-f", "{{.Dir}}", goClient))
	suite := scratchSuite(t, module)
	// Twice, each time on fresh servers: what depends on chance shows more often.
	for _, round := range []string{"first", "second"} {
		t.Run(round, func(t *testing.T) {
			checkSuite(t, runGoSuite(t, suite, filepath.Join(module, "resources", "test")))
		})
	}
}

// scratchSuite copies the client to a folder of its own, with our file in the
// place of the one that starts containers. It is built with the versions of other
// modules that this program has, so nothing needs to be downloaded.
func scratchSuite(t *testing.T, module string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "client")
	if err := os.CopyFS(dir, os.DirFS(module)); err != nil {
		t.Fatal(err)
	}
	makeWritable(t, dir)
	own := strings.TrimSpace(goCommand(t, ".", "list", "-m", "-f", "{{.Dir}}"))
	for from, to := range map[string]string{
		filepath.Join("testdata", "containers_test.go.txt"): filepath.Join("esdb", "containers_test.go"),
		filepath.Join(own, "go.mod"):                        "go.mod",
		filepath.Join(own, "go.sum"):                        "go.sum",
	} {
		copyFile(t, from, filepath.Join(dir, to))
	}
	goCommand(t, dir, "mod", "edit", "-module="+goClient, "-droprequire="+goClient)
	return dir
}

// makeWritable undoes what the module cache does to its files.
func makeWritable(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(path, 0o700)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// goCommand runs the go command to its end and returns what it printed.
func goCommand(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, problems.String())
	}
	return string(out)
}

// runGoSuite runs the suite against servers of this process and returns what `go
// test -json` says of it. The suite is compiled without the race detector; the
// servers have it when this test has.
func runGoSuite(t *testing.T, suite, fixtures string) *results {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "test", "-json", "-count=1", "-vet=off", "-timeout=4m", "-run="+goSuite, "./esdb/")
	cmd.Dir = suite
	cmd.Env = append(cmd.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off",
		"CONFORMANCE_HOSTS="+startHosts(t, fixtures), "EVENTSTORE_INSECURE=true", "CLUSTER=false")
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	got, parseErr := parseResults(bytes.NewReader(out))
	if parseErr != nil {
		t.Fatalf("read the results of the suite: %v", parseErr)
	}
	if err != nil && len(got.tests) == 0 {
		t.Fatalf("the suite did not run: %v\n%s%s", err, got.output, problems.String())
	}
	return got
}

func checkSuite(t *testing.T, got *results) {
	t.Helper()
	for _, test := range got.leaves() {
		if test.outcome != passed && test.outcome != skipped {
			t.Errorf("%s: %s\n%s", test.name, test.outcome, test.output)
		}
	}
	if len(got.unfinished()) > 0 {
		t.Errorf("the suite ended before its tests did:\n%s", got.output)
	}
	total := got.tally()
	t.Logf("%d passed, %d skipped, %d failed", total.passed, total.skipped, total.failed)
	if diff := cmp.Diff(wantTally, total, cmp.AllowUnexported(tally{})); diff != "" {
		t.Errorf("tests of the suite (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(strings.Fields(secureOnly), got.named(skipped)); diff != "" {
		t.Errorf("skipped tests (-want +got):\n%s", diff)
	}
	if t.Failed() {
		t.Log(fmt.Sprint("failed: ", strings.Join(got.named(failed), ", ")))
	}
}
