package eventstore_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"suivi/eventstore"
)

// The contract of Store holds on the embedded server and, when TEST_EVENTSTORE_URL
// names one, on a real EventStoreDB.
func TestStoreContract(t *testing.T) {
	t.Parallel()
	servers := map[string]string{"embedded": startEmbedded(t).ConnectionString()}
	if url := os.Getenv("TEST_EVENTSTORE_URL"); url != "" { //nolint:forbidigo // tests choose their servers so
		servers["real"] = url
	}
	for server, url := range servers {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			c := contract{Store: open(t, url), url: url}
			t.Run("an append is read back as it was", c.appendIsReadBack)
			t.Run("expected revisions are held", c.expectedRevisionsHold)
			t.Run("an append repeated with the same ids is written once", c.repeatIsIdempotent)
			t.Run("an append without events is refused", c.emptyAppendIsRefused)
			t.Run("an append that is too large is refused", c.tooLargeIsRefused)
			t.Run("a read begins at its revision", c.readBeginsAtRevision)
			t.Run("a missing stream is not found, once", c.missingStreamIsNotFound)
			t.Run("a deleted stream is not found, a tombstoned one says", c.deletedStreamsSay)
			t.Run("all is read after a position to the end of the call", c.readAllIsExclusive)
			t.Run("all is filtered by stream or by type", c.readAllFilters)
			t.Run("head is the position of the last event", c.headIsLast)
			t.Run("head of a filter is the position of its last event", c.headIsLastOfFilter)
			t.Run("an ended context ends a call", c.endedContextEnds)
		})
	}
}

type contract struct {
	*eventstore.Store

	url string
}

// newStream names a stream that nobody else has.
func newStream() string { return "contract-" + uuid.NewString() }

func (s contract) appendIsReadBack(t *testing.T) {
	stream, before := newStream(), time.Now().Add(-time.Minute)
	events := newEvents("tested.v1", 3)
	appended, err := s.Append(t.Context(), stream, eventstore.NoStream(), events...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := collect(s.Read(t.Context(), stream, 0))
	if err != nil {
		t.Fatal(err)
	}
	want := make([]eventstore.Recorded, len(events))
	for i, event := range events {
		want[i] = eventstore.Recorded{Event: event, Stream: stream, Revision: uint64(i)}
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(eventstore.Recorded{}, "Position", "Created")); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	last := got[len(got)-1]
	if appended != (eventstore.Appended{Revision: 2, Position: last.Position}) {
		t.Errorf("got %+v, want revision 2 and position %v", appended, last.Position)
	}
	if last.Created.Before(before) || got[0].Position.Compare(last.Position) >= 0 {
		t.Errorf("times or positions are wrong: %+v", got)
	}
}

func (s contract) expectedRevisionsHold(t *testing.T) {
	stream := newStream()
	_, err := s.Append(t.Context(), stream, eventstore.Exactly(0), newEvent("a"))
	wantError(t, err, eventstore.ErrWrongRevision)
	for _, expected := range []eventstore.Expected{eventstore.NoStream(), eventstore.Exactly(0), eventstore.AnyRevision()} {
		if _, err := s.Append(t.Context(), stream, expected, newEvent("a")); err != nil {
			t.Errorf("%v: %v", expected, err)
		}
	}
	for _, expected := range []eventstore.Expected{eventstore.NoStream(), eventstore.Exactly(1), eventstore.Exactly(3)} {
		_, err := s.Append(t.Context(), stream, expected, newEvent("a"))
		wantError(t, err, eventstore.ErrWrongRevision)
	}
}

func (s contract) repeatIsIdempotent(t *testing.T) {
	stream, events := newStream(), newEvents("a", 2)
	first, err := s.Append(t.Context(), stream, eventstore.NoStream(), events...)
	if err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s.Store, stream, newEvent("b"))
	again, err := s.Append(t.Context(), stream, eventstore.NoStream(), events...)
	if err != nil || again != first {
		t.Errorf("got %+v, %v, want %+v", again, err, first)
	}
	if got, err := collect(s.Read(t.Context(), stream, 0)); err != nil || len(got) != 3 {
		t.Errorf("got %d events, %v, want 3", len(got), err)
	}
}

func (s contract) emptyAppendIsRefused(t *testing.T) {
	if _, err := s.Append(t.Context(), newStream(), eventstore.AnyRevision()); err == nil {
		t.Error("got no error")
	}
}

func (s contract) tooLargeIsRefused(t *testing.T) {
	for _, size := range []int{2 << 20, 20 << 20} { // beyond the append's limit, beyond the transport's
		event := newEvent("large")
		event.Data = []byte(`"` + string(bytes.Repeat([]byte("x"), size)) + `"`)
		_, err := s.Append(within(t, longest), newStream(), eventstore.NoStream(), event)
		wantError(t, err, eventstore.ErrTooLarge)
	}
}

func (s contract) readBeginsAtRevision(t *testing.T) {
	stream, events := newStream(), newEvents("a", 5)
	mustAppend(t, s.Store, stream, events...)
	for from, want := range map[uint64][]uuid.UUID{0: idsProposed(events), 2: idsProposed(events[2:]), 4: idsProposed(events[4:]), 5: {}, 9: {}} {
		got, err := collect(s.Read(t.Context(), stream, from))
		if err != nil || !cmp.Equal(want, idsOf(got)) {
			t.Errorf("from %d: got %v, %v, want %v", from, idsOf(got), err, want)
		}
	}
}

