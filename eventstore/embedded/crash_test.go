package embedded_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
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
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"suivi/eventstore/embedded"
	"suivi/eventstore/embedded/eventlog"
	"suivi/eventstore/embedded/linker"
)

// With this word, a file and the projections to run as its arguments, the test binary
// is a server on that file and nothing else.
const serveWord = "serve-until-killed"

func TestMain(m *testing.M) {
	if len(os.Args) >= 3 && os.Args[1] == serveWord {
		os.Exit(serveUntilKilled(os.Args[2], os.Args[3:]))
	}
	os.Exit(m.Run())
}

func serveUntilKilled(path string, projections []string) int {
	wanted, err := linker.Parse(projections)
	if err != nil {
		_, _ = fmt.Fprintln(os.Stdout, err)
		return 1
	}
	server, err := embedded.Open(context.Background(), embedded.Config{Path: path, Projections: wanted})
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
func startServer(t testing.TB, path string, projections ...string) (address string, kill func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{serveWord, path}, projections...)...)
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

// The long run has 200: `make crash`.
var crashRounds = flag.Int("crash.rounds", 0, "how often the server is killed; 0 means 10, and 3 with -short")

func roundsToCrash() int {
	switch {
	case *crashRounds > 0:
		return *crashRounds
	case testing.Short():
		return 3
	}
	return 10
}

// follower is a subscriber of $all that comes back after each crash from where it was.
type follower struct {
	seen []string // event ids, in the order of their coming
	last esdb.AllPosition
}

// follow takes events until the server is gone, or until it has the one of the id.
func (f *follower) follow(t *testing.T, client *esdb.Client, until string) {
	t.Helper()
	if until != "" && len(f.seen) > 0 && f.seen[len(f.seen)-1] == until {
		return // it was quicker than the kill
	}
	sub, err := client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{From: f.last})
	if err != nil {
		return // it has gone already
	}
	defer sub.Close()
	for {
		got := sub.Recv()
		if got.SubscriptionDropped != nil {
			return
		}
		if got.EventAppeared == nil {
			continue
		}
		e := got.EventAppeared.OriginalEvent()
		f.seen, f.last = append(f.seen, e.EventID.String()), e.Position
		if e.EventID.String() == until {
			return
		}
	}
}

func TestKillMinusNineLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.db")
	writers := make([]*writer, 64)
	for i := range writers {
		writers[i] = &writer{stream: fmt.Sprintf("w%d", i)}
	}
	subscriber := &follower{last: esdb.Start{}}
	for range roundsToCrash() {
		address, kill := startServer(t, path)
		t.Cleanup(kill)
		var following sync.WaitGroup
		following.Go(func() { subscriber.follow(t, connect(t, "esdb://"+address+"?tls=false"), "") })
		writeUntilKilled(t, address, writers, 1+rand.Int64N(1500), kill)
		following.Wait()
	}
	f := openAt(t, path)
	log := f.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)
	for i := 1; i < len(log); i++ {
		if log[i].Position.Commit != log[i-1].Position.Commit+1 {
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
	subscriber.follow(t, f.Client, log[len(log)-1].EventID.String())
	subscriber.wantAll(t, log)
	if err := f.server.Close(); err != nil {
		t.Fatal(err)
	}
	if report, err := eventlog.Verify(t.Context(), path, nil, nil); err != nil || report.Events != int64(len(log)) {
		t.Errorf("%d events fit the chain of %d, %v", report.Events, len(log), err)
	}
}

// wantAll checks that the follower has seen each event of the log, once and in order.
func (f *follower) wantAll(t *testing.T, log []*esdb.RecordedEvent) {
	t.Helper()
	want := make([]string, len(log))
	for i, e := range log {
		want[i] = e.EventID.String()
	}
	if diff := cmp.Diff(want, f.seen); diff != "" {
		t.Errorf("a subscriber over all crashes has seen (-want +got):\n%s", diff)
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
