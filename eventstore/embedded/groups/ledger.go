package groups

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"suivi/eventstore/embedded/eventlog"
)

// What groups keep in the log. The names of streams and types are a real server's.

const (
	configStream   = "$persistentSubscriptionConfig"
	configType     = "$PersistentConfig"
	checkpointType = "$SubscriptionCheckpoint"
)

// How many of the newest events of a stream are tried for one that can be read.
const newestTried = 10

// readNewest hands the newest event of a stream to read. Anybody who may write
// there decides what is in it, so one that read refuses is logged, and the one
// before it is tried, but none that was deleted: it is of another group.
func readNewest(ctx context.Context, log *eventlog.Log, logger *slog.Logger, stream string, read func(*eventlog.Record) error) error {
	st, err := log.FindStream(ctx, stream)
	if err != nil || st.Tombstoned || !st.Readable() {
		return err
	}
	from := int64(0)
	if before := st.Metadata.TruncateBefore; before != nil {
		from = *before
	}
	page, err := log.Revisions(ctx, st, from, st.Last, true, newestTried)
	if err != nil {
		return err
	}
	for _, r := range page {
		err := read(r)
		if err == nil {
			return nil
		}
		logger.Error("what persistent subscriptions keep is not readable; what was kept before it holds", "stream", stream, "revision", r.Rev, "error", err)
	}
	return nil
}

func appendJSON(ctx context.Context, log *eventlog.Log, stream, typ string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	_, err = write(ctx, log, stream, eventlog.Proposed{ID: uuid.New(), Type: typ, JSON: true, Data: text})
	return err
}

func write(ctx context.Context, log *eventlog.Log, stream string, event eventlog.Proposed) (int64, error) {
	done, err := log.Write(ctx, &eventlog.Write{Stream: stream, Expected: eventlog.ExpectAny, Events: []eventlog.Proposed{event}})
	return done.Last, err
}

// setMetadata replaces the metadata of a stream of the groups' own.
func setMetadata(ctx context.Context, log *eventlog.Log, stream string, metadata map[string]int64) error {
	return appendJSON(ctx, log, eventlog.MetastreamOf(stream), eventlog.MetadataType, metadata)
}

// keepTwo lets the log forget what is overwritten. What was deleted stays so.
func keepTwo(ctx context.Context, log *eventlog.Log, stream string) error {
	st, err := log.FindStream(ctx, stream)
	if err != nil {
		return err
	}
	metadata := map[string]int64{"$maxCount": 2}
	if before := st.Metadata.TruncateBefore; before != nil {
		metadata["$tb"] = min(*before, st.Last+1)
	}
	return setMetadata(ctx, log, stream, metadata)
}

// FormatPlace writes a place as clients read it: "5" in a stream, "C:5/P:5" in $all.
func (k Key) FormatPlace(place int64) string {
	if k.Source == All {
		return fmt.Sprintf("C:%d/P:%d", place, place)
	}
	return strconv.FormatInt(place, 10)
}

func parsePlace(text string) (int64, error) {
	if commit, _, ok := strings.Cut(strings.TrimPrefix(text, "C:"), "/P:"); ok {
		text = commit
	}
	return strconv.ParseInt(text, 10, 64)
}

// loadCheckpoint is up to where a group has settled everything; noPlace when it has
// no checkpoint: then it begins as it was made, and some events come again.
func loadCheckpoint(ctx context.Context, log *eventlog.Log, logger *slog.Logger, key Key) (int64, error) {
	place := noPlace
	err := readNewest(ctx, log, logger, key.checkpoints(), func(r *eventlog.Record) error {
		var text string
		if err := json.Unmarshal(r.Data, &text); err != nil {
			return err
		}
		at, err := parsePlace(text)
		if err == nil && at < 0 {
			err = fmt.Errorf("no event has the place %d", at)
		}
		if err == nil {
			place = at
		}
		return err
	})
	return place, err
}

func writeCheckpoint(ctx context.Context, log *eventlog.Log, key Key, place int64, first bool) error {
	if first {
		if err := keepTwo(ctx, log, key.checkpoints()); err != nil {
			return err
		}
	}
	return appendJSON(ctx, log, key.checkpoints(), checkpointType, key.FormatPlace(place))
}

// parkedEvents is where a group stands with what it has parked. A replayed event
// leaves the parked ones only when somebody has dealt with it, so that a crash
// meanwhile costs nothing.
type parkedEvents struct {
	last   int64 // newest revision; -1 when there is none
	from   int64 // first one that was not replayed
	wanted int64 // replay up to this one, without it
	kept   int64 // what the log's own $tb says
	inWork map[int64]struct{}
}

