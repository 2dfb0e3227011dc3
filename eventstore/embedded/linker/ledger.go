package linker

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"

	"suivi/eventstore/embedded/eventlog"
)

// What projections keep in the log. The names of streams, types and metadata are a
// real server's.

const checkpointType = "$ProjectionCheckpoint"

// How far back a page looks for the newest link of a stream.
const lookBack = 32

// Metadata of the streams that projections make: everybody may read links, and the
// log may forget old checkpoints.
const (
	readableByAll = `{"$acl":{"$r":"$all","$mr":"$all"}}`
	keepTwo       = `{"$maxCount":2}`
)

// tagVersion is the version of a projection as a real server has it: its number, its
// epoch, its version, and that of the form of its checkpoints.
const tagVersion = "1:-1:1:4"

func (p Projection) checkpoints() string { return "$projections-$" + string(p) + "-checkpoint" }

// tag is the metadata of links and checkpoints. The position is that of the event
// that was linked, or up to which all is linked: so each link stream tells by itself
// how far it is.
type tag struct {
	Version  string    `json:"$v"`
	Commit   *int64    `json:"$c"`
	Prepare  *int64    `json:"$p"`
	Original string    `json:"$o,omitempty"`
	Deleted  int       `json:"$deleted,omitempty"`
	CausedBy uuid.UUID `json:"$causedBy,omitzero"`
}

func tagAt(pos int64) tag { return tag{Version: tagVersion, Commit: &pos, Prepare: &pos} }

func tagOf(r *eventlog.Record, l link) tag {
	t := tagAt(r.Pos)
	t.Original, t.CausedBy = l.original, r.ID
	if l.ending {
		t.Deleted = -1
	}
	return t
}

func (t tag) encode() ([]byte, error) { return json.Marshal(t) }

// positionOf reads a tag's position; ok is false when there is none that a projection
// can have written: what it tells of came before it.
func positionOf(r *eventlog.Record) (pos int64, ok bool) {
	var t tag
	if json.Unmarshal(r.Metadata, &t) != nil || t.Commit == nil || *t.Commit >= r.Pos {
		return 0, false
	}
	return *t.Commit, true
}

// target is what is known of a link stream.
type target struct {
	linked int64 // position of the newest event that it has a link to
	bare   bool  // it was never written, and has no metadata
}

// load finds where the projection stands. A checkpoint may be old, and may be gone:
// what was linked since is found in the link streams, so that nothing comes twice.
func (f *follower) load(ctx context.Context) error {
	f.targets.Purge()
	f.noted = 0
	st, err := f.log.FindStream(ctx, f.name.checkpoints())
	if err != nil {
		return err
	}
	f.bare = st.Last == eventlog.NoEvents
	newest, err := f.newest(ctx, st, checkpointType)
	if err != nil {
		return err
	}
	if newest != nil {
		f.noted, _ = positionOf(newest)
	}
	f.position.Store(f.noted)
	return nil
}

// checkpoint are the events that note a position.
func (f *follower) checkpoint(pos int64) ([]eventlog.Placed, error) {
	metadata, err := tagAt(pos).encode()
	if err != nil {
		return nil, err
	}
	stream := f.name.checkpoints()
	note := eventlog.Placed{Stream: stream, Proposed: eventlog.Proposed{
		ID: uuid.New(), Type: checkpointType, JSON: true, Data: []byte("{}"), Metadata: metadata,
	}}
	if f.bare {
		return []eventlog.Placed{metadataOf(stream, keepTwo), note}, nil
	}
	return []eventlog.Placed{note}, nil
}

func metadataOf(stream, metadata string) eventlog.Placed {
	return eventlog.Placed{Stream: eventlog.MetastreamOf(stream), Proposed: eventlog.Proposed{
		ID: uuid.New(), Type: eventlog.MetadataType, JSON: true, Data: []byte(metadata),
	}}
}

// target finds out about a link stream.
func (f *follower) target(ctx context.Context, stream string) (*target, error) {
	if t, ok := f.targets.Get(stream); ok {
		return t, nil
	}
	st, err := f.log.FindStream(ctx, stream)
	if err != nil {
		return nil, err
	}
	t := &target{}
	switch {
	case st.Tombstoned:
		t.linked = math.MaxInt64 // it takes no more
	case st.Last == eventlog.NoEvents:
		meta, err := f.log.FindStream(ctx, eventlog.MetastreamOf(stream))
		if err != nil {
			return nil, err
		}
		t.bare = meta.Last == eventlog.NoEvents
	default:
		newest, err := f.newest(ctx, st, eventlog.LinkType, referenceType)
		if err != nil {
			return nil, err
		}
		if newest != nil {
			t.linked, _ = positionOf(newest)
		}
	}
	f.targets.Add(stream, t)
	return t, nil
}

// newest is the newest event of a projection's own in a stream, hidden or not; others
// may have written there too. Nil when there is none.
func (f *follower) newest(ctx context.Context, st eventlog.StreamState, types ...string) (*eventlog.Record, error) {
	for to := st.Last; to >= 0; {
		page, err := f.log.Revisions(ctx, st, 0, to, true, lookBack)
		if err != nil {
			return nil, fmt.Errorf("look for the newest event of the projection: %w", err)
		}
		for _, r := range page {
			if _, tagged := positionOf(r); tagged && slices.Contains(types, r.Type) {
				return r, nil
			}
		}
		if len(page) == 0 {
			break
		}
		to = page[len(page)-1].Rev - 1
	}
	return nil, nil //nolint:nilnil // its contract
}
