package embedded_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const group = "g"

// settings are a group's that notes each event that is settled.
func settings(change func(*esdb.PersistentSubscriptionSettings)) *esdb.PersistentSubscriptionSettings {
	s := esdb.SubscriptionSettingsDefault()
	s.CheckpointLowerBound, s.CheckpointUpperBound, s.CheckpointAfter = 1, 1, 1
	if change != nil {
		change(&s)
	}
	return &s
}

func (f *fixture) createGroup(t *testing.T, from esdb.StreamPosition, s *esdb.PersistentSubscriptionSettings) {
	t.Helper()
	err := f.CreatePersistentSubscription(within(t), f.stream(), f.group(), esdb.PersistentStreamSubscriptionOptions{Settings: s, StartFrom: from})
	if err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) consume(t *testing.T, buffer uint32) *esdb.PersistentSubscription {
	t.Helper()
	sub, err := f.SubscribeToPersistentSubscription(within(t), f.stream(), f.group(), esdb.SubscribeToPersistentSubscriptionOptions{BufferSize: buffer})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sub.Close() })
	return sub
}

// delivered takes the next event of a consumer.
func delivered(t *testing.T, sub *esdb.PersistentSubscription) *esdb.EventAppeared {
	t.Helper()
	got := sub.Recv()
	if got.EventAppeared == nil {
		t.Fatalf("got %+v, want an event", got.SubscriptionDropped)
	}
	return got.EventAppeared
}

func wantGiven(t *testing.T, sub *esdb.PersistentSubscription, revision uint64, retries int) *esdb.ResolvedEvent {
	t.Helper()
	got := delivered(t, sub)
	if got.Event.OriginalEvent().EventNumber != revision || got.RetryCount != retries {
		t.Fatalf("got revision %d delivered %d times before, want %d and %d", got.Event.OriginalEvent().EventNumber, got.RetryCount, revision, retries)
	}
	return got.Event
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) groupInfo(t *testing.T) *esdb.PersistentSubscriptionInfo {
	t.Helper()
	info, err := f.GetPersistentSubscriptionInfo(within(t), f.stream(), f.group(), esdb.GetPersistentSubscriptionOptions{})
	must(t, err)
	return info
}

// eventually waits until a condition holds, as the group's own goroutine makes it.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx := within(t)
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestAGroupGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.append(t, stream, esdb.NoStream{}, events(5)...)
	f.createGroup(t, esdb.Revision(1), settings(nil))
	sub := f.consume(t, 10)
	must(t, sub.Ack(wantGiven(t, sub, 1, 0)))
	must(t, sub.Nack("not for us", esdb.NackActionPark, wantGiven(t, sub, 2, 0)))
	wantGiven(t, sub, 3, 0) // and never settled
	eventually(t, "2 is parked", func() bool { return f.groupInfo(t).Stats.ParkedMessagesCount == 1 })
	must(t, f.server.Close())

	f = openAt(t, f.path)
	if stats := f.groupInfo(t).Stats; stats.ParkedMessagesCount != 1 || stats.LastCheckpointedEventRevision == nil || *stats.LastCheckpointedEventRevision != 2 {
		t.Errorf("got %+v", stats)
	}
	sub = f.consume(t, 10)
	must(t, sub.Ack(wantGiven(t, sub, 3, 0), wantGiven(t, sub, 4, 0)))
	must(t, f.ReplayParkedMessages(within(t), stream, group, esdb.ReplayParkedMessagesOptions{}))
	replayed := wantGiven(t, sub, 2, 0)
	must(t, f.server.Close()) // before it was settled: it must come again

	f = openAt(t, f.path)
	must(t, f.ReplayParkedMessages(within(t), stream, group, esdb.ReplayParkedMessagesOptions{}))
	sub = f.consume(t, 10)
	if again := wantGiven(t, sub, 2, 0); again.OriginalEvent().EventID != replayed.OriginalEvent().EventID {
		t.Errorf("another event was replayed: %v", again)
	} else {
		must(t, sub.Ack(again))
	}
	eventually(t, "nothing is parked", func() bool {
		parked, err := f.readStream(t, "$persistentsubscription-s::g-parked", esdb.ReadStreamOptions{}, 10)
		return err == nil && len(parked) == 0
	})
}