func (s contract) missingStreamIsNotFound(t *testing.T) {
	yields := 0
	for _, err := range s.Read(t.Context(), newStream(), 0) {
		yields++
		wantError(t, err, eventstore.ErrStreamNotFound)
	}
	if yields != 1 {
		t.Errorf("got %d yields, want 1", yields)
	}
}

func (s contract) deletedStreamsSay(t *testing.T) {
	config, err := esdb.ParseConnectionString(s.url)
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = nil
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()

	deleted, tombstoned := newStream(), newStream()
	mustAppend(t, s.Store, deleted, newEvent("a"))
	mustAppend(t, s.Store, tombstoned, newEvent("a"))
	if _, err := client.DeleteStream(t.Context(), deleted, esdb.DeleteStreamOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.TombstoneStream(t.Context(), tombstoned, esdb.TombstoneStreamOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err = collect(s.Read(t.Context(), deleted, 0))
	wantError(t, err, eventstore.ErrStreamNotFound)
	_, err = collect(s.Read(t.Context(), tombstoned, 0))
	wantError(t, err, eventstore.ErrStreamDeleted)
	_, err = s.Append(t.Context(), tombstoned, eventstore.AnyRevision(), newEvent("a"))
	wantError(t, err, eventstore.ErrStreamDeleted)
}

func (s contract) readAllIsExclusive(t *testing.T) {
	stream, events := newStream(), newEvents("a", 4)
	first := mustAppend(t, s.Store, stream, events[0])
	mustAppend(t, s.Store, stream, events[1:]...)
	var got []uuid.UUID
	for event, err := range s.ReadAll(t.Context(), first.Position, eventstore.Filter{StreamPrefixes: []string{stream}}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, event.ID)
		mustAppend(t, s.Store, stream, newEvent("later")) // not of this call
	}
	if diff := cmp.Diff(idsProposed(events[1:]), got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	head, err := s.Head(t.Context(), eventstore.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := collect(s.ReadAll(t.Context(), head, eventstore.Filter{StreamPrefixes: []string{stream}})); err != nil || len(got) > 0 {
		t.Errorf("after the end: got %v, %v", got, err)
	}
}

func (s contract) readAllFilters(t *testing.T) {
	mark := uuid.NewString()
	inStream, ofType, neither := newEvent("x"), newEvent(mark+".done"), newEvent("x")
	mustAppend(t, s.Store, mark+"-1", inStream)
	mustAppend(t, s.Store, newStream(), ofType, neither)
	for want, f := range map[uuid.UUID]eventstore.Filter{
		inStream.ID: {StreamPrefixes: []string{"no-such", mark + "-"}},
		ofType.ID:   {TypePrefixes: []string{mark}},
	} {
		got, err := collect(s.ReadAll(t.Context(), eventstore.Position{}, f))
		if err != nil || !cmp.Equal([]uuid.UUID{want}, idsOf(got)) {
			t.Errorf("%+v: got %v, %v, want %v", f, idsOf(got), err, want)
		}
	}
	both := eventstore.Filter{StreamPrefixes: []string{"a"}, TypePrefixes: []string{"b"}}
	if _, err := collect(s.ReadAll(t.Context(), eventstore.Position{}, both)); err == nil {
		t.Error("two filters: got no error")
	}
}

func (s contract) headIsLast(t *testing.T) {
	appended := mustAppend(t, s.Store, newStream(), newEvents("a", 3)...)
	head, err := s.Head(t.Context(), eventstore.Filter{})
	if err != nil || head.Compare(appended.Position) < 0 {
		t.Errorf("got %v, %v, want %v", head, err, appended.Position)
	}
}

// However many events of others follow, the last one that the filter chooses is found.
func (s contract) headIsLastOfFilter(t *testing.T) {
	stream := newStream()
	filter := eventstore.Filter{StreamPrefixes: []string{stream}}
	if head, err := s.Head(t.Context(), filter); err != nil || !head.IsZero() {
		t.Errorf("of no events: got %v, %v", head, err)
	}
	appended := mustAppend(t, s.Store, stream, newEvents("mine", 2)...)
	for _, foreign := range []int{0, 1, 15, 300} {
		if foreign > 0 {
			mustAppend(t, s.Store, newStream(), newEvents("foreign", foreign)...)
		}
		if head, err := s.Head(t.Context(), filter); err != nil || head != appended.Position {
			t.Errorf("before %d events of others: got %v, %v, want %v", foreign, head, err, appended.Position)
		}
	}
	again := mustAppend(t, s.Store, stream, newEvent("mine"))
	mustAppend(t, s.Store, newStream(), newEvents("foreign", 20)...)
	if head, err := s.Head(t.Context(), filter); err != nil || head != again.Position {
		t.Errorf("after one more: got %v, %v, want %v", head, err, again.Position)
	}
}

func (s contract) endedContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, appending := s.Append(ctx, newStream(), eventstore.NoStream(), newEvent("a"))
	_, reading := collect(s.Read(ctx, newStream(), 0))
	_, heading := s.Head(ctx, eventstore.Filter{})
	for _, err := range []error{appending, reading, heading} {
		wantError(t, err, eventstore.ErrUnavailable)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want it to say canceled", err)
		}
	}
}
