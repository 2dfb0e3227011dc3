package embedded_test

import (
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// What groups keep is in streams, and who may write to them can write anything.
func TestGroupsStartWhateverStandsInTheirStreams(t *testing.T) {
	t.Parallel()
	for name, kept := range map[string][]struct{ stream, typ, data string }{
		"checkpoints that are none": {
			{"$persistentsubscription-s::g-checkpoint", "$SubscriptionCheckpoint", `7`},
			{"$persistentsubscription-s::g-checkpoint", "$SubscriptionCheckpoint", `{`},
			{"$persistentsubscription-s::g-checkpoint", "$SubscriptionCheckpoint", `"-5"`},
			{"$persistentsubscription-s::g-checkpoint", "$SubscriptionCheckpoint", `"tea"`},
		},
		"a configuration that is none": {
			{"$persistentSubscriptionConfig", "$PersistentConfig", `[`},
			{"$persistentSubscriptionConfig", "tea", `{"version":"2","entries":[]}`},
		},
		"parked events that are none": {
			{"$persistentsubscription-s::g-parked", "tea", `{}`},
			{"$$$persistentsubscription-s::g-parked", "$metadata", `{"$tb":100}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := open(t)
			f.append(t, stream, esdb.NoStream{}, events(4)...)
			f.createGroup(t, esdb.Start{}, settings(nil))
			sub := f.consume(t, 1)
			must(t, sub.Ack(wantGiven(t, sub, 0, 0)))
			must(t, sub.Ack(wantGiven(t, sub, 1, 0)))
			eventually(t, "1 is noted", func() bool {
				at := f.groupInfo(t).Stats.LastCheckpointedEventRevision
				return at != nil && *at == 1
			})
			must(t, sub.Close())
			for _, k := range kept {
				e := event(k.typ)
				e.Data = []byte(k.data)
				f.append(t, k.stream, esdb.Any{}, e)
			}
			must(t, f.server.Close())

			f = openAt(t, f.path)
			wantGiven(t, f.consume(t, 1), 2, 0)
			if parked := f.groupInfo(t).Stats.ParkedMessagesCount; parked < 0 {
				t.Errorf("%d events are parked", parked)
			}
		})
	}
}

// A configuration that no server has written starts what of it can be started, once.
func TestGroupsThatCouldNotHaveBeenMadeAreLeftOut(t *testing.T) {
	t.Parallel()
	f := open(t)
	const good = `"stream":"s","group":"g","after":-1,"bufferSize":10,"liveBufferSize":10,"readBatchSize":5,"maxCheckPointCount":1,"consumerStrategy":"RoundRobin"`
	config := event("$PersistentConfig")
	config.Data = []byte(`{"version":"2","entries":[{` + good + `},{` + good + `},{"stream":"s","group":"bad"},{"stream":"","group":"g"}]}`)
	f.append(t, "$persistentSubscriptionConfig", esdb.NoStream{}, config)
	f.append(t, stream, esdb.NoStream{}, events(1)...)
	must(t, f.RestartPersistentSubscriptionSubsystem(within(t), esdb.RestartPersistentSubscriptionSubsystemOptions{}))
	list, err := f.ListAllPersistentSubscriptions(within(t), esdb.ListPersistentSubscriptionsOptions{})
	must(t, err)
	if len(list) != 1 || list[0].EventSource != stream || list[0].GroupName != group {
		t.Errorf("got %+v", list)
	}
	wantGiven(t, f.consume(t, 1), 0, 0)
}

// What a group of the same name had settled is nothing to one that is made after it.
func TestAGroupMadeAnewBeginsAnew(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.append(t, stream, esdb.NoStream{}, events(4)...)
	f.createGroup(t, esdb.Start{}, settings(nil))
	sub := f.consume(t, 1)
	must(t, sub.Ack(wantGiven(t, sub, 0, 0)))
	must(t, sub.Ack(wantGiven(t, sub, 1, 0)))
	wantGiven(t, sub, 2, 0)
	must(t, f.DeletePersistentSubscription(within(t), stream, group, esdb.DeletePersistentSubscriptionOptions{}))
	f.createGroup(t, esdb.Start{}, settings(nil))
	f.append(t, "$persistentsubscription-s::g-checkpoint", esdb.Any{}, event("tea"))
	for revision := range uint64(2) { // before its first checkpoint, and after it
		must(t, f.server.Close())
		f = openAt(t, f.path)
		sub = f.consume(t, 1)
		must(t, sub.Ack(wantGiven(t, sub, revision, 0)))
		eventually(t, "it is noted", func() bool {
			at := f.groupInfo(t).Stats.LastCheckpointedEventRevision
			return at != nil && *at == revision
		})
		f.append(t, "$persistentsubscription-s::g-checkpoint", esdb.Any{}, event("tea"))
	}
	kept, err := f.readStream(t, "$$$persistentsubscription-s::g-checkpoint", esdb.ReadStreamOptions{}, 1)
	if err != nil || !containsAll(string(kept[0].Data), `"$maxCount":2`, `"$tb":`) {
		t.Errorf("got metadata %s, %v, want that what was deleted stays so", kept[0].Data, err)
	}
}