func loadParked(ctx context.Context, log *eventlog.Log, key Key) (parkedEvents, error) {
	st, err := log.FindStream(ctx, key.parked())
	if err != nil {
		return parkedEvents{}, err
	}
	p := parkedEvents{last: st.Last, inWork: map[int64]struct{}{}}
	switch {
	case st.Tombstoned:
		p.last = -1
	case st.Metadata.SoftDeleted():
		p.from = st.Last + 1
	default:
		p.from, _ = st.Window(time.Now())
	}
	p.from = min(p.from, p.last+1)
	p.kept = p.from
	return p, nil
}

func (p *parkedEvents) count() int64 { return p.last + 1 - p.from }

func (p *parkedEvents) begin(rev int64) { p.inWork[rev] = struct{}{} }
func (p *parkedEvents) done(rev int64)  { delete(p.inWork, rev) }

// low is the first revision that must stay.
func (p *parkedEvents) low() int64 {
	low := p.from
	for rev := range p.inWork {
		low = min(low, rev)
	}
	return low
}

// behind tells whether the log holds parked events that have been dealt with.
func (p *parkedEvents) behind() bool { return p.from > p.kept && p.low() > p.kept }

func (p *parkedEvents) truncate(ctx context.Context, log *eventlog.Log, key Key) error {
	low := p.low()
	if err := setMetadata(ctx, log, key.parked(), map[string]int64{"$tb": low}); err != nil {
		return err
	}
	p.kept = low
	return nil
}

// page is the next parked links to replay.
func (p *parkedEvents) page(ctx context.Context, log *eventlog.Log, key Key, limit int) ([]*eventlog.Record, error) {
	st, err := log.FindStream(ctx, key.parked())
	if err != nil {
		return nil, err
	}
	return log.Revisions(ctx, st, p.from, p.wanted-1, false, min(limit, eventlog.PageRows))
}

// writeParked adds a link to the event, with the reason, to the parked ones.
func writeParked(ctx context.Context, log *eventlog.Log, key Key, m *message) (int64, error) {
	of := m.original()
	metadata, err := json.Marshal(struct {
		Added  time.Time `json:"added"`
		Reason string    `json:"reason"`
		Number int64     `json:"subscriptionEventNumber"`
	}{time.Now().UTC(), m.reason, m.place})
	if err != nil {
		return 0, err
	}
	return write(ctx, log, key.parked(), eventlog.Proposed{
		ID: uuid.New(), Type: eventlog.LinkType, Data: fmt.Appendf(nil, "%d@%s", of.Rev, of.Stream), Metadata: metadata,
	})
}

// entry is a group in the configuration.
type entry struct {
	Stream string `json:"stream"`
	Group  string `json:"group"`
	// After is the place after which the group begins, decided when it was made: a
	// group that begins at the end must not lose what comes before its first checkpoint.
	After int64 `json:"after"`
	Settings
}

type configuration struct {
	Version string    `json:"version"`
	Updated time.Time `json:"updated"`
	Entries []entry   `json:"entries"`
}

// valid says what a group could not have been made with.
func (e *entry) valid() error {
	if e.Stream == "" || e.Group == "" || strings.ContainsRune(e.Stream, 0) {
		return fmt.Errorf("the group %q of %q has no name that clients could use", e.Group, e.Stream)
	}
	return e.check()
}

func loadConfiguration(ctx context.Context, log *eventlog.Log, logger *slog.Logger) (configuration, error) {
	var c configuration
	err := readNewest(ctx, log, logger, configStream, func(r *eventlog.Record) error {
		if r.Type != configType {
			return fmt.Errorf("it is of the type %q", r.Type)
		}
		var kept configuration
		if err := json.Unmarshal(r.Data, &kept); err != nil {
			return err
		}
		c = kept
		return nil
	})
	return c, err
}

func (c configuration) write(ctx context.Context, log *eventlog.Log) error {
	st, err := log.FindStream(ctx, configStream)
	if err != nil {
		return err
	}
	if st.Last == eventlog.NoEvents {
		if err := keepTwo(ctx, log, configStream); err != nil {
			return err
		}
	}
	c.Version, c.Updated = "2", time.Now().UTC()
	return appendJSON(ctx, log, configStream, configType, c)
}

// forget deletes what a group has kept.
func forget(ctx context.Context, log *eventlog.Log, key Key) error {
	var errs []error
	for _, stream := range []string{key.checkpoints(), key.parked()} {
		st, err := log.FindStream(ctx, stream)
		if err == nil && st.Readable() && !st.Tombstoned {
			_, err = log.Write(ctx, &eventlog.Write{Kind: eventlog.Delete, Stream: stream, Expected: eventlog.ExpectAny})
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// allParked is the end of a replay that has no other.
const allParked = int64(math.MaxInt64)
