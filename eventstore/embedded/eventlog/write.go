package eventlog

import (
	"errors"
	"fmt"
	"strconv"
)

// Expected revisions beside the plain ones, which are 0 and above.
// The numbers are EventStoreDB's own; they appear in its error texts.
const (
	ExpectAny          = int64(-2)
	ExpectNoStream     = int64(-1)
	ExpectStreamExists = int64(-4)
)

// Kind says what a write does.
type Kind int

// The kinds of writes.
const (
	Append    Kind = iota // adds Events to Stream
	Delete                // hides the events of Stream until more are appended
	Tombstone             // ends Stream for ever
	Scatter               // adds Placed to the streams that they name, all at once
)

// Write is one request to the log.
type Write struct {
	Kind     Kind
	Stream   string // for all but Scatter
	Expected int64
	Events   []Proposed
	Placed   []Placed     // for Scatter
	answer   chan Outcome // takes one outcome without blocking
}

// Placed is an event for the end of a stream, whatever its revision is.
type Placed struct {
	Stream string
	Proposed
}

// Outcome is what became of a write. With err nil it is on disk.
type Outcome struct {
	Last int64 // last revision of the stream, or of the earlier write that this one repeats
	Pos  int64 // position of the last event written; 0 when there was none to write
	err  error
}

// errLogFailed: the disk refused a commit. Nobody knows what of it will be found
// when the file is opened again, so nothing more is written.
var ErrFailed = errors.New("the event log could not be written to disk; appends are refused until the program is started again")

// errClosed: the store is shutting down.
var ErrClosed = errors.New("the event store is shutting down")

// VersionError refuses a write whose expected revision does not hold.
type VersionError struct {
	Stream           string
	Expected, Actual int64
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("wrong expected version of stream %s: expected %d, actual %d", strconv.Quote(e.Stream), e.Expected, e.Actual)
}

// deletedError: the stream is tombstoned, or soft-deleted where that must not be.
type DeletedError struct{ Stream string }

func (e *DeletedError) Error() string { return fmt.Sprintf("Event stream '%s' is deleted.", e.Stream) }
