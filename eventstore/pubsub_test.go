package eventstore_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"

	"suivi/eventstore"
)

// Watermill's own suite, with the server in a process of its own so that it can be
// killed. Groups share nothing here: each subscription gets everything.
//
// Its TestReconnect has a data race of its own (it reads publishedMessages while a
// goroutine of it still appends), so it runs without -race only, and then in full;
// TestSubscriberSurvivesRestarts stands for it with -race.
func TestWatermillSuite(t *testing.T) {
	server := startProcess(t)
	features := tests.Features{
		ConsumerGroups:                   true,
		GuaranteedOrder:                  true,
		Persistent:                       true,
		NewSubscriberReceivesOldMessages: true,
		ForceShort:                       raceEnabled,
	}
	if !raceEnabled && !testing.Short() {
		features.RestartServiceCommand = server.restartCommand(t)
	}
	construct := func(t *testing.T, _ string) (message.Publisher, message.Subscriber) {
		t.Helper()
		s := open(t, server.connectionString())
		return s.Publisher(), &latecomer{Subscriber: s.Subscriber(eventstore.SubscriberConfig{
			ByTopic:      true,
			ResendAfter:  time.Millisecond,
			ResendAtMost: 5 * time.Millisecond,
		})}
	}
	alone := func(t *testing.T) (message.Publisher, message.Subscriber) {
		t.Helper()
		return construct(t, "")
	}
	tests.TestPubSub(t, features, alone, construct)
}

// latecomer hands on the last message of TestReconnect a little later: the suite
// gets it faster than it notes that it has published it, and takes it for foreign.
type latecomer struct {
	message.Subscriber

	passing sync.WaitGroup
}

const lastOfReconnect = 10_000

func (l *latecomer) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	messages, err := l.Subscriber.Subscribe(ctx, topic)
	if err != nil {
		return nil, err
	}
	late := make(chan *message.Message)
	l.passing.Go(func() {
		defer close(late)
		seen := map[string]bool{}
		for msg := range messages {
			if seen[msg.UUID] = true; len(seen) == lastOfReconnect {
				<-time.After(200 * time.Millisecond)
			}
			select {
			case late <- msg:
			case <-msg.Context().Done():
			}
		}
	})
	return late, nil
}

func (l *latecomer) Close() error {
	defer l.passing.Wait()
	return l.Subscriber.Close()
}
