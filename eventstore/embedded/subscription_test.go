package embedded_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
)

func TestSubscribeToAStream(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.stream(), esdb.NoStream{}, events(3)...)
		f.append(t, f.name("other"), esdb.NoStream{}, events(1)...)
		start := subscribeStream(t, f, f.stream(), esdb.Start{})
		after := subscribeStream(t, f, f.stream(), esdb.Revision(1))
		ahead := subscribeStream(t, f, f.stream(), esdb.Revision(3))
		end := subscribeStream(t, f, f.stream(), esdb.End{})
		wantHeard(t, f, start, "s@0", "s@1", "s@2", "caught up")
		wantHeard(t, f, after, "s@2", "caught up")
		wantHeard(t, f, ahead, "caught up")
		wantHeard(t, f, end, "caught up")
		f.append(t, f.stream(), esdb.Revision(2), events(2)...)
		f.append(t, f.name("other"), esdb.Revision(0), events(1)...)
		f.append(t, f.stream(), esdb.Revision(4), events(1)...)
		wantHeard(t, f, start, "s@3", "s@4", "s@5")
		wantHeard(t, f, after, "s@3", "s@4", "s@5")
		wantHeard(t, f, ahead, "s@4", "s@5")
		wantHeard(t, f, end, "s@3", "s@4", "s@5")
	})
}

func TestSubscribeToAStreamThatDoesNotExist(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		sub := subscribeStream(t, f, f.stream(), esdb.Start{})
		wantHeard(t, f, sub, "caught up")
		f.append(t, f.stream(), esdb.NoStream{}, event("first"))
		wantHeard(t, f, sub, "s@0")
	})
}

func TestATombstoneEndsSubscriptions(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.stream(), esdb.NoStream{}, event("only"))
		sub := subscribeStream(t, f, f.stream(), esdb.Start{})
		meta := subscribeStream(t, f, "$$"+f.stream(), esdb.Start{})
		wantHeard(t, f, sub, "s@0", "caught up")
		wantHeard(t, f, meta, "caught up")
		if _, err := f.TombstoneStream(within(t), f.stream(), esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}}); err != nil {
			t.Fatal(err)
		}
		gone := "dropped: " + codes.FailedPrecondition.String()
		wantHeard(t, f, sub, gone)
		if !f.shared() { // a real one leaves the followers of metadata alone
			wantHeard(t, f, meta, gone)
		}
		wantHeard(t, f, subscribeStream(t, f, f.stream(), esdb.Start{}), gone)
	})
}

func TestSubscribeToAll(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.name("a"), esdb.NoStream{}, events(2)...)
		start := subscribeAll(t, f, esdb.SubscribeToAllOptions{From: f.fromStart()})
		after := subscribeAll(t, f, esdb.SubscribeToAllOptions{From: f.own(t)[0].Position})
		end := subscribeAll(t, f, esdb.SubscribeToAllOptions{From: esdb.End{}})
		if !f.shared() {
			wantHeard(t, f, start, "$users@0")
		}
		wantHeard(t, f, start, "a@0", "a@1", "caught up")
		wantHeard(t, f, after, "a@1", "caught up")
		wantHeard(t, f, end, "caught up")
		f.append(t, f.name("b"), esdb.NoStream{}, event("new"))
		for _, sub := range []*esdb.Subscription{start, after, end} {
			wantHeard(t, f, sub, "b@0")
		}
	})
}

// follow counts what a subscription brings until it has brought all writers' events, each stream's in order.
func (f *fixture) follow(sub *esdb.Subscription, total int) error {
	next := map[string]uint64{}
	for seen := 0; seen < total; {
		e := sub.Recv()
		if e.SubscriptionDropped != nil {
			return e.SubscriptionDropped.Error
		}
		if e.EventAppeared == nil || !strings.HasPrefix(e.EventAppeared.Event.StreamID, f.name("w")) {
			continue
		}
		got := e.EventAppeared.Event
		if got.EventNumber != next[got.StreamID] {
			return fmt.Errorf("stream %s: got revision %d, want %d", got.StreamID, got.EventNumber, next[got.StreamID])
		}
		next[got.StreamID]++
		seen++
	}
	return nil
}

func TestHandoverFromPastToPresentLosesNothing(t *testing.T) {
	t.Parallel()
	const writers, each, subscribers = 8, 60, 6
	onEachServer(t, func(t *testing.T, f *fixture) {
		var running sync.WaitGroup
		for w := range writers {
			running.Go(func() {
				for range each {
					f.append(t, f.name(fmt.Sprintf("w%d", w)), esdb.Any{}, event("x"))
				}
			})
		}
		for i := range subscribers { // they come while the writers write
			running.Go(func() {
				sub, total := subscribeAll(t, f, esdb.SubscribeToAllOptions{From: f.fromStart()}), writers*each
				if i%2 == 1 {
					sub, total = subscribeStream(t, f, f.name(fmt.Sprintf("w%d", i)), esdb.Start{}), each
				}
				if err := f.follow(sub, total); err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
	})
}

func TestASubscriberMuchTooSlowGetsEverything(t *testing.T) {
	t.Parallel()
	const n = 60 // of 64 KiB: far more than the tail holds and gRPC buffers
	f := open(t)
	f.server.ShrinkTail(1000, 256<<10)
	all := subscribeAll(t, f, esdb.SubscribeToAllOptions{From: esdb.End{}})
	one := subscribeStream(t, f, stream, esdb.End{})
	big := event("big")
	big.Data = bytes.Repeat([]byte("x"), 64<<10)
	want := []string{}
	for i := range n {
		big.EventID[0] = byte(i)
		f.append(t, stream, esdb.Any{}, big)
		want = append(want, fmt.Sprintf("s@%d", i))
	}
	for _, sub := range []*esdb.Subscription{all, one} {
		got := []string{}
		for len(got) < n {
			if h := heard(sub.Recv()); h != "caught up" {
				got = append(got, h)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("subscription (-want +got):\n%s", diff)
		}
	}
}
