package eventlog

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Metadata is the part of a stream's metadata that decides what of it can be read.
type Metadata struct {
	MaxCount       *int64 `json:"$maxCount"`
	MaxAge         *int64 `json:"$maxAge"` // seconds
	TruncateBefore *int64 `json:"$tb"`     // first revision that can be read
}

// parseMetadata reads metadata as the server does: what is not valid counts as no metadata.
func parseMetadata(data []byte) Metadata {
	var m Metadata
	if len(data) == 0 || json.Unmarshal(data, &m) != nil {
		return Metadata{}
	}
	if negative(m.TruncateBefore) || notPositive(m.MaxCount) || notPositive(m.MaxAge) {
		return Metadata{}
	}
	return m
}

func negative(n *int64) bool    { return n != nil && *n < 0 }
func notPositive(n *int64) bool { return n != nil && *n <= 0 }

// SoftDeleted tells whether the stream's events are hidden until more are appended.
func (m Metadata) SoftDeleted() bool {
	return m.TruncateBefore != nil && *m.TruncateBefore == softDeletedBefore
}

// firstRevision is where a stream that ends at last begins to be readable.
func (m Metadata) firstRevision(last int64) int64 {
	first := int64(0)
	if m.MaxCount != nil {
		first = max(first, last-*m.MaxCount+1)
	}
	if m.TruncateBefore != nil {
		first = max(first, *m.TruncateBefore)
	}
	return first
}

// oldest is the time, in ticks, of the oldest event that may still be read.
func (m Metadata) oldest(now time.Time) int64 {
	if m.MaxAge == nil || *m.MaxAge > math.MaxInt64/int64(time.Second) {
		return math.MinInt64
	}
	return Ticks(now.Add(-time.Duration(*m.MaxAge) * time.Second))
}

// softDeletedMetadata replaces all metadata of a stream that is deleted.
func softDeletedMetadata() []byte {
	return []byte(`{"$tb":` + strconv.FormatInt(softDeletedBefore, 10) + `}`)
}

// truncatedMetadata is old with another $tb and all else kept.
func truncatedMetadata(old []byte, before int64) []byte {
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(old, &fields) != nil || fields == nil {
		fields = map[string]json.RawMessage{}
	}
	fields["$tb"] = json.RawMessage(strconv.FormatInt(before, 10))
	data, err := json.Marshal(fields)
	if err != nil { // cannot be: the values came out of valid JSON
		return []byte(`{"$tb":` + strconv.FormatInt(before, 10) + `}`)
	}
	return data
}

func metadataEvent(data []byte) Proposed {
	return Proposed{ID: uuid.New(), Type: MetadataType, JSON: true, Data: data}
}
