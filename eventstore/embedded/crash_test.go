package embedded_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"suivi/eventstore/embedded"
)

// With this word and a file as its arguments, the test binary is a server on that file and nothing else.
const serveWord = "serve-until-killed"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == serveWord {
		os.Exit(serveUntilKilled(os.Args[2]))
	}
	os.Exit(m.Run())
}

func serveUntilKilled(path string) int {
	server, err := embedded.Open(context.Background(), embedded.Config{Path: path})
	if err != nil {
		_, _ = fmt.Fprintln(os.Stdout, err)
		return 1
	}
	_, _ = fmt.Fprintln(os.Stdout, server.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin) // ends with the parent, should that die first
	_ = server.Close()
	return 0
}

// startServer runs a server in a process of its own.
func startServer(t testing.TB, path string) (address string, kill func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], serveWord, path)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.Contains(line, "127.0.0.1:") {
		t.Fatalf("the server said %q, %v", line, err)
	}
	return strings.TrimSpace(line), sync.OnceFunc(func() {
		_ = cmd.Process.Kill() // SIGKILL: no chance to tidy up
		_ = cmd.Wait()
		_ = stdin.Close()
	})
}

// writer appends to its own stream, one event at a time, and remembers what became of it.
type writer struct {
	stream  string
	acked   []string // event ids, by revision
	unclear string   // the id of the append whose answer never came
}

func (w *writer) write(ctx context.Context, client streams.StreamsClient) error {
	ask := appendTo(w.stream)
	ask.GetOptions().ExpectedStreamRevision = &streams.AppendReq_Options_NoStream{NoStream: &shared.Empty{}}
	if n := len(w.acked); n > 0 {
		ask.GetOptions().ExpectedStreamRevision = &streams.AppendReq_Options_Revision{Revision: uint64(n - 1)}
	}
	if w.unclear == "" {
		w.unclear = uuid.NewString()
	}
	call, err := client.Append(ctx)
	if err != nil {
		return err
	}
	for _, m := range []*streams.AppendReq{ask, proposedMessage(w.unclear, []byte(`{"some":"data"}`), typed())} {
		if err := call.Send(m); err != nil {
			return err
		}
	}
	answer, err := call.CloseAndRecv()
	if err != nil {
		return err
	}
	if got := answer.GetSuccess().GetCurrentRevision(); answer.GetSuccess() == nil || got != uint64(len(w.acked)) {
		return fmt.Errorf("stream %s: got %v, want revision %d", w.stream, answer, len(w.acked))
	}
	w.acked, w.unclear = append(w.acked, w.unclear), ""
	return nil
}

func TestKillMinusNineLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	const rounds, appends = 3, 500
	path := filepath.Join(t.TempDir(), "events.db")
	writers := make([]*writer, 16)
	for i := range writers {
		writers[i] = &writer{stream: fmt.Sprintf("w%d", i)}
	}
	for range rounds {
		address, kill := startServer(t, path)
		t.Cleanup(kill)
		writeUntilKilled(t, address, writers, appends, kill)
	}
	f := openAt(t, path)
	log := f.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)
	for i := 1; i < len(log); i++ {
		if log[i].Position.Commit <= log[i-1].Position.Commit {
			t.Fatalf("position %d follows %d", log[i].Position.Commit, log[i-1].Position.Commit)
		}
	}
	inLog := map[string][]string{}
	for _, e := range log {
		if e.EventNumber != uint64(len(inLog[e.StreamID])) {
			t.Fatalf("stream %s: revision %d at place %d", e.StreamID, e.EventNumber, len(inLog[e.StreamID]))
		}
		inLog[e.StreamID] = append(inLog[e.StreamID], e.EventID.String())
	}
	for _, w := range writers {
		w.wantKept(t, inLog[w.stream])
	}
}

// writeUntilKilled has all writers write, kills the server amidst them, and waits for them to notice.
func writeUntilKilled(t *testing.T, address string, writers []*writer, appends int64, kill func()) {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client, ctx := streams.NewStreamsClient(conn), within(t)
	var left atomic.Int64
	left.Store(appends)
	var running sync.WaitGroup
	for _, w := range writers {
		running.Go(func() {
			// A repeated append whose fate was unclear must be recognised.
			for err := error(nil); err == nil; {
				if err = w.write(ctx, client); err == nil && left.Add(-1) == 0 {
					go kill()
				}
			}
		})
	}
	running.Wait()
	if left.Load() > 0 {
		t.Fatalf("the writers stopped before the server was killed, %d appends short", left.Load())
	}
	kill()
}

// wantKept checks that all that was acknowledged is there, and beyond it at most the last attempt.
func (w *writer) wantKept(t *testing.T, kept []string) {
	t.Helper()
	want := w.acked
	if len(kept) == len(want)+1 && w.unclear != "" {
		want = append(want, w.unclear)
	}
	if strings.Join(kept, "\n") != strings.Join(want, "\n") {
		t.Errorf("stream %s: got %d events, want the %d acknowledged", w.stream, len(kept), len(w.acked))
	}
}
