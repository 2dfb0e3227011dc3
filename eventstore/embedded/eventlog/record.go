package eventlog

import (
	"math"
	"strings"

	"github.com/google/uuid"
)

// Numbers and types with a meaning of their own, as on a real server.
const (
	NoEvents          = int64(-1)            // last revision of a stream without events
	TombstoneRevision = int64(math.MaxInt64) // revision of the event that ends a stream for ever
	softDeletedBefore = int64(math.MaxInt64) // $tb of a soft-deleted stream

	MetadataType  = "$metadata"
	tombstoneType = "$streamDeleted"
)

// Record is one event as the log holds it. Records are never changed once made:
// the tail, the readers and the subscribers share them.
type Record struct {
	Pos      int64 // place in $all, from 1
	StreamID int64
	Stream   string
	Rev      int64 // place in its stream, from 0
	Created  int64 // 100 ns ticks since the Unix epoch
	link     link  // of the chain; only the journal knows it
	Proposed
}

// Proposed is an event that a client wants to append.
type Proposed struct {
	ID       uuid.UUID
	Type     string
	JSON     bool
	Data     []byte
	Metadata []byte
}

// Size is how many bytes the event brings with it.
func (p *Proposed) Size() int { return len(p.Data) + len(p.Metadata) + len(p.Type) }

const metastreamPrefix = "$$"

// MetastreamOf names the stream that holds a stream's metadata.
func MetastreamOf(stream string) string { return metastreamPrefix + stream }

// OriginalOf names the stream whose metadata a metastream holds; ok tells whether it is one.
func OriginalOf(stream string) (original string, ok bool) {
	return strings.CutPrefix(stream, metastreamPrefix)
}
