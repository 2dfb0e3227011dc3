package conformance_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/eventstore/embedded"
)

// nodeClients are the published clients, as node/package.json pins them. Two in
// one process break each other, so each has its own.
var nodeClients = []string{"@eventstore/db-client", "@kurrent/kurrentdb-client"}

// nodeSteps is what node/smoke.mjs does, in its order.
var nodeSteps = []string{
	"append", "wrongRevision", "tooLarge", "read", "readAll", "missingStream", "metadata", "deleteAndTombstone",
	"subscribe", "subscribeToAll", "links", "persistentToStream", "persistentToAll",
}

func TestThePublishedNodeClientsAreAtHome(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("downloads packages of npm")
	}
	dir := filepath.Join(t.TempDir(), "node")
	if err := os.CopyFS(dir, os.DirFS("node")); err != nil {
		t.Fatal(err)
	}
	nodeCommand(t, dir, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	for _, client := range nodeClients {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			t.Run("in clear text", func(t *testing.T) {
				server := openServer(t, embedded.Config{})
				wantSteps(t, nodeCommand(t, dir, "node", "smoke.mjs", client, server.ConnectionString()))
			})
			t.Run("with TLS and a password", func(t *testing.T) {
				server := openServer(t, embedded.Config{TLS: &embedded.TLS{}, Access: &embedded.Access{AdminPassword: "s3cret-of-admin", OpsPassword: "s3cret-of-ops"}})
				connection := strings.Replace(server.ConnectionString(), "esdb://", "esdb://admin:s3cret-of-admin@", 1)
				wantSteps(t, nodeCommand(t, dir, "node", "smoke.mjs", client, connection))
			})
		})
	}
}

func openServer(t *testing.T, cfg embedded.Config) *embedded.Server {
	t.Helper()
	cfg.Path = filepath.Join(t.TempDir(), "events.db")
	server, err := embedded.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// nodeCommand runs a program to its end and returns what it printed.
func nodeCommand(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("%s is missing: scripts/test-needs.sh installs it", name)
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%s %s: %v\n%s\n%s", name, strings.Join(args, " "), err, out, problems.String())
	}
	return string(out)
}

// wantSteps checks that the script has come to its end, step by step.
func wantSteps(t *testing.T, printed string) {
	t.Helper()
	got := []string{}
	for line := range strings.Lines(printed) {
		var step struct {
			Step string
			OK   bool
		}
		if err := json.Unmarshal([]byte(line), &step); err != nil {
			t.Fatalf("the script printed %q: %v", line, err)
		}
		if step.OK {
			got = append(got, step.Step)
		}
	}
	if diff := cmp.Diff(nodeSteps, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}
