package embedded_test

import (
	"math"
	"slices"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

func TestFilters(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.append(t, "ticket-1", esdb.NoStream{}, event("posted"), event("closed"))
	f.append(t, "tracker-1", esdb.NoStream{}, event("posted"), event("renamed"))
	for _, c := range []struct {
		name   string
		filter esdb.SubscriptionFilter
		want   []string
	}{
		{"stream prefix", esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"ticket-", "none-"}}, []string{"ticket-1@0", "ticket-1@1"}},
		{"stream regex", esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: `r-\d$`}, []string{"tracker-1@0", "tracker-1@1"}},
		{"type prefix", esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{"post"}}, []string{"ticket-1@0", "tracker-1@0"}},
		{"type regex", esdb.SubscriptionFilter{Type: esdb.EventFilterType, Regex: "^(closed|renamed)$"}, []string{"ticket-1@1", "tracker-1@1"}},
		{"no system events", *esdb.ExcludeSystemEventsFilter(), []string{"ticket-1@0", "ticket-1@1", "tracker-1@0", "tracker-1@1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sub := subscribeAll(t, f, esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: &c.filter})
			wantHeard(t, sub, slices.Concat(c.want, []string{"checkpoint 5", "caught up"})...)
		})
	}
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
	wantHeard(t, sub, "checkpoint 4", "take@0", "take@1", "take@2", "checkpoint 8", "caught up")
	f.append(t, "skip", esdb.Any{}, events(3)...) // 9..11
	f.append(t, "take", esdb.Any{}, events(1)...) // 12
	wantHeard(t, sub, "take@3", "checkpoint 12")
	f.append(t, "skip", esdb.Any{}, events(9)...) // 13..21
	wantHeard(t, sub, "checkpoint 16", "checkpoint 20")
	end := subscribeAll(t, f, esdb.SubscribeToAllOptions{
		From:   esdb.Position{Commit: math.MaxInt64, Prepare: math.MaxInt64},
		Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"take"}},
	})
	wantHeard(t, end, "caught up")
}
