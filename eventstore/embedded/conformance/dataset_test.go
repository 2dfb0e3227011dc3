package conformance_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"suivi/eventstore/embedded/eventlog"
)

// The streams of the populated database that the suite reads, and how many events
// it wants in them.
const (
	stream0    = "dataset20M-0"
	length0    = 6000
	stream1800 = "dataset20M-1800"
	length1800 = 2000

	// Between events whose positions nobody asks about.
	fillerStep = 100
)

// fillersCreated is before the day of the last events of the database.
var fillersCreated = time.Date(2020, time.January, 12, 0, 0, 0, 0, time.UTC)

// dataset is the database that the suite calls populated, as far as the suite can
// tell: the events that its fixtures describe stand where they say, and streams
// whose length counts are filled up between them. Each event is yielded in order
// of position.
func dataset(fixtures string) iter.Seq2[*eventlog.Record, error] {
	return func(yield func(*eventlog.Record, error) bool) {
		records, err := datasetRecords(fixtures)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func datasetRecords(fixtures string) ([]*eventlog.Record, error) {
	known := map[int64]*eventlog.Record{}
	if err := addFiltered(fixtures, known); err != nil {
		return nil, err
	}
	if err := addDescribed(fixtures, known); err != nil {
		return nil, err
	}
	streams := map[string][]*eventlog.Record{}
	for _, r := range known {
		streams[r.Stream] = append(streams[r.Stream], r)
	}
	streams[stream0] = filled(streams[stream0], length0)
	streams[stream1800] = filled(streams[stream1800], length1800)
	records := slices.Concat(slices.Collect(maps.Values(streams))...)
	slices.SortFunc(records, func(a, b *eventlog.Record) int { return cmp.Compare(a.Pos, b.Pos) })
	return records, nil
}

// describedEvent is an event as the fixtures describe it.
type describedEvent struct {
	Event struct {
		StreamID       string
		StreamRevision struct{ Value int64 }
		EventID        uuid.UUID
		EventType      string
		EventData      []byte // written as an array of numbers
		UserMetadata   []byte
		ContentType    string
		Position       position
		Created        struct{ Seconds, Nanos int64 }
	}
}

type position struct{ Commit int64 }

func (d *describedEvent) record() *eventlog.Record {
	e := &d.Event
	return &eventlog.Record{
		Pos: e.Position.Commit, Stream: e.StreamID, Rev: e.StreamRevision.Value,
		Created: eventlog.Ticks(time.Unix(e.Created.Seconds, e.Created.Nanos)),
		Proposed: eventlog.Proposed{
			ID: e.EventID, Type: e.EventType, JSON: e.ContentType == "application/json",
			Data: e.EventData, Metadata: e.UserMetadata,
		},
	}
}

// addDescribed adds the events that the fixtures describe in full, by position.
func addDescribed(fixtures string, known map[int64]*eventlog.Record) error {
	for _, name := range []string{
		"all-e0-e10", "all-c1788-p1788", "all-back-c3386-p3386", "all-back-e0-e10",
		"dataset20M-1800-e0-e10", "dataset20M-1800-e1999-e1990",
	} {
		var events []describedEvent
		if err := readFixture(fixtures, name, &events); err != nil {
			return err
		}
		for _, e := range events {
			r := e.record()
			known[r.Pos] = r
		}
	}
	return nil
}

// addFiltered adds the events whose type begins with eventType-194, of which the
// fixtures tell the positions and revisions alone. Those of dataset20M-0 come
// first; where the revisions fall, dataset20M-1800 begins.
func addFiltered(fixtures string, known map[int64]*eventlog.Record) error {
	var positions []position
	var revisions []int64
	if err := readFixture(fixtures, "all-positions-filtered-stream-194-e0-e30", &positions); err != nil {
		return err
	}
	if err := readFixture(fixtures, "all-versions-filtered-stream-194-e0-e30", &revisions); err != nil {
		return err
	}
	if len(positions) != len(revisions) {
		return fmt.Errorf("%d positions for %d revisions of events of type eventType-194", len(positions), len(revisions))
	}
	stream := stream0
	for i, rev := range revisions {
		if i > 0 && rev < revisions[i-1] {
			stream = stream1800
		}
		known[positions[i].Commit] = filler(stream, rev, positions[i].Commit, "eventType-194")
	}
	return nil
}

func readFixture(folder, name string, into any) error {
	text, err := os.ReadFile(filepath.Join(folder, name+".json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func filler(stream string, rev, pos int64, typ string) *eventlog.Record {
	id := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%s/%d", stream, rev))
	return &eventlog.Record{
		Pos: pos, Stream: stream, Rev: rev, Created: eventlog.Ticks(fillersCreated),
		Proposed: eventlog.Proposed{ID: id, Type: typ, JSON: true, Data: []byte("{}")},
	}
}

// filled makes a stream that long: known events stay where they are, and the others
// are put between, before and after them. There must be at least one.
func filled(known []*eventlog.Record, length int64) []*eventlog.Record {
	slices.SortFunc(known, func(a, b *eventlog.Record) int { return cmp.Compare(a.Rev, b.Rev) })
	out := make([]*eventlog.Record, 0, length)
	next := 0
	for rev := range length {
		if next < len(known) && known[next].Rev == rev {
			out = append(out, known[next])
			next++
			continue
		}
		out = append(out, filler(known[0].Stream, rev, between(known, next, rev), "filler"))
	}
	return out
}

// between is the position of a revision that stands before known[next] and after the one before it.
func between(known []*eventlog.Record, next int, rev int64) int64 {
	if next == 0 {
		return known[0].Pos - (known[0].Rev-rev)*fillerStep
	}
	before := known[next-1]
	if next == len(known) {
		return before.Pos + (rev-before.Rev)*fillerStep
	}
	after := known[next]
	return before.Pos + (after.Pos-before.Pos)*(rev-before.Rev)/(after.Rev-before.Rev)
}
