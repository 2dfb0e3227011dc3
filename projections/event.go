package projections

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/library"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// The streams that read models are made of.
const (
	ticketStreams  = "ticket-"
	trackerStreams = "tracker-"
	treeStreams    = "hierarchy-"
	libraryStream  = library.Stream
)

func filter() eventstore.Filter {
	return eventstore.Filter{StreamPrefixes: []string{ticketStreams, trackerStreams, treeStreams, dependency.Stream, libraryStream}}
}

// event is a stored event, decoded once for all projections. It is of a ticket,
// of a tracker, of the tree of trackers, where it places the tracker of the key,
// of the dependencies or of the library: the fields of the others are empty.
type event struct {
	eventstore.Recorded
	meta domain.Meta

	ticketID    domain.TicketID
	ticketEvent ticket.Event

	trackerKey   domain.TrackerKey
	trackerEvent tracker.Event
	placed       *tracker.ParentSet

	dependencyEvent dependency.Event
	libraryEvent    library.Event
}

// number is how many events the aggregate has with this one.
func (e event) number() int64 { return int64(e.Revision) + 1 }

func decodeAll(recorded []eventstore.Recorded) ([]event, error) {
	events := make([]event, len(recorded))
	for i, r := range recorded {
		var err error
		if events[i], err = decode(r); err != nil {
			return nil, fmt.Errorf("event %d@%s at %s: %w", r.Revision, r.Stream, r.Position, err)
		}
	}
	return events, nil
}

func decode(r eventstore.Recorded) (event, error) {
	e := event{Recorded: r}
	var err error
	if e.Data, err = withoutNUL(r.Data); err != nil {
		return event{}, fmt.Errorf("read the data: %w", err)
	}
	if err := json.Unmarshal(r.Metadata, &e.meta); err != nil {
		return event{}, fmt.Errorf("read the metadata: %w", err)
	}
	e.meta.OccurredAt = stored(e.meta.OccurredAt)
	switch {
	case strings.HasPrefix(r.Stream, ticketStreams):
		e.ticketID = domain.TicketID(strings.TrimPrefix(r.Stream, ticketStreams))
		e.ticketEvent, err = ticket.Decode(r.Type, e.Data)
	case strings.HasPrefix(r.Stream, trackerStreams):
		e.trackerKey = domain.TrackerKey(strings.TrimPrefix(r.Stream, trackerStreams))
		e.trackerEvent, err = tracker.Decode(r.Type, e.Data)
	case strings.HasPrefix(r.Stream, treeStreams):
		var placed tracker.ParentSet
		placed, err = tracker.DecodeHierarchy(r.Type, e.Data)
		e.trackerKey, e.placed = placed.Tracker, &placed
	case r.Stream == dependency.Stream:
		e.dependencyEvent, err = dependency.Decode(r.Type, e.Data)
	case r.Stream == libraryStream:
		e.libraryEvent, err = library.Decode(r.Type, e.Data)
	}
	return e, err
}

// stored is the time as both databases keep it.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// withoutNUL replaces U+0000, which Postgres has no place for, neither in TEXT
// nor in JSONB, by U+FFFD. Decide refuses it; the store may hold some from elsewhere.
func withoutNUL(data []byte) ([]byte, error) {
	if !bytes.Contains(data, []byte(`\u0000`)) {
		return data, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	return json.Marshal(cleaned(value))
}

func cleaned(value any) any {
	switch v := value.(type) {
	case string:
		return strings.ReplaceAll(v, "\x00", "\ufffd")
	case []any:
		for i := range v {
			v[i] = cleaned(v[i])
		}
	case map[string]any:
		for key, inner := range v {
			delete(v, key)
			v[strings.ReplaceAll(key, "\x00", "\ufffd")] = cleaned(inner)
		}
	}
	return value
}
