package embedded_test

import (
	"errors"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// With a revision, a repetition is known for ever; without one, by what the server
// still remembers, which is what an embedded one has taken last.
func TestARepetitionIsKnownHoweverManyEventsLie(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		old := events(3)
		first := f.append(t, f.stream(), esdb.NoStream{}, old...)
		later, forgotten := f.append(t, f.stream(), esdb.Revision(2), events(1)...), 1
		if !f.shared() {
			forgotten = 66 // more than eventlog remembers
		}
		for range forgotten {
			f.append(t, f.name("other"), esdb.Any{}, events(1000)...)
		}
		if again := f.append(t, f.stream(), esdb.NoStream{}, old...); *again != *first {
			t.Errorf("no stream: got %+v, want %+v", again, first)
		}
		if again := f.append(t, f.stream(), esdb.Revision(1), old[2]); again.NextExpectedVersion != 2 {
			t.Errorf("revision: got %+v, want 2 again", again)
		}
		for name, proposed := range map[string][]esdb.EventData{
			"another event in between": {old[0], event("x"), old[2]}, "one too many": append(old[:3:3], event("x")), "another order": {old[1], old[0]},
		} {
			_, err := f.AppendToStream(within(t), f.stream(), esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, proposed...)
			var failed *esdb.Error
			if !errors.As(err, &failed) || failed.Code() != esdb.ErrorCodeWrongExpectedVersion {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if got, err := f.readStream(t, f.stream(), esdb.ReadStreamOptions{}, 10); err != nil || len(got) != 4 || got[3].Position.Commit != later.CommitPosition {
			t.Errorf("got %v, %v, want the four", revisions(got), err)
		}
		if f.shared() { // for how long it remembers is its own
			return
		}
		if again := f.append(t, f.stream(), esdb.Any{}, old[0]); again.NextExpectedVersion != 4 {
			t.Errorf("any: got %+v, want it written as an event that nobody remembers", again)
		}
	})
}

func TestAnIDTwiceInOneAppendIsWrittenTwice(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		e := event("twice")
		if got := f.append(t, f.stream(), esdb.Any{}, e, e).NextExpectedVersion; got != 1 {
			t.Errorf("got last revision %d, want 1", got)
		}
	})
}

func TestTheSameIDInAnotherStreamIsAnotherEvent(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		e := event("moved")
		f.append(t, f.name("one"), esdb.Any{}, e)
		f.append(t, f.name("two"), esdb.Any{}, e)
		if got, err := f.readStream(t, f.name("two"), esdb.ReadStreamOptions{}, 10); err != nil || len(got) != 1 || got[0].EventID != e.EventID {
			t.Errorf("got %v, %v, want the event", got, err)
		}
	})
}
