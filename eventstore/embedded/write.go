package embedded

import (
	"errors"
	"fmt"
	"strconv"
)

// Expected revisions beside the plain ones, which are 0 and above.
// The numbers are EventStoreDB's own; they appear in its error texts.
const (
	expectAny          = int64(-2)
	expectNoStream     = int64(-1)
	expectStreamExists = int64(-4)
)

type writeKind int

const (
	appendEvents writeKind = iota
	softDelete
	tombstone
)

// write is one request to the sequencer.
type write struct {
	kind     writeKind
	stream   string
	expected int64
	events   []proposed
	answer   chan outcome // takes one outcome without blocking
}

// outcome is what became of a write. With err nil it is on disk.
type outcome struct {
	last int64 // last revision of the stream, or of the earlier write that this one repeats
	pos  int64 // position of the last event written; 0 when there was none to write
	err  error
}

// errLogFailed: the disk refused a commit. Nobody knows what of it will be found
// when the file is opened again, so nothing more is written.
var errLogFailed = errors.New("the event log could not be written to disk; appends are refused until the program is started again")

// errClosed: the store is shutting down.
var errClosed = errors.New("the event store is shutting down")

// versionError refuses a write whose expected revision does not hold.
type versionError struct {
	stream           string
	expected, actual int64
}

func (e *versionError) Error() string {
	return fmt.Sprintf("wrong expected version of stream %s: expected %d, actual %d", strconv.Quote(e.stream), e.expected, e.actual)
}

// deletedError: the stream is tombstoned, or soft-deleted where that must not be.
type deletedError struct{ stream string }

func (e *deletedError) Error() string { return fmt.Sprintf("Event stream '%s' is deleted.", e.stream) }
