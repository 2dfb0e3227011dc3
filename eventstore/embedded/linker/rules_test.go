package linker

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/eventstore/embedded/eventlog"
)

const softDeletion = `{"$tb":9223372036854775807}`

func record(stream string, rev int64, typ, data string) *eventlog.Record {
	return &eventlog.Record{Stream: stream, Rev: rev, Proposed: eventlog.Proposed{Type: typ, Data: []byte(data), JSON: typ != "$>"}}
}

// What each projection makes of an event: "stream: data", "" for nothing. The real
// server's rules are the measure; docs/adr/0011 names the one that is not followed.
func TestWhatIsLinkedWhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                                string
		event                               *eventlog.Record
		category, typ, stream, streamByName string
	}{
		{
			"an event of a category", record("order-7", 3, "placed", "{}"),
			"$ce-order: 3@order-7", "$et-placed: 3@order-7", "", "",
		},
		{
			"the first of a stream", record("order-7", 0, "placed", "{}"),
			"$ce-order: 0@order-7", "$et-placed: 0@order-7", "$streams: 0@order-7", "$category-order: order-7",
		},
		{
			"a category ends at the first hyphen", record("order-line-1-2", 1, "t", "{}"),
			"$ce-order: 1@order-line-1-2", "$et-t: 1@order-line-1-2", "", "",
		},
		{"a hyphen may end the name", record("order-", 1, "t", "{}"), "$ce-order: 1@order-", "$et-t: 1@order-", "", ""},
		{"no hyphen, no category", record("orders", 0, "t", "{}"), "", "$et-t: 0@orders", "$streams: 0@orders", ""},
		{"an empty category is none", record("-7", 0, "t", "{}"), "", "$et-t: 0@-7", "$streams: 0@-7", ""},
		{"a stream of the system", record("$settings-x", 0, "update", "{}"), "", "", "", ""},
		{"a link stream", record("$ce-order", 0, "$>", "3@order-7"), "", "", "", ""},
		{"a checkpoint", record("$projections-$by_category-checkpoint", 0, "$ProjectionCheckpoint", "{}"), "", "", "", ""},
		{"metadata of a stream of the system", record("$$$ce-order", 0, "$metadata", "{}"), "", "", "", ""},
		{
			"a link in a user's stream is not linked, what it stands for is", record("mine-1", 0, "$>", "3@order-7"),
			"$ce-mine: 3@order-7", "", "$streams: 0@mine-1", "$category-mine: mine-1",
		},
		{"metadata", record("$$order-7", 1, "$metadata", `{"$maxCount":3}`), "", "$et-$metadata: 1@$$order-7", "", ""},
		{"metadata before all", record("$$order-7", 0, "$metadata", `{}`), "", "$et-$metadata: 0@$$order-7", "$streams: 0@$$order-7", ""},
		{"a soft deletion", record("$$order-7", 1, "$metadata", softDeletion), "$ce-order: 1@$$order-7", "$et-$deleted: 1@$$order-7", "", ""},
		{"metadata that is not JSON", record("$$order-7", 1, "$metadata", softDeletion[1:]), "", "$et-$metadata: 1@$$order-7", "", ""},
		{
			"a tombstone", record("order-7", math.MaxInt64, "$streamDeleted", ""),
			"$ce-order: 9223372036854775807@order-7", "$et-$deleted: 9223372036854775807@order-7", "", "",
		},
	} {
		for p, want := range map[Projection]string{ByCategory: c.category, ByEventType: c.typ, Streams: c.stream, StreamByCategory: c.streamByName} {
			got := ""
			if l, ok := p.rule()(c.event); ok && passes(c.event.Stream) {
				got = l.stream + ": " + l.data
			}
			if got != want {
				t.Errorf("%s, %s: got %q, want %q", c.name, p, got, want)
			}
		}
	}
}

func TestProjectionsAreNamedOneByOneOrAll(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names []string
		want  []Projection
	}{
		{nil, nil},
		{[]string{"by_category"}, []Projection{ByCategory}},
		{[]string{"streams", " $by_category", "streams"}, []Projection{ByCategory, Streams}},
		{[]string{"streams", "all"}, []Projection{ByCategory, ByEventType, StreamByCategory, Streams}},
	} {
		got, err := Parse(c.names)
		if err != nil || !cmp.Equal(got, c.want) {
			t.Errorf("%q: got %v, %v, want %v", c.names, got, err, c.want)
		}
	}
	want := `there is no system projection "by_color": there are by_category, by_event_type, streams, stream_by_category, and all for all of them`
	if _, err := Parse([]string{"by_color"}); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if _, err := Open(t.Context(), nil, nil, []Projection{"by_color"}); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
