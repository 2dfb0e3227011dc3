package embedded

import (
	"math"
	"strings"

	"github.com/google/uuid"
)

const (
	noEvents          = int64(-1)            // last revision of a stream without events
	tombstoneRevision = int64(math.MaxInt64) // revision of the event that ends a stream for ever
	softDeletedBefore = int64(math.MaxInt64) // $tb of a soft-deleted stream

	metadataType  = "$metadata"
	tombstoneType = "$streamDeleted"
)

// record is one event as the log holds it. Records are never changed once made:
// the tail, the readers and the subscribers share them.
type record struct {
	pos      int64 // place in $all, from 1
	streamID int64
	stream   string
	rev      int64 // place in its stream, from 0
	created  int64 // 100 ns ticks since the Unix epoch
	proposed
}

// proposed is an event that a client wants to append.
type proposed struct {
	id       uuid.UUID
	typ      string
	json     bool
	data     []byte
	metadata []byte
}

func (p *proposed) size() int { return len(p.data) + len(p.metadata) + len(p.typ) }

const metastreamPrefix = "$$"

// metastreamOf names the stream that holds a stream's metadata.
func metastreamOf(stream string) string { return metastreamPrefix + stream }

// originalOf names the stream whose metadata a metastream holds; ok tells whether it is one.
func originalOf(stream string) (original string, ok bool) {
	return strings.CutPrefix(stream, metastreamPrefix)
}