func TestWhatIsRetriedTooOftenIsParkedWithTheReason(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.stream(), esdb.NoStream{}, events(1)...)
		f.createGroup(t, esdb.Start{}, settings(func(s *esdb.PersistentSubscriptionSettings) { s.MaxRetryCount, s.MessageTimeout = 2, 300 }))
		sub := f.consume(t, 1)
		must(t, sub.Nack("again", esdb.NackActionRetry, wantGiven(t, sub, 0, 0)))
		wantGiven(t, sub, 0, 1) // left to time out
		must(t, sub.Nack("again", esdb.NackActionRetry, wantGiven(t, sub, 0, 2)))
		eventually(t, "it is parked", func() bool { return f.groupInfo(t).Stats.ParkedMessagesCount == 1 })
		parked, err := f.readStream(t, "$persistentsubscription-"+f.stream()+"::"+f.group()+"-parked", esdb.ReadStreamOptions{}, 10)
		must(t, err)
		if len(parked) != 1 || parked[0].EventType != "$>" || string(parked[0].Data) != "0@"+f.stream() {
			t.Errorf("got %v", parked)
		}
		reason := `"reason":"the event was delivered as often as the group allows"`
		if f.shared() { // in its own words
			reason = `"reason"`
		}
		if got := string(parked[0].UserMetadata); !containsAll(got, reason) {
			t.Errorf("got metadata %s", got)
		}
	})
}

func TestAConsumerHoldsNoMoreThanItsBuffer(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.stream(), esdb.NoStream{}, events(6)...)
		f.createGroup(t, esdb.Start{}, settings(nil))
		sub := f.consume(t, 2)
		first := wantGiven(t, sub, 0, 0)
		wantGiven(t, sub, 1, 0)
		if stats := f.groupInfo(t).Stats; stats.OutstandingMessagesCount != 2 {
			t.Errorf("%d are outstanding", stats.OutstandingMessagesCount)
		}
		must(t, sub.Ack(first))
		wantGiven(t, sub, 2, 0)
	})
}

func TestWhatAConsumerHeldGoesToAnotherWhenItLeaves(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.stream(), esdb.NoStream{}, events(3)...)
		f.createGroup(t, esdb.Start{}, settings(nil))
		leaving := f.consume(t, 10)
		for i := range uint64(3) {
			wantGiven(t, leaving, i, 0)
		}
		must(t, leaving.Close())
		staying := f.consume(t, 10)
		for i := range uint64(3) {
			wantGiven(t, staying, i, 1)
		}
	})
}

func TestPinnedConsumersGetWholeStreams(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		s := settings(func(s *esdb.PersistentSubscriptionSettings) { s.ConsumerStrategyName = esdb.ConsumerStrategyPinned })
		must(t, f.CreatePersistentSubscriptionToAll(within(t), f.group(), esdb.PersistentAllSubscriptionOptions{
			Settings: s, StartFrom: f.fromStart(), Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{f.name("p-")}},
		}))
		heardOf := make(chan string, 200)
		for n := range 2 {
			sub, err := f.SubscribeToPersistentSubscriptionToAll(within(t), f.group(), esdb.SubscribeToPersistentSubscriptionOptions{BufferSize: 100})
			must(t, err)
			t.Cleanup(func() { _ = sub.Close() })
			go func() {
				for {
					got := sub.Recv()
					if got.EventAppeared == nil {
						return
					}
					_ = sub.Ack(got.EventAppeared.Event)
					heardOf <- fmt.Sprintf("%d %s", n, got.EventAppeared.Event.Event.StreamID)
				}
			}()
		}
		for i := range 20 {
			f.append(t, f.name(fmt.Sprintf("p-%d", i)), esdb.NoStream{}, events(3)...)
		}
		seen, consumers := map[string]int{}, map[string]bool{}
		for range 60 {
			pair := <-heardOf
			seen[pair]++
			consumers[pair[:1]] = true
		}
		for pair, n := range seen {
			if n != 3 {
				t.Errorf("%s got %d of 3 events", pair, n)
			}
		}
		if len(consumers) != 2 {
			t.Error("one consumer got all streams")
		}
	})
}

