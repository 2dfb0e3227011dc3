package embedded_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/status"
)

// heard is what a subscription says, in words that tests compare.
func heard(e *esdb.SubscriptionEvent) string {
	switch {
	case e.EventAppeared != nil:
		return fmt.Sprintf("%s@%d", e.EventAppeared.Event.StreamID, e.EventAppeared.Event.EventNumber)
	case e.CheckPointReached != nil:
		return fmt.Sprintf("checkpoint %d", e.CheckPointReached.Commit)
	case e.CaughtUp != nil:
		return "caught up"
	case e.SubscriptionDropped != nil:
		return "dropped: " + status.Code(e.SubscriptionDropped.Error).String()
	default:
		return "?"
	}
}

// hears is the next thing that a subscription says of the test's own. Names are told
// as the test made them. On a server that is shared, others' events pass by and
// checkpoints come at places that nobody knows.
func (f *fixture) hears(sub *esdb.Subscription) string {
	for {
		e := sub.Recv()
		if f.shared() && (e.CheckPointReached != nil || e.EventAppeared != nil && !f.isOwn(e.EventAppeared.Event.StreamID)) {
			continue
		}
		return strings.Replace(heard(e), f.unique, "", 1)
	}
}

func wantHeard(t *testing.T, f *fixture, sub *esdb.Subscription, want ...string) {
	t.Helper()
	got := []string{}
	for range want {
		got = append(got, f.hears(sub))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("subscription (-want +got):\n%s", diff)
	}
}

func subscribeStream(t *testing.T, f *fixture, stream string, from esdb.StreamPosition) *esdb.Subscription {
	t.Helper()
	sub, err := f.SubscribeToStream(within(t), stream, esdb.SubscribeToStreamOptions{From: from})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sub.Close() })
	return sub
}

func subscribeAll(t *testing.T, f *fixture, opts esdb.SubscribeToAllOptions) *esdb.Subscription {
	t.Helper()
	sub, err := f.SubscribeToAll(within(t), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sub.Close() })
	return sub
}
