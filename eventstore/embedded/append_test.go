package embedded_test

import (
	"math"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// appendCase is one row of the server's table of expected revisions and idempotency.
type appendCase struct {
	name     string
	prepare  func(t *testing.T, f *fixture, old []esdb.EventData)
	expected esdb.ExpectedRevision
	events   func(old []esdb.EventData) []esdb.EventData
	// Wanted: an error code, or a last revision and how many events the log has gained.
	code   esdb.ErrorCode
	last   uint64
	gained int
}

const stream = "s"

func threeEvents(t *testing.T, f *fixture, old []esdb.EventData) {
	f.append(t, f.stream(), esdb.NoStream{}, old...)
}

func softDeleted(t *testing.T, f *fixture, old []esdb.EventData) {
	threeEvents(t, f, old)
	if _, err := f.DeleteStream(within(t), f.stream(), esdb.DeleteStreamOptions{ExpectedRevision: esdb.Revision(2)}); err != nil {
		t.Fatal(err)
	}
}

func tombstoned(t *testing.T, f *fixture, old []esdb.EventData) {
	threeEvents(t, f, old)
	if _, err := f.TombstoneStream(within(t), f.stream(), esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Revision(2)}); err != nil {
		t.Fatal(err)
	}
}

func onlyMetadata(t *testing.T, f *fixture, _ []esdb.EventData) {
	setMetadata(t, f, `{"$maxCount":5}`)
}

func nothing(*testing.T, *fixture, []esdb.EventData) {}

func fresh(n int) func([]esdb.EventData) []esdb.EventData {
	return func([]esdb.EventData) []esdb.EventData { return events(n) }
}

// again picks earlier events by index; -1 is a fresh one.
func again(indexes ...int) func([]esdb.EventData) []esdb.EventData {
	return func(old []esdb.EventData) []esdb.EventData {
		var out []esdb.EventData
		for _, i := range indexes {
			if i < 0 {
				out = append(out, event("fresh"))
			} else {
				out = append(out, old[i])
			}
		}
		return out
	}
}

func appendCases() []appendCase {
	const wrong, deleted = esdb.ErrorCodeWrongExpectedVersion, esdb.ErrorCodeStreamDeleted
	return []appendCase{
		{"no stream, none there", nothing, esdb.NoStream{}, fresh(2), 0, 1, 2},
		{"no stream, one there", threeEvents, esdb.NoStream{}, fresh(1), wrong, 0, 0},
		{"no stream, the same events", threeEvents, esdb.NoStream{}, again(0, 1, 2), 0, 2, 0},
		{"no stream, the first of the events", threeEvents, esdb.NoStream{}, again(0), 0, 0, 0},
		{"no stream, the same and one more", threeEvents, esdb.NoStream{}, again(0, 1, 2, -1), wrong, 0, 0},
		{"no stream, same then other", threeEvents, esdb.NoStream{}, again(0, -1), wrong, 0, 0},
		{"no stream, other order", threeEvents, esdb.NoStream{}, again(1, 0), wrong, 0, 0},
		{"no stream, soft-deleted", softDeleted, esdb.NoStream{}, fresh(1), 0, 3, 2},
		{"no stream, soft-deleted, the same events", softDeleted, esdb.NoStream{}, again(0, 1, 2), 0, 2, 0},
		{"no stream, soft-deleted, same then other", softDeleted, esdb.NoStream{}, again(0, -1), wrong, 0, 0},
		{"no stream, tombstoned", tombstoned, esdb.NoStream{}, fresh(1), deleted, 0, 0},
		{"no stream, only metadata", onlyMetadata, esdb.NoStream{}, fresh(1), 0, 0, 1},
		{"revision, current", threeEvents, esdb.Revision(2), fresh(2), 0, 4, 2},
		{"revision, above", threeEvents, esdb.Revision(3), fresh(1), wrong, 0, 0},
		{"revision, far above", threeEvents, esdb.Revision(math.MaxInt64 - 1), fresh(1), wrong, 0, 0},
		{"revision, none there", nothing, esdb.Revision(0), fresh(1), wrong, 0, 0},
		{"revision, below", threeEvents, esdb.Revision(1), fresh(1), wrong, 0, 0},
		{"revision, below, the same events", threeEvents, esdb.Revision(0), again(1, 2), 0, 2, 0},
		{"revision, below, same then other", threeEvents, esdb.Revision(0), again(1, -1), wrong, 0, 0},
		{"revision, below, events of another place", threeEvents, esdb.Revision(1), again(1), wrong, 0, 0},
		{"revision, soft-deleted, current", softDeleted, esdb.Revision(2), fresh(1), 0, 3, 2},
		{"revision, soft-deleted, below", softDeleted, esdb.Revision(1), fresh(1), wrong, 0, 0},
		{"revision, tombstoned", tombstoned, esdb.Revision(2), fresh(1), deleted, 0, 0},
		{"any, none there", nothing, esdb.Any{}, fresh(1), 0, 0, 1},
		{"any, one there", threeEvents, esdb.Any{}, fresh(1), 0, 3, 1},
		{"any, the same events", threeEvents, esdb.Any{}, again(0, 1, 2), 0, 2, 0},
		{"any, one of the events", threeEvents, esdb.Any{}, again(1), 0, 1, 0},
		{"any, same then other", threeEvents, esdb.Any{}, again(0, -1), wrong, 0, 0},
		{"any, other then same", threeEvents, esdb.Any{}, again(-1, 0), 0, 4, 2},
		{"any, soft-deleted", softDeleted, esdb.Any{}, fresh(1), 0, 3, 2},
		{"any, tombstoned", tombstoned, esdb.Any{}, fresh(1), deleted, 0, 0},
		{"stream exists, none there", nothing, esdb.StreamExists{}, fresh(1), wrong, 0, 0},
		{"stream exists, one there", threeEvents, esdb.StreamExists{}, fresh(1), 0, 3, 1},
		{"stream exists, the same events", threeEvents, esdb.StreamExists{}, again(2), 0, 2, 0},
		{"stream exists, same then other", threeEvents, esdb.StreamExists{}, again(2, -1), wrong, 0, 0},
		{"stream exists, soft-deleted", softDeleted, esdb.StreamExists{}, fresh(1), deleted, 0, 0},
		{"stream exists, tombstoned", tombstoned, esdb.StreamExists{}, fresh(1), deleted, 0, 0},
		{"stream exists, only metadata", onlyMetadata, esdb.StreamExists{}, fresh(1), 0, 0, 1},
		{"no events, any, none there", nothing, esdb.Any{}, fresh(0), 0, 0, 0}, // the client shows "no stream" as 0
		{"no events, current", threeEvents, esdb.Revision(2), fresh(0), 0, 2, 0},
		{"no events, below", threeEvents, esdb.Revision(1), fresh(0), wrong, 0, 0},
		{"no events, above", threeEvents, esdb.Revision(3), fresh(0), wrong, 0, 0},
		{"no events, soft-deleted, no stream", softDeleted, esdb.NoStream{}, fresh(0), wrong, 0, 0},
		{"no events, soft-deleted, any", softDeleted, esdb.Any{}, fresh(0), 0, 2, 0},
	}
}

