package eventlog

import (
	"cmp"
	"slices"
	"sync"
)

const (
	tailRecords = 1 << 15  // the newest events held in memory, at most,
	tailBytes   = 32 << 20 // and their size
)

// tail holds the newest events of the log for those who follow it, and wakes them.
// It never waits for them: who falls behind it reads the database.
type tail struct {
	maxRecords, maxBytes int

	mu      sync.RWMutex
	records []*Record // append-only between trims; readers keep slices of it
	bytes   int
	floor   int64 // every committed event after this position is in records
	last    int64
	grown   chan struct{} // closed by the next publish
}

func newTail(last int64, maxRecords, maxBytes int) *tail {
	return &tail{maxRecords: maxRecords, maxBytes: maxBytes, floor: last, last: last, grown: make(chan struct{})}
}

// publish adds committed events, in order of position.
func (t *tail) publish(records []*Record) {
	if len(records) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.records = append(t.records, records...)
	for _, r := range records {
		t.bytes += r.Size()
	}
	t.last = records[len(records)-1].Pos
	t.trim()
	close(t.grown)
	t.grown = make(chan struct{})
}

// trim drops the older half once a bound is passed. The rest moves to an array
// of its own, so that what was dropped can be freed.
func (t *tail) trim() {
	if len(t.records) <= t.maxRecords && t.bytes <= t.maxBytes {
		return
	}
	drop := 0
	for drop < len(t.records) && (len(t.records)-drop > t.maxRecords/2 || t.bytes > t.maxBytes/2) {
		t.bytes -= t.records[drop].Size()
		t.floor = t.records[drop].Pos
		drop++
	}
	t.records = append(make([]*Record, 0, t.maxRecords), t.records[drop:]...)
}

// after returns up to limit events that follow a position, oldest first. ok is
// false when the tail no longer reaches back that far. When there are none yet,
// grown is closed as soon as there are.
func (t *tail) after(pos int64, limit int) (page []*Record, grown <-chan struct{}, ok bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if pos < t.floor {
		return nil, nil, false
	}
	i, found := slices.BinarySearchFunc(t.records, pos, func(r *Record, pos int64) int { return cmp.Compare(r.Pos, pos) })
	if found {
		i++
	}
	end := min(i+limit, len(t.records))
	return t.records[i:end:end], t.grown, true
}

// end is the position of the newest event; 0 when there is none.
func (t *tail) end() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.last
}

func (t *tail) limit(records, bytes int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.maxRecords, t.maxBytes = records, bytes
}
