package eventstore

import (
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func TestBatchRoundTrip(t *testing.T) {
	t.Parallel()
	full := Recorded{
		Event:    Event{ID: uuid.New(), Type: "a.v1", Data: []byte(`{"a":1}`), Metadata: []byte(`{}`)},
		Stream:   "s-1",
		Revision: 7,
		Position: Position{Commit: 9, Prepare: 8},
		Created:  time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC),
	}
	empty := Recorded{Event: Event{ID: uuid.New(), Type: "b"}, Stream: "s-1", Created: full.Created}
	want := []Recorded{full, empty, full}
	msg := packBatch([]taken{{Recorded: full}, {Recorded: empty}, {Recorded: full}})
	got, err := Unpack(msg.Copy())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestForeignMessagesAreRefused(t *testing.T) {
	t.Parallel()
	foreign := message.NewMessage("id", []byte("x"))
	if events, err := Unpack(foreign); err == nil {
		t.Errorf("got %v", events)
	}
}

func FuzzUnpackBatch(f *testing.F) {
	f.Add([]byte(packBatch([]taken{{Recorded: Recorded{Event: Event{Type: "a", Data: []byte("d")}, Stream: "s"}}}).Payload), "1")
	f.Add([]byte{}, "0")
	f.Fuzz(func(t *testing.T, payload []byte, count string) {
		events, err := unpackBatch(payload, count)
		if err != nil && events != nil {
			t.Errorf("got %v with %v", events, err)
		}
	})
}
