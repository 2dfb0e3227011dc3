package embedded_test

import (
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"suivi/eventstore/embedded"
)

func TestARestartKeepsEverything(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.db")
	first, err := embedded.Open(t.Context(), embedded.Config{Path: path, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{Client: connect(t, first.ConnectionString()), server: first}
	old := events(3)
	f.append(t, stream, esdb.NoStream{}, old...)
	setMetadata(t, f, `{"$tb":1}`)
	if _, err := f.TombstoneStream(within(t), "gone", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}}); err != nil {
		t.Fatal(err)
	}
	before := f.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	f = openAt(t, path)
	after := f.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("log after restart (-before +after):\n%s", diff)
	}
	if got := f.append(t, stream, esdb.NoStream{}, old...).NextExpectedVersion; got != 2 {
		t.Errorf("the same append again: got last revision %d, want 2", got)
	}
	next := f.append(t, stream, esdb.Revision(2), event("next"))
	if next.CommitPosition <= before[len(before)-1].Position.Commit {
		t.Errorf("got position %d, want one after the old ones", next.CommitPosition)
	}
	_, err = f.AppendToStream(within(t), "gone", esdb.AppendToStreamOptions{}, event("late"))
	wantCode(t, err, esdb.ErrorCodeStreamDeleted)
}

func TestASecondOpenerIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	f := open(t)
	_, err := embedded.Open(t.Context(), embedded.Config{Path: f.path})
	if err == nil {
		t.Fatal("a second server opened the same file")
	}
	for _, part := range []string{f.path, "in use", "stop that one first"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("got %q, want it to say %q", err, part)
		}
	}
}

func TestOpenFailsClearly(t *testing.T) {
	t.Parallel()
	if _, err := embedded.Open(t.Context(), embedded.Config{}); err == nil {
		t.Error("opened without a path")
	}
	path := filepath.Join(t.TempDir(), "events.db")
	if _, err := embedded.Open(t.Context(), embedded.Config{Path: path, Listen: "127.0.0.1:99999"}); err == nil {
		t.Error("listened on a port that is none")
	}
	openAt(t, path) // a failed Open has let go of the file
}

func TestCloseEndsSubscriptionsAtOnce(t *testing.T) {
	t.Parallel()
	server, err := embedded.Open(t.Context(), embedded.Config{Path: filepath.Join(t.TempDir(), "events.db")})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{Client: connect(t, server.ConnectionString()), server: server}
	var subs []*esdb.Subscription
	for i := range 3 {
		sub, err := f.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: esdb.End{}})
		if err != nil {
			t.Fatal(err)
		}
		wantHeard(t, f, sub, "caught up")
		other, err := f.SubscribeToStream(within(t), fmt.Sprint(i), esdb.SubscribeToStreamOptions{})
		if err != nil {
			t.Fatal(err)
		}
		wantHeard(t, f, other, "caught up")
		subs = append(subs, sub, other)
	}
	began := time.Now()
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("Close took %v", took)
	}
	for _, sub := range subs {
		wantHeard(t, f, sub, "dropped: "+codes.Unavailable.String())
	}
	if err, open := <-server.Err(); open {
		t.Errorf("Err delivered %v after an orderly Close", err)
	}
	if err := server.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
}

func TestClientsThatDiscoverAClusterFindThisNode(t *testing.T) {
	t.Parallel()
	f := open(t)
	for _, connection := range []string{
		"esdb+discover://" + f.server.Addr() + "?tls=false",
		"esdb://" + f.server.Addr() + "," + f.server.Addr() + "?tls=false",
	} {
		client := connect(t, connection)
		if _, err := client.AppendToStream(within(t), stream, esdb.AppendToStreamOptions{}, event("x")); err != nil {
			t.Errorf("%s: %v", connection, err)
		}
	}
}

func TestOnlyWhatIsThereIsListed(t *testing.T) {
	t.Parallel()
	f := open(t)
	features, err := serverfeatures.NewServerFeaturesClient(dial(t, f.server)).GetSupportedMethods(within(t), &shared.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, m := range features.GetMethods() {
		got[m.GetServiceName()+"/"+m.GetMethodName()] = true
	}
	const service = "event_store.client.streams.streams/"
	want := map[string]bool{
		service + "append": true, service + "batchappend": true, service + "read": true, service + "delete": true, service + "tombstone": true,
		"event_store.client.gossip.gossip/read": true, "event_store.client.server_features.serverfeatures/getsupportedmethods": true,
	}
	for _, name := range []string{"create", "update", "delete", "read", "getinfo", "list", "replayparked", "restartsubsystem"} {
		want["event_store.client.persistent_subscriptions.persistentsubscriptions/"+name] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("methods (-want +got):\n%s", diff)
	}
	version, err := f.GetServerVersion()
	if err != nil || version.Major != 23 || version.Minor != 10 {
		t.Errorf("got version %v, %v; want 23.10", version, err)
	}
}