func TestAppendObeysTheExpectedRevision(t *testing.T) {
	t.Parallel()
	for _, c := range appendCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onEachServer(t, func(t *testing.T, f *fixture) {
				old := events(3)
				c.prepare(t, f, old)
				before := f.own(t)
				proposed := c.events(old)
				result, err := f.AppendToStream(within(t), f.stream(), esdb.AppendToStreamOptions{ExpectedRevision: c.expected}, proposed...)
				after := f.own(t)
				if gained := len(after) - len(before); gained != c.gained {
					t.Errorf("got %d new events, want %d", gained, c.gained)
				}
				if c.code != 0 {
					wantCode(t, err, c.code)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if result.NextExpectedVersion != c.last {
					t.Errorf("got last revision %d, want %d", result.NextExpectedVersion, c.last)
				}
				if len(proposed) > 0 || !f.shared() { // a real one may say more of an append without events
					wantPositionOf(t, after, proposed, result)
				}
			})
		})
	}
}

// wantPositionOf checks that an append answers with the place of its last event.
func wantPositionOf(t *testing.T, log []*esdb.RecordedEvent, proposed []esdb.EventData, result *esdb.WriteResult) {
	t.Helper()
	want := esdb.Position{}
	for _, e := range log {
		if len(proposed) > 0 && e.EventID == proposed[len(proposed)-1].EventID && e.EventNumber == result.NextExpectedVersion {
			want = e.Position
		}
	}
	got := esdb.Position{Commit: result.CommitPosition, Prepare: result.PreparePosition}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("position (-want +got):\n%s", diff)
	}
}

// Numbers that no real server can hold.
func TestARevisionBeyondAllIsWrong(t *testing.T) {
	t.Parallel()
	f := open(t)
	threeEvents(t, f, events(3))
	_, err := f.AppendToStream(within(t), stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Revision(math.MaxUint64 - 1)}, event("x"))
	wantCode(t, err, esdb.ErrorCodeWrongExpectedVersion)
	if own := f.own(t); len(own) != 4 { // and $users
		t.Errorf("there are %d events, want the old ones", len(own))
	}
}

func TestAnEventComesBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		written := []esdb.EventData{
			{EventID: uuid.New(), EventType: "json", ContentType: esdb.ContentTypeJson, Data: []byte(`{"ä":1}`), Metadata: []byte(`{"who":"x"}`)},
			{EventID: uuid.New(), EventType: "bytes \x00 ü", ContentType: esdb.ContentTypeBinary, Data: []byte{0, 255, 0}},
			{EventID: uuid.New(), EventType: "empty", ContentType: esdb.ContentTypeJson},
		}
		if !f.shared() { // a real one wants a type
			written[2].EventType = ""
		}
		name := f.name("ström 'x'")
		f.append(t, name, esdb.NoStream{}, written...)
		got, err := f.readStream(t, name, esdb.ReadStreamOptions{}, 10)
		if err != nil || len(got) != len(written) {
			t.Fatalf("got %d events, %v", len(got), err)
		}
		types := map[esdb.ContentType]string{esdb.ContentTypeJson: "application/json", esdb.ContentTypeBinary: "application/octet-stream"}
		for i, w := range written {
			g := got[i]
			want := esdb.RecordedEvent{
				EventID: w.EventID, EventType: w.EventType, ContentType: types[w.ContentType], StreamID: name,
				EventNumber: uint64(i), Position: g.Position, CreatedDate: g.CreatedDate, SystemMetadata: g.SystemMetadata,
				Data: append([]byte{}, w.Data...), UserMetadata: append([]byte{}, w.Metadata...),
			}
			g.Data, g.UserMetadata = append([]byte{}, g.Data...), append([]byte{}, g.UserMetadata...)
			if diff := cmp.Diff(want, *g); diff != "" {
				t.Errorf("event %d (-want +got):\n%s", i, diff)
			}
		}
	})
}