func TestUpdatesAndDeletionsDropConsumers(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.createGroup(t, esdb.Start{}, settings(nil))
		sub := f.consume(t, 10)
		must(t, f.UpdatePersistentSubscription(within(t), f.stream(), f.group(), esdb.PersistentStreamSubscriptionOptions{Settings: settings(nil)}))
		wantDropped(t, sub, codes.Canceled, f.aboutGroup()+" was dropped.")
		sub = f.consume(t, 10)
		must(t, f.DeletePersistentSubscription(within(t), f.stream(), f.group(), esdb.DeletePersistentSubscriptionOptions{}))
		wantDropped(t, sub, codes.NotFound, f.aboutGroup()+" does not exist.")
		_, err := f.GetPersistentSubscriptionInfo(within(t), f.stream(), f.group(), esdb.GetPersistentSubscriptionOptions{})
		wantCode(t, err, esdb.ErrorCodeResourceNotFound)
	})
}

// aboutGroup begins what the server says of the group.
func (f *fixture) aboutGroup() string {
	return fmt.Sprintf("Subscription group %s on stream %s", f.group(), f.stream())
}

func wantDropped(t *testing.T, sub *esdb.PersistentSubscription, code codes.Code, text string) {
	t.Helper()
	got := sub.Recv()
	if got.SubscriptionDropped == nil {
		t.Fatalf("got %+v, want it dropped", got)
	}
	if s := status.Convert(got.SubscriptionDropped.Error); s.Code() != code || s.Message() != text {
		t.Errorf("got %s: %s", s.Code(), s.Message())
	}
}

func TestAGroupTakesAsManyConsumersAsItMay(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.createGroup(t, esdb.Start{}, settings(func(s *esdb.PersistentSubscriptionSettings) { s.MaxSubscriberCount = 1 }))
		f.consume(t, 1)
		_, err := f.SubscribeToPersistentSubscription(within(t), f.stream(), f.group(), esdb.SubscribeToPersistentSubscriptionOptions{BufferSize: 1})
		if err == nil || !containsAll(err.Error(), fmt.Sprintf("Maximum subscriptions reached for subscription group %s on stream %s.", f.group(), f.stream())) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAGroupFollowsLinks(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		target := f.name("target")
		f.append(t, target, esdb.NoStream{}, events(2)...)
		link := event("$>")
		link.ContentType = esdb.ContentTypeBinary
		link.Data = []byte("1@" + target)
		lost := event("$>")
		lost.Data = []byte("7@" + target)
		f.append(t, f.stream(), esdb.NoStream{}, link, lost)
		f.createGroup(t, esdb.Start{}, settings(func(s *esdb.PersistentSubscriptionSettings) { s.ResolveLinkTos = true }))
		sub := f.consume(t, 10)
		got := wantGiven(t, sub, 0, 0)
		if got.Link == nil || got.Event == nil || got.Event.StreamID != target || got.Event.EventNumber != 1 {
			t.Errorf("got %+v", got)
		}
		must(t, sub.Ack(got))
		if got := wantGiven(t, sub, 1, 0); got.Event != nil {
			t.Errorf("got %+v, want the link alone", got)
		}

		read, err := f.ReadStream(within(t), f.stream(), esdb.ReadStreamOptions{ResolveLinkTos: true}, 10)
		must(t, err)
		defer read.Close()
		first, err := read.Recv()
		must(t, err)
		second, err := read.Recv()
		must(t, err)
		if first.Event.StreamID != target || first.Link.StreamID != f.stream() || second.Event != nil || second.Link == nil {
			t.Errorf("read %+v and %+v", first, second)
		}
		if diff := cmp.Diff([]byte("1@"+target), first.Link.Data); diff != "" {
			t.Errorf("link (-want +got):\n%s", diff)
		}
	})
}
