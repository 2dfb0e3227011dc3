package embedded_test

import (
	"math"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/go-cmp/cmp"
)

func TestFilters(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		one, two := f.name("ticket-1"), f.name("tracker-1")
		f.append(t, one, esdb.NoStream{}, event(f.name("posted")), event(f.name("closed")))
		f.append(t, two, esdb.NoStream{}, event(f.name("posted")), event(f.name("renamed")))
		for _, c := range []struct {
			name   string
			filter esdb.SubscriptionFilter
			want   []string
		}{
			{"stream prefix", esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{f.name("ticket-"), "none-"}}, []string{"ticket-1@0", "ticket-1@1"}},
			{"stream regex", esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: `r-\d$`}, []string{"tracker-1@0", "tracker-1@1"}},
			{"type prefix", esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{f.name("post")}}, []string{"ticket-1@0", "tracker-1@0"}},
			{"type regex", esdb.SubscriptionFilter{Type: esdb.EventFilterType, Regex: "^" + f.unique + "(closed|renamed)$"}, []string{"ticket-1@1", "tracker-1@1"}},
			{"no system events", *esdb.ExcludeSystemEventsFilter(), []string{"ticket-1@0", "ticket-1@1", "tracker-1@0", "tracker-1@1"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				sub := subscribeAll(t, f, esdb.SubscribeToAllOptions{From: f.fromStart(), Filter: &c.filter})
				wantHeard(t, f, sub, c.want...)
				if !f.shared() {
					wantHeard(t, f, sub, "checkpoint 5")
				}
				wantHeard(t, f, sub, "caught up")
			})
		}
	})
}

// Whoever goes on from a checkpoint misses nothing: what matches at or before it was
// sent. And none is further from the last than the interval and a window.
func TestACheckpointIsAPlaceToGoOnFrom(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		const n, window, interval = 60, 4, 3
		proposed := events(n) // one append: they stand side by side in $all
		want := []uint64{}
		for i := range proposed {
			if i%7 == 0 {
				proposed[i].EventType = f.name("wanted")
				want = append(want, uint64(i))
			}
		}
		f.append(t, f.stream(), esdb.NoStream{}, proposed...)
		own := f.own(t)
		sub := subscribeAll(t, f, esdb.SubscribeToAllOptions{
			From: f.fromStart(), MaxSearchWindow: window, CheckpointInterval: interval,
			Filter: &esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{f.name("wanted")}},
		})
		got, passed, checkpoints := []uint64{}, 0, 0
		for len(got) < len(want) {
			e := sub.Recv()
			switch {
			case e.EventAppeared != nil:
				got = append(got, e.EventAppeared.Event.EventNumber)
			case e.CheckPointReached != nil:
				checkpoints++
				before := passed
				for passed < n && own[passed].Position.Commit <= e.CheckPointReached.Commit {
					passed++
				}
				if due := (passed + 6) / 7; len(got) < due {
					t.Fatalf("at a checkpoint after %d events, %d of %d were sent", passed, len(got), due)
				}
				if before > 0 && passed-before > window*interval+window {
					t.Errorf("%d events lie between two checkpoints, more than %d", passed-before, window*interval+window)
				}
			case e.SubscriptionDropped != nil:
				t.Fatal(e.SubscriptionDropped.Error)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || checkpoints < n/(window*interval+window)-1 {
			t.Errorf("%d checkpoints; events (-want +got):\n%s", checkpoints, diff)
		}
	})
}

func TestCheckpointsComeAtTheirInterval(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.append(t, "skip", esdb.NoStream{}, events(4)...) // positions 2..5, after $users
	f.append(t, "take", esdb.NoStream{}, events(3)...) // 6..8
	sub := subscribeAll(t, f, esdb.SubscribeToAllOptions{
		From: esdb.Start{}, MaxSearchWindow: 2, CheckpointInterval: 2,
		Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"take"}},
	})
	wantHeard(t, f, sub, "checkpoint 4", "take@0", "take@1", "take@2", "checkpoint 8", "caught up")
	f.append(t, "skip", esdb.Any{}, events(3)...) // 9..11
	f.append(t, "take", esdb.Any{}, events(1)...) // 12
	wantHeard(t, f, sub, "take@3", "checkpoint 12")
	f.append(t, "skip", esdb.Any{}, events(9)...) // 13..21
	wantHeard(t, f, sub, "checkpoint 16", "checkpoint 20")
	end := subscribeAll(t, f, esdb.SubscribeToAllOptions{
		From:   esdb.Position{Commit: math.MaxInt64, Prepare: math.MaxInt64},
		Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"take"}},
	})
	wantHeard(t, f, end, "caught up")
}
